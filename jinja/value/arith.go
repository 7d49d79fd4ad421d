package value

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
)

// Op is an arithmetic operator.
type Op string

// The operators.
const (
	Add      Op = "+"
	Sub      Op = "-"
	Mul      Op = "*"
	Div      Op = "/"
	FloorDiv Op = "//"
	Mod      Op = "%"
	Pow      Op = "**"
)

// maxText bounds in bytes what multiplying text may make; of lists it may make
// a sixteenth as many items. Python would go on until memory ends.
const maxText = 64 << 20

const maxPowBits = 1 << 24

// Arith is a op b as Python has it for the types of this package.
func Arith(op Op, a, b Value) (Value, error) {
	if x, ok := a.(Int); ok {
		if y, ok := b.(Int); ok {
			if v, ok := smallInts(op, int64(x), int64(y)); ok {
				return v, nil
			}
		}
	}
	if isNumber(a) && isNumber(b) {
		return numbers(op, a, b)
	}
	if err := faultOfOperand(op, a, b); err != nil {
		return nil, err
	}
	var v Value
	var err error
	switch op {
	case Add:
		v, err = concat(a, b)
	case Mul:
		v, err = repeat(a, b)
	case Mod:
		if s, ok := AsText(a); ok {
			s, err := Percent(s, b)
			return Str(s), err
		}
	}
	if v != nil || err != nil {
		return v, err
	}
	if v, err := datesAndSets(op, a, b); v != nil || err != nil {
		return v, err
	}
	name := string(op)
	if op == Pow {
		name = "** or pow()"
	}
	return nil, fmt.Errorf("unsupported operand type(s) for %s: '%s' and '%s'", name, a.Type(), b.Type())
}

// faultOfOperand is the error of an operand that cannot be used. A format that
// prints nothing has no use for its argument.
func faultOfOperand(op Op, a, b Value) error {
	if f, ok := a.(Faulty); ok {
		return f.Fault()
	}
	f, ok := b.(Faulty)
	if !ok {
		return nil
	}
	if _, isText := AsText(a); isText && op == Mod {
		return nil
	}
	return f.Fault()
}

// smallInts does what cannot overflow.
func smallInts(op Op, x, y int64) (Value, bool) {
	switch op {
	case Add:
		if z := x + y; (z > x) == (y > 0) {
			return Int(z), true
		}
	case Sub:
		if z := x - y; (z < x) == (y > 0) {
			return Int(z), true
		}
	case Mul:
		if abs := max(x, -x) | max(y, -y); abs >= 0 && abs < 1<<31 {
			return Int(x * y), true
		}
	case FloorDiv:
		if y != 0 && y != -1 {
			return Int(floorDiv(x, y)), true
		}
	case Mod:
		if y != 0 && y != -1 {
			return Int(x - floorDiv(x, y)*y), true
		}
	}
	return nil, false
}

func numbers(op Op, a, b Value) (Value, error) {
	_, aFloat := a.(Float)
	_, bFloat := b.(Float)
	if !aFloat && !bFloat {
		x, _ := AsBig(a)
		y, _ := AsBig(b)
		return bigInts(op, x, y)
	}
	x, _ := AsFloat(a)
	y, _ := AsFloat(b)
	if (math.IsInf(x, 0) && !aFloat) || (math.IsInf(y, 0) && !bFloat) {
		return nil, errors.New("int too large to convert to float")
	}
	return floats(op, x, y)
}

func bigInts(op Op, x, y *big.Int) (Value, error) {
	z := new(big.Int)
	switch op {
	case Add:
		return NewInt(z.Add(x, y)), nil
	case Sub:
		return NewInt(z.Sub(x, y)), nil
	case Mul:
		if x.BitLen()+y.BitLen() > maxPowBits {
			return nil, errors.New("integer too large")
		}
		return NewInt(z.Mul(x, y)), nil
	case Div:
		if y.Sign() == 0 {
			return nil, errors.New("division by zero")
		}
		f, _ := new(big.Rat).SetFrac(x, y).Float64()
		if math.IsInf(f, 0) {
			return nil, errors.New("integer division result too large for a float")
		}
		return Float(f), nil
	case FloorDiv, Mod:
		if y.Sign() == 0 {
			if op == Mod {
				return nil, errors.New("integer modulo by zero")
			}
			return nil, errors.New("integer division or modulo by zero")
		}
		// Go's Euclidean division differs from Python's floor for negative divisors.
		q, m := z.DivMod(x, y, new(big.Int))
		if m.Sign() != 0 && y.Sign() < 0 {
			q.Sub(q, big.NewInt(1))
			m.Add(m, y)
		}
		if op == Mod {
			return NewInt(m), nil
		}
		return NewInt(q), nil
	}
	if y.Sign() < 0 {
		fx, _ := new(big.Float).SetInt(x).Float64()
		fy, _ := new(big.Float).SetInt(y).Float64()
		return floats(Pow, fx, fy)
	}
	if x.BitLen() > 1 && (!y.IsInt64() || int64(x.BitLen())*y.Int64() > maxPowBits) {
		return nil, errors.New("integer power too large")
	}
	return NewInt(z.Exp(x, y, nil)), nil
}

