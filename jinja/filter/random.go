package filter

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addLazy("random", "rand", random)
	addLazy("shuffle", "randomize_list", shuffle)
}

// Source gives random integers below n.
type Source func(n *big.Int) (*big.Int, error)

// NewSource gives a source of random integers: Python's own with a seed, the
// system's where seed is nil or None.
func NewSource(seed value.Value) (Source, error) {
	var t *twister
	switch s := orNone(seed).(type) {
	case value.NoneType:
		return func(n *big.Int) (*big.Int, error) { return rand.Int(rand.Reader, n) }, nil
	case value.Str:
		t = newTextTwister(string(s))
	case value.Markup:
		t = newTextTwister(string(s))
	case value.Bytes:
		t = newTextTwister(string(s))
	case value.Float:
		t = newTwister(big.NewInt(floatHash(float64(s))))
	default:
		n, ok := value.AsBig(seed)
		if !ok {
			return nil, errors.New("The only supported seed types are: None,\nint, float, str, bytes, and bytearray.")
		}
		t = newTwister(n)
	}
	return func(n *big.Int) (*big.Int, error) { return t.below(n), nil }, nil
}

func random(c *expr.Call) (value.Value, error) {
	var end, start, step, seed value.Value
	if err := unpackEnv(c, "end", &end, "start?", &start, "step?", &step, "seed?", &seed); err != nil {
		return nil, err
	}
	end, err := force(end)
	if err != nil {
		return nil, err
	}
	for _, v := range []*value.Value{&start, &step, &seed} {
		if *v != nil {
			if *v, err = deep(*v); err != nil {
				return nil, err
			}
		}
	}
	src, err := NewSource(seed)
	if err != nil {
		return nil, err
	}
	if n, ok := value.AsBig(end); ok {
		return randRange(src, start, n, step)
	}
	if !value.IsIterable(end) {
		return nil, errors.New("random can only be used on sequences and integers")
	}
	if start != nil && value.Truth(start) || step != nil && value.Truth(step) {
		return nil, errors.New("start and step can only be used with integer values")
	}
	size, err := value.Len(end)
	if err != nil {
		return nil, err
	}
	if size == 0 {
		return nil, errors.New("Cannot choose from an empty sequence")
	}
	i, err := src(big.NewInt(int64(size)))
	if err != nil {
		return nil, err
	}
	item, found, err := value.Item(end, value.NewInt(i))
	if err != nil || !found {
		// Python looks in a dict for the index as a key.
		return nil, fmt.Errorf("%s", i)
	}
	return value.Force(item)
}

func randRange(src Source, start value.Value, end *big.Int, step value.Value) (value.Value, error) {
	from, by := new(big.Int), big.NewInt(1)
	for _, p := range []struct {
		v value.Value
		n **big.Int
	}{{start, &from}, {step, &by}} {
		if p.v == nil || !value.Truth(p.v) {
			continue
		}
		n, ok := value.AsBig(p.v)
		if !ok {
			return nil, fmt.Errorf("'%s' object cannot be interpreted as an integer", p.v.Type())
		}
		*p.n = n
	}
	width := new(big.Int).Sub(end, from)
	one := big.NewInt(1)
	n := new(big.Int).Set(width)
	if by.Cmp(one) != 0 {
		// the number of steps, rounded up
		n.Add(n, by)
		if by.Sign() > 0 {
			n.Sub(n, one)
		} else {
			n.Add(n, one)
		}
		mod := new(big.Int)
		n.DivMod(n, by, mod)
		if by.Sign() < 0 && mod.Sign() != 0 {
			n.Sub(n, one)
		}
		if n.Sign() <= 0 {
			return nil, errors.New("empty range for randrange()")
		}
	} else if n.Sign() <= 0 {
		return nil, fmt.Errorf("empty range for randrange() (%s, %s, %s)", from, end, width)
	}
	r, err := src(n)
	if err != nil {
		return nil, err
	}
	return value.NewInt(r.Add(from, r.Mul(r, by))), nil
}

func shuffle(c *expr.Call) (value.Value, error) {
	var v, seed value.Value
	if err := c.Unpack("mylist", &v, "seed?", &seed); err != nil {
		return nil, err
	}
	v, err := force(v)
	if err != nil || !value.IsIterable(v) {
		return v, err
	}
	if seed != nil {
		if seed, err = deep(seed); err != nil {
			return nil, err
		}
	}
	items, err := value.Items(v)
	if err != nil {
		return nil, err
	}
	src, err := NewSource(seed)
	if err != nil {
		return nil, err
	}
	out := append([]value.Value(nil), items...)
	for i := len(out) - 1; i > 0; i-- {
		j, err := src(big.NewInt(int64(i + 1)))
		if err != nil {
			return nil, err
		}
		k := int(j.Int64())
		out[i], out[k] = out[k], out[i]
	}
	return &value.List{Items: out, Lazy: value.IsLazy(v)}, nil
}

// Picks gives n times a choice among size things, by their index, as Python's
// random.Random(seed).choice makes them; without a seed they are unpredictable.
func Picks(seed value.Value, size, n int) ([]int, error) {
	src, err := NewSource(seed)
	if err != nil {
		return nil, err
	}
	if size == 0 && n > 0 {
		return nil, errors.New("Cannot choose from an empty sequence")
	}
	out := make([]int, max(n, 0))
	for i := range out {
		k, err := src(big.NewInt(int64(size)))
		if err != nil {
			return nil, err
		}
		out[i] = int(k.Int64())
	}
	return out, nil
}
