package expr

import (
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// Comparing evaluates no more of a container than Python looks at: that two
// dicts of different sizes differ can be told with items that are undefined.

func compareOne(op syntax.CmpOp, a, b value.Value) (bool, error) {
	switch op {
	case syntax.CmpEq:
		return Equal(a, b)
	case syntax.CmpNe:
		same, err := Equal(a, b)
		return !same, err
	case syntax.CmpIn:
		return Contains(b, a)
	case syntax.CmpNotIn:
		in, err := Contains(b, a)
		return !in, err
	}
	return Compare(orders[op], a, b)
}

// Equal is a == b.
func Equal(a, b value.Value) (bool, error) {
	if a, ok := a.(value.Str); ok {
		if b, ok := b.(value.Str); ok {
			return a == b, nil
		}
	}
	a, err := comparand(a)
	if err != nil {
		return false, err
	}
	if b, err = comparand(b); err != nil {
		return false, err
	}
	if !value.IsLazy(a) && !value.IsLazy(b) {
		return value.Equal(a, b), nil
	}
	if same(a, b) && a == b {
		return true, nil
	}
	switch x := a.(type) {
	case *value.List:
		if y, ok := b.(*value.List); ok {
			return equalItems(x.Items, y.Items)
		}
		return false, nil
	case *value.Tuple:
		if y, ok := b.(*value.Tuple); ok {
			return equalItems(x.Items, y.Items)
		}
		return false, nil
	case *value.Dict:
		if y, ok := b.(*value.Dict); ok {
			return equalDicts(x, y)
		}
	}
	return equalDeep(a, b)
}

// equalDeep is Equal for what is a container for one of the two only.
func equalDeep(a, b value.Value) (bool, error) {
	if m, ok := a.(value.Mapping); ok {
		b, err := value.Deep(b)
		return err == nil && value.Equal(m, b), err
	}
	if m, ok := b.(value.Mapping); ok {
		a, err := value.Deep(a)
		return err == nil && value.Equal(a, m), err
	}
	return value.IsLazy(a) == value.IsLazy(b) && value.Equal(a, b), nil
}

func equalItems(a, b []value.Value) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	for i := range a {
		if ok, err := equalItem(a[i], b[i]); !ok {
			return false, err
		}
	}
	return true, nil
}

// equalItem is Equal for items of containers, which the same object always is.
func equalItem(a, b value.Value) (bool, error) {
	switch a.(type) {
	case value.Thunk, *value.List, *value.Dict:
		if a == b {
			return true, nil
		}
	}
	return Equal(a, b)
}

func equalDicts(a, b *value.Dict) (bool, error) {
	if a.Len() != b.Len() {
		return false, nil
	}
	for k := range a.All() {
		if _, ok := b.Get(k); !ok {
			return false, nil
		}
	}
	for k, v := range a.All() {
		w, _ := b.Get(k)
		if ok, err := equalItem(v, w); !ok {
			return false, err
		}
	}
	return true, nil
}

// Compare is a op b for the operators of order.
func Compare(op value.Order, a, b value.Value) (bool, error) {
	a, err := comparand(a)
	if err != nil {
		return false, err
	}
	if b, err = comparand(b); err != nil {
		return false, err
	}
	x, y, ok := lazyItems(a, b)
	if !ok {
		return value.Compare(op, a, b)
	}
	for i := range min(len(x), len(y)) {
		same, err := equalItem(x[i], y[i])
		if err != nil {
			return false, err
		}
		if !same {
			return Compare(op, x[i], y[i])
		}
	}
	return value.Compare(op, value.Int(len(x)), value.Int(len(y)))
}

// lazyItems gives the items of two lists or two tuples, if one of them is lazy.
func lazyItems(a, b value.Value) (x, y []value.Value, ok bool) {
	switch a := a.(type) {
	case *value.List:
		if b, ok := b.(*value.List); ok {
			return a.Items, b.Items, a.Lazy || b.Lazy
		}
	case *value.Tuple:
		if b, ok := b.(*value.Tuple); ok {
			return a.Items, b.Items, value.IsLazy(a) || value.IsLazy(b)
		}
	}
	return nil, nil, false
}

// Contains is item in v.
func Contains(v, item value.Value) (bool, error) {
	if s, ok := v.(value.Str); ok {
		if sub, ok := item.(value.Str); ok || faultOf(item) != nil {
			if ok {
				return value.Contains(s, sub)
			}
			// The reference's strings do not know its undefined values.
			return value.Contains(s, item)
		}
	}
	v, err := comparand(v)
	if err != nil {
		return false, err
	}
	if !value.IsIterable(v) {
		return value.Contains(v, item)
	}
	var items []value.Value
	switch c := v.(type) {
	case *value.List:
		items = c.Items
	case *value.Tuple:
		items = c.Items
	default:
		if item, err = comparand(item); err != nil {
			return false, err
		}
		if value.Hashable(item) {
			if item, err = value.Deep(item); err != nil {
				return false, err
			}
		}
		return value.Contains(v, item)
	}
	if len(items) == 0 {
		return false, nil
	}
	if err := faultOf(items[0]); err != nil && faultOf(item) != nil {
		return false, err
	}
	if item, err = comparand(item); err != nil {
		return false, err
	}
	if !value.IsLazy(v) && !value.IsLazy(item) {
		return value.Contains(v, item)
	}
	for _, x := range items {
		if same, err := equalItem(x, item); err != nil || same {
			return same, err
		}
	}
	return false, nil
}

// comparand forces v, but not what is in it; the Undefined of an inline if can
// be compared.
func comparand(v value.Value) (value.Value, error) {
	switch x := v.(type) {
	case value.Str, value.Int, value.Bool:
		return v, nil
	case *Undefined:
		if x.Plain {
			return v, nil
		}
	}
	v, err := value.Force(v)
	if err != nil {
		return nil, err
	}
	return v, faultOf(v)
}