func floats(op Op, x, y float64) (Value, error) {
	switch op {
	case Add:
		return Float(x + y), nil
	case Sub:
		return Float(x - y), nil
	case Mul:
		return Float(x * y), nil
	case Div:
		if y == 0 {
			return nil, errors.New("float division by zero")
		}
		return Float(x / y), nil
	case FloorDiv:
		if y == 0 {
			return nil, errors.New("float floor division by zero")
		}
		return Float(floatFloorDiv(x, y)), nil
	case Mod:
		if y == 0 {
			return nil, errors.New("float modulo")
		}
		return Float(floatMod(x, y)), nil
	}
	switch {
	case x == 0 && y < 0:
		return nil, errors.New("0.0 cannot be raised to a negative power")
	case x < 0 && y != math.Trunc(y) && !math.IsInf(y, 0):
		return nil, errors.New("Type 'complex' is unsupported for variable storage.")
	}
	z := math.Pow(x, y)
	if math.IsInf(z, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0) {
		return nil, errors.New("(34, 'Numerical result out of range')")
	}
	return Float(z), nil
}

func floatMod(x, y float64) float64 {
	m := math.Mod(x, y)
	if m != 0 && (m < 0) != (y < 0) {
		m += y
	} else if m == 0 {
		m = math.Copysign(0, y)
	}
	return m
}

func floatFloorDiv(x, y float64) float64 {
	q := (x - floatMod(x, y)) / y
	f := math.Floor(q)
	if q-f > 0.5 {
		f++
	}
	if f == 0 {
		f = math.Copysign(0, x/y)
	}
	return f
}

func concat(a, b Value) (Value, error) {
	switch x := a.(type) {
	case Str:
		switch y := b.(type) {
		case Str:
			if len(x)+len(y) > maxText {
				return nil, errTooLong
			}
			return x + y, nil
		case Markup:
			return Markup(EscapeHTML(string(x))) + y, nil
		}
	case Markup:
		switch y := b.(type) {
		case Markup:
			return x + y, nil
		case Str:
			return x + Markup(EscapeHTML(string(y))), nil
		}
	case Bytes:
		if y, ok := b.(Bytes); ok {
			return x + y, nil
		}
		return nil, fmt.Errorf("can't concat %s to bytes", b.Type())
	case *List:
		if y, ok := b.(*List); ok {
			return &List{Items: join(x.Items, y.Items), Lazy: x.Lazy || y.Lazy}, nil
		}
	case *Tuple:
		if y, ok := b.(*Tuple); ok {
			return &Tuple{Items: join(x.Items, y.Items)}, nil
		}
	default:
		return nil, nil
	}
	return nil, fmt.Errorf("can only concatenate %s (not \"%s\") to %s", a.Type(), b.Type(), a.Type())
}

var (
	errTooLong     = fmt.Errorf("text is too long (more than %d MiB)", maxText>>20)
	errListTooLong = fmt.Errorf("list is too long (more than %d items)", maxText/16)
)

// EscapeHTML escapes &, <, >, ' and " as markupsafe does.
func EscapeHTML(s string) string {
	if !strings.ContainsAny(s, `&<>'"`) {
		return s
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;").Replace(s)
}

func join(a, b []Value) []Value {
	return append(append(make([]Value, 0, len(a)+len(b)), a...), b...)
}

func isSequence(v Value) bool {
	switch v.(type) {
	case Str, Markup, Bytes, *List, *Tuple:
		return true
	}
	return false
}

func repeat(a, b Value) (Value, error) {
	if !isSequence(a) {
		if !isSequence(b) {
			return nil, nil
		}
		a, b = b, a
	}
	n, ok := AsInt(b)
	if !ok {
		if _, big := b.(*BigInt); big {
			return nil, errors.New("cannot fit 'int' into an index-sized integer")
		}
		return nil, fmt.Errorf("can't multiply sequence by non-int of type '%s'", b.Type())
	}
	n = max(n, 0)
	size, err := Len(a)
	if err != nil {
		return nil, err
	}
	most := int64(maxText / 16) // items
	tooBig := errListTooLong
	if s, ok := AsText(a); ok {
		size, most, tooBig = len(s), maxText, errTooLong
	} else if _, ok := a.(Bytes); ok {
		most, tooBig = maxText, errTooLong
	}
	if size == 0 {
		n = 0
	} else if n > most/int64(size) {
		return nil, tooBig
	}
	switch x := a.(type) {
	case Str:
		return Str(strings.Repeat(string(x), int(n))), nil
	case Markup:
		return Markup(strings.Repeat(string(x), int(n))), nil
	case Bytes:
		return Bytes(strings.Repeat(string(x), int(n))), nil
	case *List:
		return &List{Items: repeatItems(x.Items, int(n)), Lazy: x.Lazy}, nil
	}
	return &Tuple{Items: repeatItems(a.(*Tuple).Items, int(n))}, nil
}

func repeatItems(items []Value, n int) []Value {
	out := make([]Value, 0, len(items)*n)
	for range n {
		out = append(out, items...)
	}
	return out
}

// Neg is -v.
func Neg(v Value) (Value, error) {
	switch n := v.(type) {
	case Float:
		return -n, nil
	case *Delta:
		return &Delta{D: -n.D}, nil
	case Faulty:
		return nil, n.Fault()
	}
	if n, ok := AsBig(v); ok {
		return NewInt(new(big.Int).Neg(n)), nil
	}
	return nil, fmt.Errorf("bad operand type for unary -: '%s'", v.Type())
}

// Plus is +v.
func Plus(v Value) (Value, error) {
	switch n := v.(type) {
	case Float, Int, *BigInt, *Delta:
		return n, nil
	case Bool:
		i, _ := AsInt(n)
		return Int(i), nil
	case Faulty:
		return nil, n.Fault()
	}
	return nil, fmt.Errorf("bad operand type for unary +: '%s'", v.Type())
}
