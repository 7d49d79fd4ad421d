package value

import (
	"fmt"
	"math"
	"math/big"
)

// Equal is a == b.
func Equal(a, b Value) bool { return equal(a, b, 0) }

func equal(a, b Value, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch x := a.(type) {
	case Str:
		s, ok := AsText(b)
		return ok && string(x) == s
	case Markup:
		s, ok := AsText(b)
		return ok && string(x) == s
	case Bool, Int, Float, *BigInt:
		c, ok := compareNumbers(a, b)
		return ok && c == 0
	case *List:
		y, ok := b.(*List)
		return ok && (x == y || equalItems(x.Items, y.Items, depth))
	case *Tuple:
		y, ok := b.(*Tuple)
		return ok && equalItems(x.Items, y.Items, depth)
	case *Dict:
		switch y := b.(type) {
		case *Dict:
			return x == y || equalDicts(x, y, depth)
		case Mapping:
			return equalMapping(x, y, depth)
		}
		return false
	case *Set:
		y, ok := b.(*Set)
		return ok && x.Len() == y.Len() && subset(x, y)
	case Range:
		y, ok := b.(Range)
		return ok && equalRanges(x, y)
	case *DateTime:
		y, ok := b.(*DateTime)
		return ok && x.Naive == y.Naive && x.T.Equal(y.T)
	case *Date:
		y, ok := b.(*Date)
		return ok && x.T.Equal(y.T)
	case *Delta:
		y, ok := b.(*Delta)
		return ok && x.D == y.D
	case Mapping:
		if y, ok := b.(*Dict); ok {
			return equalMapping(y, x, depth)
		}
	case Thunk:
		v, err := x.Force()
		return err == nil && equal(v, b, depth+1)
	}
	if t, ok := b.(Thunk); ok {
		v, err := t.Force()
		return err == nil && equal(a, v, depth+1)
	}
	return comparable(a) && comparable(b) && a == b
}

// comparable guards == on interfaces, which panics on some dynamic types.
func comparable(v Value) bool {
	switch v.(type) {
	case NoneType, Bytes:
		return true
	}
	defer func() { _ = recover() }()
	return v == v //nolint:staticcheck // panics where == is not to be had
}

func equalItems(a, b []Value, depth int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i], depth+1) {
			return false
		}
	}
	return true
}

func equalDicts(a, b *Dict, depth int) bool {
	if a.Len() != b.Len() {
		return false
	}
	for k, v := range a.All() {
		w, ok := b.Get(k)
		if !ok || !equal(v, w, depth+1) {
			return false
		}
	}
	return true
}

func equalMapping(d *Dict, m Mapping, depth int) bool {
	keys, err := m.MapKeys()
	if err != nil || len(keys) != d.Len() {
		return false
	}
	for k, v := range d.All() {
		w, ok, err := m.MapGet(k)
		if err != nil || !ok || !equal(v, w, depth+1) {
			return false
		}
	}
	return true
}

func equalRanges(a, b Range) bool {
	n := a.Len()
	return n == b.Len() && (n == 0 || a.Start == b.Start && (n == 1 || a.Step == b.Step))
}

func subset(a, b *Set) bool {
	for v := range a.All() {
		if !b.Has(v) {
			return false
		}
	}
	return true
}

// compareNumbers orders two numbers; ok is false if either is none or NaN.
func compareNumbers(a, b Value) (c int, ok bool) {
	if x, isInt := AsInt(a); isInt {
		if y, isInt := AsInt(b); isInt {
			switch {
			case x < y:
				return -1, true
			case x > y:
				return 1, true
			}
			return 0, true
		}
	}
	fa, aFloat := a.(Float)
	fb, bFloat := b.(Float)
	if aFloat && bFloat {
		return compareFloats(float64(fa), float64(fb))
	}
	if aFloat {
		y, ok := AsBig(b)
		if !ok || math.IsNaN(float64(fa)) {
			return 0, false
		}
		return -compareBigFloat(y, float64(fa)), true
	}
	x, ok := AsBig(a)
	if !ok {
		return 0, false
	}
	if bFloat {
		if math.IsNaN(float64(fb)) {
			return 0, false
		}
		return compareBigFloat(x, float64(fb)), true
	}
	y, ok := AsBig(b)
	if !ok {
		return 0, false
	}
	return x.Cmp(y), true
}

func compareFloats(x, y float64) (int, bool) {
	switch {
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	case x == y:
		return 0, true
	}
	return 0, false
}

// compareBigFloat compares without rounding.
func compareBigFloat(x *big.Int, f float64) int {
	if math.IsInf(f, 0) {
		if f > 0 {
			return -1
		}
		return 1
	}
	return new(big.Float).SetInt(x).Cmp(big.NewFloat(f))
}

func isNumber(v Value) bool {
	switch v.(type) {
	case Bool, Int, Float, *BigInt:
		return true
	}
	return false
}

// Order is an operator of ordering.
type Order string

// The orderings.
const (
	Lt Order = "<"
	Le Order = "<="
	Gt Order = ">"
	Ge Order = ">="
)

