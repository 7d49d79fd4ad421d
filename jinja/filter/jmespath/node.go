package jmespath

import (
	"github.com/churten/churten/jinja/value"
)

// node is a part of a query. eval gets a value that is not a thunk, and gives one.
type node interface {
	eval(v value.Value) (value.Value, error)
}

type (
	identity struct{}
	constant struct{ val value.Value }
	field    struct{ name value.Value }
	element  struct{ index value.Value }
	slice    [3]value.Value
	chain    struct{ left, right node }
	// indexed is a chain that ends in an index.
	indexed  struct{ chain }
	negation struct{ of node }
	// either is or, and where both is set.
	either struct {
		left, right node
		both        bool
	}
	comparison struct {
		how         kind
		left, right node
	}
	flat            struct{ of node }
	projection      struct{ left, right node }
	valueProjection struct{ left, right node }
	filtered        struct{ left, right, condition node }
	multiList       []node
	pair            struct {
		key value.Value
		val node
	}
	multiHash []pair
	// reference is an expression handed to a function.
	reference struct{ node }
	function  struct {
		name string
		args []node
	}
)

func (identity) eval(v value.Value) (value.Value, error)  { return v, nil }
func (c constant) eval(value.Value) (value.Value, error)  { return c.val, nil }
func (r reference) eval(value.Value) (value.Value, error) { return r, nil }
func (reference) Type() string                            { return "_Expression" }
func (f field) eval(v value.Value) (value.Value, error) {
	switch c := v.(type) {
	case *value.Dict:
		if item, ok := c.Get(f.name); ok {
			return force(item)
		}
	case value.Mapping:
		if item, ok, err := c.MapGet(f.name); ok || err != nil {
			if err != nil {
				return nil, err
			}
			return force(item)
		}
	}
	return value.None, nil
}

// force gives an item's value; what is undefined raises.
func force(v value.Value) (value.Value, error) {
	v, err := value.Force(v)
	if err != nil {
		return nil, err
	}
	if f, ok := v.(value.Faulty); ok {
		return nil, f.Fault()
	}
	return v, nil
}

func (e element) eval(v value.Value) (value.Value, error) {
	l, ok := v.(*value.List)
	if !ok {
		return value.None, nil
	}
	i, err := value.Index(e.index)
	if err != nil {
		return nil, err
	}
	if i < 0 {
		i += int64(len(l.Items))
	}
	if i < 0 || i >= int64(len(l.Items)) {
		return value.None, nil
	}
	return force(l.Items[i])
}

func (s slice) eval(v value.Value) (value.Value, error) {
	l, ok := v.(*value.List)
	if !ok {
		return value.None, nil
	}
	return value.Slice(l, s[0], s[1], s[2])
}

func (c chain) eval(v value.Value) (value.Value, error) {
	left, err := c.left.eval(v)
	if err != nil {
		return nil, err
	}
	return c.right.eval(left)
}

func (n negation) eval(v value.Value) (value.Value, error) {
	x, err := n.of.eval(v)
	if err != nil {
		return nil, err
	}
	return value.Bool(!value.Truth(x) && !isNumber(x)), nil
}

// isFalse reports what counts as false: nothing, false, and what is empty. Zero is true.
func isFalse(v value.Value) bool {
	switch x := v.(type) {
	case value.NoneType:
		return true
	case value.Bool:
		return !bool(x)
	case value.Str, value.Markup, *value.List, *value.Dict:
		return !value.Truth(x)
	}
	return false
}

func (e either) eval(v value.Value) (value.Value, error) {
	left, err := e.left.eval(v)
	if err != nil || isFalse(left) == e.both {
		return left, err
	}
	return e.right.eval(v)
}

var orders = map[kind]value.Order{less: value.Lt, lessEqual: value.Le, more: value.Gt, moreEqual: value.Ge}

