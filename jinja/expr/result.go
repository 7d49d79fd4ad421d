package expr

import (
	"errors"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// ErrOmitted is the error of a template whose whole value is omit.
var ErrOmitted = errors.New("A template was resolved to an Omit scalar.")

// Finalize makes a result of v: forced to its depth, tuples as lists, omitted
// items left out. Something undefined in it raises, as do values that cannot be
// kept (functions, ranges). v itself is returned if there is nothing to do.
func Finalize(v value.Value) (value.Value, error) { return finalize(v, false, 0) }

// maxDepth bounds the nesting of results.
const maxDepth = 200

// finalize with text lets values that cannot be kept pass, since they will be printed.
func finalize(v value.Value, text bool, depth int) (value.Value, error) {
	if depth > maxDepth {
		return nil, errors.New("maximum recursion depth exceeded")
	}
	v, err := value.Force(v)
	if err != nil {
		return nil, err
	}
	switch c := v.(type) {
	case value.Str, value.Int, value.Bool, value.Float, value.NoneType, value.Bytes, *value.BigInt,
		*value.DateTime, *value.Date, OmitType:
		return v, nil
	case value.Markup:
		return value.Str(c), nil
	case *Undefined:
		if !c.Plain {
			return nil, c.Fault()
		}
		if text {
			return value.None, nil
		}
		return nil, errors.New(errPlain)
	case *value.List:
		items, changed, err := finalizeAll(c.Items, text, depth)
		if err != nil || !changed {
			return v, err
		}
		return &value.List{Items: items, At: c.At}, nil
	case *value.Tuple:
		items, _, err := finalizeAll(c.Items, text, depth)
		return &value.List{Items: items}, err
	case *value.Set:
		items, _ := value.Items(c)
		items, _, err := finalizeAll(items, text, depth)
		return &value.List{Items: items}, err
	case *value.Dict:
		return finalizeDict(c, text, depth)
	case value.Mapping:
		return finalizeMapping(c, text, depth)
	case value.NamedTuple:
		items, _, err := finalizeAll(c.Tuple().Items, text, depth)
		return &value.List{Items: items}, err
	}
	if err := faultOf(v); err != nil {
		return nil, err
	}
	if text {
		return v, nil
	}
	return nil, errors.New("Type '" + v.Type() + "' is unsupported for variable storage.")
}

func finalizeAll(items []value.Value, text bool, depth int) ([]value.Value, bool, error) {
	var out []value.Value
	for i, item := range items {
		got, err := finalize(item, text, depth+1)
		if err != nil {
			return nil, false, err
		}
		if out == nil && (IsOmit(got) || !same(got, item)) {
			out = append(make([]value.Value, 0, len(items)), items[:i]...)
		}
		if out != nil && !IsOmit(got) {
			out = append(out, got)
		}
	}
	if out != nil {
		return out, true, nil
	}
	return items, false, nil
}

// same reports whether finalizing left a value as it was.
func same(a, b value.Value) bool {
	switch a.(type) {
	case *value.List, *value.Dict:
		return a == b
	}
	switch b.(type) {
	case value.Thunk, value.Markup, *Undefined:
		return false
	}
	return true
}

func finalizeDict(d *value.Dict, text bool, depth int) (value.Value, error) {
	var out *value.Dict
	i := 0
	for k, item := range d.All() {
		if _, ok := k.(*value.Tuple); ok {
			return nil, errors.New("unhashable type: 'list'") // tuples become lists
		}
		got, err := finalize(item, text, depth+1)
		if err != nil {
			return nil, err
		}
		if out == nil && (IsOmit(got) || !same(got, item)) {
			out = d.Head(i)
			out.At = d.At
		}
		if out != nil && !IsOmit(got) {
			out.Set(k, got)
		}
		i++
	}
	if out != nil {
		return out, nil
	}
	return d, nil
}

func finalizeMapping(m value.Mapping, text bool, depth int) (value.Value, error) {
	keys, err := m.MapKeys()
	if err != nil {
		return nil, err
	}
	out := value.NewDict(len(keys))
	for _, k := range keys {
		item, ok, err := m.MapGet(k)
		if err == nil && ok {
			item, err = finalize(item, text, depth+1)
		}
		if err != nil {
			return nil, err
		}
		if ok && !IsOmit(item) {
			out.Set(k, item)
		}
	}
	return out, nil
}

// Concat makes a template's result of the parts of its output: None is left
// out, a part alone is the value itself, no part at all None; else the text of
// the parts in a row.
func Concat(ctx *Ctx, parts []value.Value) (value.Value, error) {
	switch i := alone(parts); i {
	case noPart:
		return value.None, nil
	case manyParts:
		s, err := Join(parts)
		return value.Str(s), err
	default:
		return Finalize(parts[i])
	}
}

const (
	noPart    = -1
	manyParts = -2
)

// alone gives the only part that is not None.
func alone(parts []value.Value) int {
	found := noPart
	for i, p := range parts {
		switch {
		case p == value.None:
		case found != noPart:
			return manyParts
		default:
			found = i
		}
	}
	return found
}

// Join gives the text of the parts of a template's output in a row.
func Join(parts []value.Value) (string, error) {
	var b strings.Builder
	for _, p := range parts {
		s, err := OutputText(p)
		if err != nil {
			return "", err
		}
		if b.Len()+len(s) > maxOutput {
			return "", errTooLong
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// OutputText is what {{ v }} prints amid other text.
func OutputText(v value.Value) (string, error) {
	switch s := v.(type) {
	case value.Str:
		return string(s), nil
	case value.Bytes: // as text, though str() would give b'…'
		return string(s), nil
	}
	v, err := finalize(v, true, 0)
	if err != nil || v == value.None || IsOmit(v) {
		return "", err
	}
	return value.Text(v), nil
}