func (o Order) holds(c int) Value {
	switch o {
	case Lt:
		return Bool(c < 0)
	case Le:
		return Bool(c <= 0)
	case Gt:
		return Bool(c > 0)
	}
	return Bool(c >= 0)
}

// Compare is a op b, with Python's TypeError where the types have no order.
func Compare(op Order, a, b Value) (bool, error) {
	v, err := compare(op, a, b, 0)
	if err != nil {
		return false, err
	}
	return bool(v.(Bool)), nil
}

// Less is a < b, for sorting.
func Less(a, b Value) (bool, error) { return Compare(Lt, a, b) }

func compare(op Order, a, b Value, depth int) (Value, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("maximum recursion depth exceeded in comparison")
	}
	switch x := a.(type) {
	case Str, Markup:
		s, _ := AsText(x)
		if y, ok := AsText(b); ok {
			return op.holds(compareText(s, y)), nil
		}
	case Bytes:
		if y, ok := b.(Bytes); ok {
			return op.holds(compareText(string(x), string(y))), nil
		}
	case Bool, Int, Float, *BigInt:
		if isNumber(b) {
			c, ok := compareNumbers(a, b)
			if !ok {
				return False, nil
			}
			return op.holds(c), nil
		}
	case *List:
		if y, ok := b.(*List); ok {
			return compareItems(op, x.Items, y.Items, depth)
		}
	case *Tuple:
		if y, ok := b.(*Tuple); ok {
			return compareItems(op, x.Items, y.Items, depth)
		}
	case *Set:
		if y, ok := b.(*Set); ok {
			return compareSets(op, x, y), nil
		}
	case *DateTime:
		if y, ok := b.(*DateTime); ok {
			if x.Naive != y.Naive {
				return nil, fmt.Errorf("can't compare offset-naive and offset-aware datetimes")
			}
			return op.holds(x.T.Compare(y.T)), nil
		}
	case *Date:
		if y, ok := b.(*Date); ok {
			return op.holds(x.T.Compare(y.T)), nil
		}
	case *Delta:
		if y, ok := b.(*Delta); ok {
			return op.holds(int(min(max(x.D-y.D, -1), 1))), nil
		}
	case Faulty:
		return nil, x.Fault()
	}
	if f, ok := b.(Faulty); ok {
		return nil, f.Fault()
	}
	return nil, fmt.Errorf("'%s' not supported between instances of '%s' and '%s'", op, a.Type(), b.Type())
}

// compareText orders by code point, which for UTF-8 is the order of bytes.
func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func compareItems(op Order, a, b []Value, depth int) (Value, error) {
	for i := range min(len(a), len(b)) {
		if !equal(a[i], b[i], depth+1) {
			return compare(op, a[i], b[i], depth+1)
		}
	}
	return op.holds(len(a) - len(b)), nil
}

func compareSets(op Order, a, b *Set) Value {
	switch op {
	case Lt:
		return Bool(a.Len() < b.Len() && subset(a, b))
	case Le:
		return Bool(subset(a, b))
	case Gt:
		return Bool(b.Len() < a.Len() && subset(b, a))
	}
	return Bool(subset(b, a))
}

// Contains is item in v.
func Contains(v, item Value) (bool, error) {
	switch c := v.(type) {
	case Str, Markup:
		s, _ := AsText(c)
		sub, ok := AsText(item)
		if !ok {
			return false, fmt.Errorf("'in <string>' requires string as left operand, not %s", item.Type())
		}
		return containsText(s, sub), nil
	case *List:
		return containsItem(c.Items, item), nil
	case *Tuple:
		return containsItem(c.Items, item), nil
	case *Dict:
		if !Hashable(item) {
			return false, Unhashable(item)
		}
		_, ok := c.Get(item)
		return ok, nil
	case *Set:
		if !Hashable(item) {
			return false, Unhashable(item)
		}
		return c.Has(item), nil
	case Range:
		n, ok := AsInt(item)
		if !ok {
			f, isFloat := item.(Float)
			if n = int64(f); !isFloat || Float(n) != f {
				return false, nil
			}
		}
		if c.Step > 0 {
			return n >= c.Start && n < c.Stop && (n-c.Start)%c.Step == 0, nil
		}
		return n <= c.Start && n > c.Stop && (c.Start-n)%-c.Step == 0, nil
	case Mapping:
		_, ok, err := c.MapGet(item)
		return ok, err
	case Iterable:
		items, err := c.Items()
		return err == nil && containsItem(items, item), err
	case Faulty:
		return false, c.Fault()
	}
	return false, fmt.Errorf("argument of type '%s' is not iterable", v.Type())
}

// Unhashable is the error of using v as a key.
func Unhashable(v Value) error {
	if t, ok := v.(*Tuple); ok {
		for _, item := range t.Items {
			if !Hashable(item) {
				return Unhashable(item)
			}
		}
	}
	return fmt.Errorf("unhashable type: '%s'", v.Type())
}

func containsItem(items []Value, item Value) bool {
	for _, x := range items {
		if Equal(x, item) {
			return true
		}
	}
	return false
}