func (c comparison) eval(v value.Value) (value.Value, error) {
	left, err := c.left.eval(v)
	if err != nil {
		return nil, err
	}
	right, err := c.right.eval(v)
	if err != nil {
		return nil, err
	}
	if order, ok := orders[c.how]; ok {
		if !comparable(left) || !comparable(right) {
			return value.None, nil
		}
		result, err := value.Compare(order, left, right)
		return value.Bool(result), err
	}
	// Python takes 1 for True; jmespath does not.
	_, leftBool := left.(value.Bool)
	_, rightBool := right.(value.Bool)
	same := false
	if !(leftBool && isNumber(right) || rightBool && isNumber(left)) {
		if left, right, err = deepBoth(left, right); err != nil {
			return nil, err
		}
		same = value.Equal(left, right)
	}
	return value.Bool(same == (c.how == equal)), nil
}

func deepBoth(a, b value.Value) (x, y value.Value, err error) {
	if x, err = value.Deep(a); err != nil {
		return nil, nil, err
	}
	y, err = value.Deep(b)
	return x, y, err
}

func comparable(v value.Value) bool {
	_, text := value.AsText(v)
	return text || isNumber(v)
}

func isNumber(v value.Value) bool {
	switch v.(type) {
	case value.Int, *value.BigInt, value.Float:
		return true
	}
	return false
}

func (f flat) eval(v value.Value) (value.Value, error) {
	v, err := f.of.eval(v)
	l, ok := v.(*value.List)
	if err != nil || !ok {
		return value.None, err
	}
	out := make([]value.Value, 0, len(l.Items))
	for _, item := range l.Items {
		if item, err = force(item); err != nil {
			return nil, err
		}
		if inner, ok := item.(*value.List); ok {
			out = append(out, inner.Items...)
		} else {
			out = append(out, item)
		}
	}
	return list(out), nil
}

// list gives a list that is lazy where an item is.
func list(items []value.Value) *value.List {
	l := &value.List{Items: items}
	for _, item := range items {
		l.Lazy = l.Lazy || value.IsLazy(item)
	}
	return l
}

// project evaluates n on each item that is kept; what gives nothing is left out.
func project(items []value.Value, n node, keep func(value.Value) (bool, error)) (value.Value, error) {
	out := make([]value.Value, 0, len(items))
	for _, item := range items {
		item, err := force(item)
		if err != nil {
			return nil, err
		}
		if keep != nil {
			ok, err := keep(item)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
		}
		v, err := n.eval(item)
		if err != nil {
			return nil, err
		}
		if v != value.None {
			out = append(out, v)
		}
	}
	return list(out), nil
}

func (p projection) eval(v value.Value) (value.Value, error) {
	v, err := p.left.eval(v)
	l, ok := v.(*value.List)
	if err != nil || !ok {
		return value.None, err
	}
	return project(l.Items, p.right, nil)
}

func (p valueProjection) eval(v value.Value) (value.Value, error) {
	v, err := p.left.eval(v)
	d, ok := v.(*value.Dict)
	if err != nil || !ok {
		return value.None, err
	}
	return project(values(d), p.right, nil)
}

func values(d *value.Dict) []value.Value {
	out := make([]value.Value, 0, d.Len())
	for _, v := range d.All() {
		out = append(out, v)
	}
	return out
}

func (f filtered) eval(v value.Value) (value.Value, error) {
	v, err := f.left.eval(v)
	l, ok := v.(*value.List)
	if err != nil || !ok {
		return value.None, err
	}
	return project(l.Items, f.right, func(item value.Value) (bool, error) {
		verdict, err := f.condition.eval(item)
		return err == nil && !isFalse(verdict), err
	})
}

func (m multiList) eval(v value.Value) (value.Value, error) {
	if v == value.None {
		return value.None, nil
	}
	out := make([]value.Value, len(m))
	for i, n := range m {
		var err error
		if out[i], err = n.eval(v); err != nil {
			return nil, err
		}
	}
	return list(out), nil
}

func (m multiHash) eval(v value.Value) (value.Value, error) {
	if v == value.None {
		return value.None, nil
	}
	out := value.NewDict(len(m))
	for _, p := range m {
		item, err := p.val.eval(v)
		if err != nil {
			return nil, err
		}
		out.Set(p.key, item)
		out.Lazy = out.Lazy || value.IsLazy(item)
	}
	return out, nil
}
