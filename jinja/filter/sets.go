package filter

import (
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addKeys("union", "union", union)
	addKeys("intersect", "intersect", intersect)
	addKeys("difference", "difference", difference)
	addKeys("symmetric_difference", "symmetric_difference", symmetricDifference)
}

func twoArgs(c *expr.Call) (a, b value.Value, err error) {
	err = unpackEnv(c, "a", &a, "b", &b)
	return a, b, err
}

// hashed gives the items of both as Python's sets would hold them, if all can be hashed.
func hashed(a, b value.Value) (x, y *pySet, ok bool) {
	x, ok = setOf(a)
	if !ok {
		return nil, nil, false
	}
	y, ok = setOf(b)
	return x, y, ok
}

func setOf(v value.Value) (*pySet, bool) {
	items, err := value.Items(v)
	if err != nil {
		return nil, false
	}
	for _, item := range items {
		if !value.Hashable(item) {
			return nil, false
		}
	}
	return newPySet(items), true
}

func union(c *expr.Call) (value.Value, error) {
	a, b, err := twoArgs(c)
	if err != nil {
		return nil, err
	}
	if x, y, ok := hashed(a, b); ok {
		return list(x.union(y).items()), nil
	}
	both, err := value.Arith(value.Add, a, b)
	if err != nil {
		return nil, err
	}
	items, err := value.Items(both)
	return list(Distinct(items)), err
}

func intersect(c *expr.Call) (value.Value, error) {
	a, b, err := twoArgs(c)
	if err != nil {
		return nil, err
	}
	if x, y, ok := hashed(a, b); ok {
		return list(x.intersect(y).items()), nil
	}
	return keep(a, b, true)
}

// keep gives the distinct items of a that are, or are not, in b.
func keep(a, b value.Value, in bool) (value.Value, error) {
	items, err := value.Items(a)
	if err != nil {
		return nil, err
	}
	if !value.IsIterable(b) {
		if len(items) == 0 {
			return list(nil), nil
		}
		return nil, fmt.Errorf("argument of type '%s' is not iterable", b.Type())
	}
	others, err := value.Items(b)
	if err != nil {
		return nil, err
	}
	return list(Distinct(Those(items, others, in))), nil
}

// Those gives the items that are among others, or with in unset those that are not.
func Those(items, others []value.Value, in bool) []value.Value {
	bag := newBag(others)
	var out []value.Value
	for _, item := range items {
		if bag.has(item) == in {
			out = append(out, item)
		}
	}
	return out
}

func difference(c *expr.Call) (value.Value, error) {
	a, b, err := twoArgs(c)
	if err != nil {
		return nil, err
	}
	if x, y, ok := hashed(a, b); ok {
		return list(x.difference(y).items()), nil
	}
	return keep(a, b, false)
}

func symmetricDifference(c *expr.Call) (value.Value, error) {
	a, b, err := twoArgs(c)
	if err != nil {
		return nil, err
	}
	if x, y, ok := hashed(a, b); ok {
		return list(x.symmetricDifference(y).items()), nil
	}
	common, err := keep(a, b, true)
	if err != nil {
		return nil, err
	}
	both, err := value.Arith(value.Add, a, b)
	if err != nil {
		return nil, err
	}
	return keep(both, common, false)
}
