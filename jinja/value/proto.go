package value

import (
	"fmt"
	"math/big"
)

// What values from other packages may do beyond having a type. The types of
// this package need none of these.
type (
	// Faulty is a value that can be handed on but not used: expr.Undefined.
	Faulty interface {
		Value
		Fault() error
	}
	// Attrer has attributes: v.name.
	Attrer interface {
		Value
		Attr(name string) (v Value, found bool, err error)
	}
	// Itemer has items: v[key].
	Itemer interface {
		Value
		Item(key Value) (v Value, found bool, err error)
	}
	// Iterable can be looped over.
	Iterable interface {
		Value
		Items() ([]Value, error)
	}
	// NamedTuple is a tuple whose items have names too: what groupby yields. A
	// result keeps it as a list.
	NamedTuple interface {
		Value
		Tuple() *Tuple
	}
	// Sized has a length.
	Sized interface {
		Value
		Len() (int, error)
	}
	// Mapping is a read-only dict whose items are found when asked for: hostvars.
	Mapping interface {
		Value
		MapKeys() ([]Value, error)
		MapGet(key Value) (v Value, found bool, err error)
	}
	// Texter says what it prints as.
	Texter interface {
		Value
		Text() string
	}
	// Truther says whether it is true.
	Truther interface {
		Value
		Truth() bool
	}
)

// Markup is text that the filters safe and escape made: HTML already escaped.
// It behaves as Str everywhere else.
type Markup string

// Type is markupsafe's.
func (Markup) Type() string { return "Markup" }

// AsText gives the text of a Str or Markup.
func AsText(v Value) (string, bool) {
	switch s := v.(type) {
	case Str:
		return string(s), true
	case Markup:
		return string(s), true
	}
	return "", false
}

// AsInt gives an integer's or boolean's value where it fits.
func AsInt(v Value) (int64, bool) {
	switch n := v.(type) {
	case Int:
		return int64(n), true
	case Bool:
		if n {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// AsBig gives an integer or boolean as a big.Int, not to be changed.
func AsBig(v Value) (*big.Int, bool) {
	if b, ok := v.(*BigInt); ok {
		return b.N, true
	}
	n, ok := AsInt(v)
	return big.NewInt(n), ok
}

// AsFloat gives a number as a float.
func AsFloat(v Value) (float64, bool) {
	switch n := v.(type) {
	case Float:
		return float64(n), true
	case *BigInt:
		f, _ := new(big.Float).SetInt(n.N).Float64()
		return f, true
	}
	n, ok := AsInt(v)
	return float64(n), ok
}

// Index gives v as Python's __index__ does: integers only.
func Index(v Value) (int64, error) {
	if n, ok := AsInt(v); ok {
		return n, nil
	}
	if _, ok := v.(*BigInt); ok {
		return 0, fmt.Errorf("cannot fit 'int' into an index-sized integer")
	}
	return 0, fmt.Errorf("'%s' object cannot be interpreted as an integer", v.Type())
}

// Truth reports whether v is true as Python has it.
func Truth(v Value) bool {
	switch c := v.(type) {
	case Bool:
		return bool(c)
	case NoneType:
		return false
	case Int:
		return c != 0
	case Float:
		return c != 0
	case Str:
		return c != ""
	case Markup:
		return c != ""
	case Bytes:
		return c != ""
	case *List:
		return len(c.Items) > 0
	case *Dict:
		return c.Len() > 0
	case *Tuple:
		return len(c.Items) > 0
	case *Set:
		return c.Len() > 0
	case Range:
		return c.Len() > 0
	case *Delta:
		return c.D != 0
	case Truther:
		return c.Truth()
	case Sized:
		n, err := c.Len()
		return err != nil || n > 0
	case Mapping:
		keys, err := c.MapKeys()
		return err != nil || len(keys) > 0
	}
	return true
}

// Len is len(v): characters of text, items of a container.
func Len(v Value) (int, error) {
	switch c := v.(type) {
	case Str:
		return runeCount(string(c)), nil
	case Markup:
		return runeCount(string(c)), nil
	case Bytes:
		return len(c), nil
	case *List:
		return len(c.Items), nil
	case *Tuple:
		return len(c.Items), nil
	case *Dict:
		return c.Len(), nil
	case *Set:
		return c.Len(), nil
	case Range:
		return int(c.Len()), nil
	case Sized:
		return c.Len()
	case Mapping:
		keys, err := c.MapKeys()
		return len(keys), err
	case Faulty:
		return 0, c.Fault()
	}
	return 0, fmt.Errorf("object of type '%s' has no len()", v.Type())
}

// maxRange bounds what a range may be spread to: each item costs memory.
const maxRange = 10_000_000

// Items gives what a loop over v yields: items of lists, keys of dicts,
// characters of text. The slice may be v's own and is not to be changed; its
// items may be thunks where v is lazy.
func Items(v Value) ([]Value, error) {
	switch c := v.(type) {
	case *List:
		return c.Items, nil
	case *Tuple:
		return c.Items, nil
	case *Dict:
		return c.keys, nil
	case *Set:
		return c.d.keys, nil
	case Str:
		return chars(string(c)), nil
	case Markup:
		return chars(string(c)), nil
	case Bytes:
		items := make([]Value, len(c))
		for i := range len(c) {
			items[i] = Int(c[i])
		}
		return items, nil
	case Range:
		n := c.Len()
		if n > maxRange {
			return nil, fmt.Errorf("range of %d items is too big to be looped over (at most %d)", n, maxRange)
		}
		items := make([]Value, n)
		for i := range items {
			items[i] = Int(c.Start + int64(i)*c.Step)
		}
		return items, nil
	case Iterable:
		return c.Items()
	case Mapping:
		return c.MapKeys()
	case Faulty:
		return nil, c.Fault()
	}
	return nil, fmt.Errorf("'%s' object is not iterable", v.Type())
}

// IsIterable reports whether Items can work on v.
func IsIterable(v Value) bool {
	switch v.(type) {
	case *List, *Tuple, *Dict, *Set, Str, Markup, Bytes, Range, Iterable, Mapping:
		return true
	}
	return false
}

// Len is the number of items of the range.
func (r Range) Len() int64 {
	switch {
	case r.Step > 0 && r.Start < r.Stop:
		return (r.Stop-r.Start-1)/r.Step + 1
	case r.Step < 0 && r.Start > r.Stop:
		return (r.Start-r.Stop-1)/(-r.Step) + 1
	}
	return 0
}

// runeCount counts characters; a byte that is not UTF-8 counts as one.
func runeCount(s string) int {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return len([]rune(s))
		}
	}
	return len(s)
}

// ascii holds the one-character texts, so that looping over text allocates little.
var ascii = func() (t [128]Value) {
	for i := range t {
		t[i] = Str(string(rune(i)))
	}
	return t
}()

func chars(s string) []Value {
	items := make([]Value, 0, len(s))
	for i := 0; i < len(s); {
		n := runeLen(s[i:])
		if n == 1 && s[i] < 128 {
			items = append(items, ascii[s[i]])
		} else {
			items = append(items, Str(s[i:i+n]))
		}
		i += n
	}
	return items
}
