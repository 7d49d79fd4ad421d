package filter

import (
	"errors"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() { add("combine", "combine", combine) }

func combine(c *expr.Call) (value.Value, error) {
	recursive, how := false, value.Value(value.Str("replace"))
	for k, v := range c.Kwargs.All() {
		switch k {
		case value.Str("recursive"):
			recursive = value.Truth(v)
		case value.Str("list_merge"):
			how = v
		default:
			return nil, errors.New("'recursive' and 'list_merge' are the only valid keyword arguments")
		}
	}
	// One level of lists is spread: what comes in may be dicts or lists of dicts.
	var terms []value.Value
	for _, v := range c.Args {
		if l, ok := v.(*value.List); ok {
			terms = append(terms, l.Items...)
		} else {
			terms = append(terms, v)
		}
	}
	var used []value.Value
	for _, v := range terms {
		if value.Truth(v) {
			used = append(used, v)
		}
	}
	if len(used) == 0 {
		return value.NewDict(0), nil
	}
	if len(used) == 1 {
		return used[0], nil
	}
	// The last two first, as the reference does.
	out := used[len(used)-1]
	for i := len(used) - 2; i >= 0; i-- {
		merged, err := Merge(used[i], out, recursive, how)
		if err != nil {
			return nil, err
		}
		out = merged
	}
	return out, nil
}

// Merge merges two dicts as combine does; how is its list_merge.
func Merge(x, y value.Value, recursive bool, how value.Value) (value.Value, error) {
	merge, ok := listMerges[value.Text(how)]
	if !ok {
		return nil, errors.New("merge_hash: 'list_merge' argument can only be equal to 'replace', 'keep', 'append', 'prepend', 'append_rp' or 'prepend_rp'")
	}
	a, okA := asDict(x)
	b, okB := asDict(y)
	if !okA || !okB {
		return nil, fmt.Errorf("failed to combine variables, expected dicts but got a '%s' and a '%s'.", x.Type(), y.Type())
	}
	return mergeDicts(a, b, recursive, merge), nil
}

// listMerge joins two lists that stand under the same key; nil takes the second.
type listMerge func(x, y []value.Value) []value.Value

var listMerges = map[string]listMerge{
	"replace":    nil,
	"keep":       func(x, _ []value.Value) []value.Value { return x },
	"append":     func(x, y []value.Value) []value.Value { return joined(x, y) },
	"prepend":    func(x, y []value.Value) []value.Value { return joined(y, x) },
	"append_rp":  func(x, y []value.Value) []value.Value { return joined(without(x, y), y) },
	"prepend_rp": func(x, y []value.Value) []value.Value { return joined(y, without(x, y)) },
}

func joined(x, y []value.Value) []value.Value {
	return append(append(make([]value.Value, 0, len(x)+len(y)), x...), y...)
}

// without gives the items of x that are not in y.
func without(x, y []value.Value) []value.Value {
	b := newBag(y)
	var out []value.Value
	for _, item := range x {
		if !b.has(item) {
			out = append(out, item)
		}
	}
	return out
}

func mergeDicts(x, y *value.Dict, recursive bool, merge listMerge) *value.Dict {
	out := x.Clone()
	for k, theirs := range y.All() {
		ours, ok := out.Get(k)
		if ok {
			if a, b := ours, theirs; recursive {
				da, isA := a.(*value.Dict)
				db, isB := b.(*value.Dict)
				if isA && isB {
					out.Set(k, mergeDicts(da, db, recursive, merge))
					continue
				}
			}
			la, isA := ours.(*value.List)
			lb, isB := theirs.(*value.List)
			if isA && isB && merge != nil {
				out.Set(k, list(merge(la.Items, lb.Items)))
				continue
			}
		}
		out.Set(k, theirs)
	}
	return out
}
