package test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	for name, py := range map[string]string{"eq": "eq", "==": "eq", "equalto": "eq"} {
		addItems(name, py, func(c *expr.Call) (bool, error) {
			return equal(c)
		})
	}
	for _, name := range []string{"ne", "!="} {
		addItems(name, "ne", func(c *expr.Call) (bool, error) {
			same, err := equal(c)
			return err == nil && !same, err
		})
	}
	for _, o := range []struct {
		py    string
		order value.Order
		names []string
	}{
		{"gt", value.Gt, []string{"gt", "greaterthan", ">"}}, {"ge", value.Ge, []string{"ge", ">="}},
		{"lt", value.Lt, []string{"lt", "lessthan", "<"}}, {"le", value.Le, []string{"le", "<="}},
	} {
		for _, name := range o.names {
			add(name, o.py, func(c *expr.Call) (bool, error) {
				a, b, err := operands(c)
				if err != nil {
					return false, err
				}
				return value.Compare(o.order, a, b)
			})
		}
	}
	addItems("sameas", "test_sameas", sameAs)
	addItems("in", "test_in", in)
	addItems("contains", "contains", contains)
	add("odd", "test_odd", func(c *expr.Call) (bool, error) { return remainder(c, 1) })
	add("even", "test_even", func(c *expr.Call) (bool, error) { return remainder(c, 0) })
	add("divisibleby", "test_divisibleby", divisibleBy)
}

// equal is a == b. All in lists and dicts is evaluated, as in the reference; what
// is in a tuple only if it matters.
func equal(c *expr.Call) (bool, error) {
	a, b, err := operands(c)
	if err != nil {
		return false, err
	}
	if a, err = butTuples(a); err != nil {
		return false, err
	}
	if b, err = butTuples(b); err != nil {
		return false, err
	}
	return expr.Equal(a, b)
}

func butTuples(v value.Value) (value.Value, error) {
	if _, ok := v.(*value.Tuple); ok {
		return v, nil
	}
	return value.Deep(v)
}

// sameAs is identity: the same object, or equal small values of one type.
func sameAs(c *expr.Call) (bool, error) {
	var a, b value.Value
	if err := c.Unpack("value", &a, "other", &b); err != nil {
		return false, err
	}
	switch a.(type) {
	case *value.List, *value.Dict, *value.Tuple, *value.Set:
		return a == b, nil
	}
	return a.Type() == b.Type() && value.Equal(a, b), nil
}

func in(c *expr.Call) (bool, error) {
	var v, seq value.Value
	if err := c.Unpack("value", &v, "seq", &seq); err != nil {
		return false, err
	}
	return within(seq, v)
}

// within is v in seq. The very same object is found without a look into it;
// else all is evaluated, as in the reference.
func within(seq, v value.Value) (bool, error) {
	if c, ok := seq.(*value.List); ok {
		switch v.(type) {
		case *value.List, *value.Dict:
			if slices.Contains(c.Items, v) {
				return true, nil
			}
		}
		var err error
		if v, err = butTuples(v); err != nil {
			return false, err
		}
		if seq, err = value.Deep(seq); err != nil {
			return false, err
		}
	}
	return expr.Contains(seq, v)
}

func contains(c *expr.Call) (bool, error) {
	var seq, v value.Value
	if err := c.Unpack("seq", &seq, "value", &v); err != nil {
		return false, err
	}
	return within(seq, v)
}

func remainder(c *expr.Call, want int) (bool, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return false, err
	}
	rest, err := value.Arith(value.Mod, v, value.Int(2))
	if err != nil {
		return false, err
	}
	return value.Equal(rest, value.Int(want)), nil
}

func divisibleBy(c *expr.Call) (bool, error) {
	var v, num value.Value
	if err := c.Unpack("value", &v, "num", &num); err != nil {
		return false, err
	}
	if isInteger(num) && value.Equal(num, value.Int(0)) && isInteger(v) {
		return false, errors.New("integer modulo by zero")
	}
	rest, err := value.Arith(value.Mod, v, num)
	if err != nil {
		return false, err
	}
	return value.Equal(rest, value.Int(0)), nil
}

func init() {
	addItems("all", "all", func(c *expr.Call) (bool, error) { return quantify(c, false) })
	addItems("any", "any", func(c *expr.Call) (bool, error) { return quantify(c, true) })
	addKeys("subset", "issubset", func(c *expr.Call) (bool, error) { return subset(c, false) })
	addKeys("issubset", "issubset", func(c *expr.Call) (bool, error) { return subset(c, false) })
	addKeys("superset", "issuperset", func(c *expr.Call) (bool, error) { return subset(c, true) })
	addKeys("issuperset", "issuperset", func(c *expr.Call) (bool, error) { return subset(c, true) })
}

// quantify looks at the items in turn and stops at the first whose truth is stop.
func quantify(c *expr.Call, stop bool) (bool, error) {
	if len(c.Args) != 1 {
		return false, fmt.Errorf("%s() takes exactly one argument (%d given)", c.Name, len(c.Args))
	}
	v, err := force(c.Args[0])
	if err != nil {
		return false, err
	}
	items, err := value.Items(v)
	if err != nil {
		return false, err
	}
	for _, item := range items {
		if item, err = force(item); err != nil {
			return false, err
		}
		if value.Truth(item) == stop {
			return stop, nil
		}
	}
	return !stop, nil
}

func subset(c *expr.Call, turned bool) (bool, error) {
	var a, b value.Value
	if err := c.Unpack("a", &a, "b", &b); err != nil {
		return false, err
	}
	sets := [2]*value.Set{value.NewSet(), value.NewSet()}
	for i, v := range []value.Value{a, b} {
		items, err := value.Items(v)
		if err != nil {
			return false, err
		}
		for _, item := range items {
			if !value.Hashable(item) {
				return false, value.Unhashable(item)
			}
			sets[i].Add(item)
		}
	}
	small, big := sets[0], sets[1]
	if turned {
		small, big = big, small
	}
	for v := range small.All() {
		if !big.Has(v) {
			return false, nil
		}
	}
	return true, nil
}
