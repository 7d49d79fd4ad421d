package community

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/test"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("version_sort", "version_sort", versionSort)
	addLists("lists_union", union)
	addLists("lists_intersect", func(a, b value.Value) (value.Value, error) { return keep(a, b, true) })
	addLists("lists_difference", func(a, b value.Value) (value.Value, error) { return keep(a, b, false) })
	addLists("lists_symmetric_difference", symmetricDifference)
	add("lists_mergeby", "list_mergeby", mergeBy)
}

func versionSort(c *expr.Call) (value.Value, error) {
	var v value.Value
	reverse := false
	if err := c.Unpack("value", &v, "reverse?", &reverse); err != nil {
		return nil, err
	}
	source, err := value.Items(v)
	if err != nil {
		return nil, err
	}
	items := append([]value.Value(nil), source...)
	keys := make([]value.Value, len(items))
	empty := false
	for i, item := range items {
		text, ok := value.AsText(item)
		if !ok && value.Truth(item) {
			return nil, fmt.Errorf("expected string or bytes-like object, got '%s'", item.Type())
		}
		empty = empty || text == ""
		keys[i] = list(test.LooseParts(text))
	}
	if empty && len(items) > 1 {
		return nil, errors.New("'LooseVersion' object has no attribute 'version'")
	}
	err = value.SortBy(items, keys, reverse)
	return list(items), err
}

// addLists enters a filter that folds any number of lists with op.
func addLists(name string, op func(a, b value.Value) (value.Value, error)) {
	add(name, name, func(c *expr.Call) (value.Value, error) {
		flatten := false
		for k, v := range c.Kwargs.All() {
			if k != value.Str("flatten") {
				return nil, fmt.Errorf("%s() got unexpected keywords arguments: %s", name, keywords(c.Kwargs, "flatten"))
			}
			flatten = value.Truth(v)
		}
		lists := c.Args
		if flatten {
			var err error
			if lists, err = spread(lists); err != nil {
				return nil, err
			}
		}
		if len(lists) == 0 {
			return list(nil), nil
		}
		out := lists[0]
		for _, l := range lists[1:] {
			var err error
			if out, err = op(out, l); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

func keywords(kw *value.Dict, known ...string) string {
	var names []string
	for k := range kw.All() {
		name := value.Text(k)
		isKnown := false
		for _, n := range known {
			isKnown = isKnown || n == name
		}
		if !isKnown {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// spread takes one level away from arguments that are lists of lists.
func spread(args []value.Value) ([]value.Value, error) {
	var out []value.Value
	for _, arg := range args {
		l, ok := arg.(*value.List)
		items, seq := sequence(arg)
		if _, text := value.AsText(arg); !seq || text {
			return nil, fmt.Errorf("All arguments must be lists. %s is %s", value.Text(arg), class(arg))
		}
		if ok && len(l.Items) == 0 {
			continue
		}
		out = append(out, inner(arg, items)...)
	}
	return out, nil
}

// inner gives the items of l if all are sequences, else l alone.
func inner(l value.Value, items []value.Value) []value.Value {
	for _, item := range items {
		if _, ok := sequence(item); !ok {
			return []value.Value{l}
		}
	}
	return items
}

func distinct(items []value.Value) value.Value { return list(filter.Distinct(items)) }

func union(a, b value.Value) (value.Value, error) {
	both, err := value.Arith(value.Add, a, b)
	if err != nil {
		return nil, err
	}
	items, err := value.Items(both)
	return distinct(items), err
}

// keep gives the distinct items of a that are in b, or that are not.
func keep(a, b value.Value, in bool) (value.Value, error) {
	items, err := value.Items(a)
	if err != nil {
		return nil, err
	}
	others, err := value.Items(b)
	if err != nil {
		return nil, err
	}
	return distinct(filter.Those(items, others, in)), nil
}

func symmetricDifference(a, b value.Value) (value.Value, error) {
	all, err := union(a, b)
	if err != nil {
		return nil, err
	}
	common, err := keep(a, b, true)
	if err != nil {
		return nil, err
	}
	return keep(all, common, false)
}

// mergeBy merges the dicts of several lists that have the same value under a key.
func mergeBy(c *expr.Call) (value.Value, error) {
	recursive, how := false, value.Value(value.Str("replace"))
	for k, v := range c.Kwargs.All() {
		switch k {
		case value.Str("recursive"):
			recursive = value.Truth(v)
		case value.Str("list_merge"):
			how = v
		default:
			return nil, errors.New("'recursive' and 'list_merge' are the only valid keyword arguments.")
		}
	}
	if len(c.Args) < 2 {
		return nil, errors.New("At least one list and index are needed.")
	}
	last := len(c.Args) - 1
	var lists []value.Value
	for _, arg := range c.Args[:last] {
		items, ok := sequence(arg)
		if !ok {
			return nil, fmt.Errorf("All arguments before the argument index for community.general.lists_mergeby must be lists. %s is %s", value.Text(arg), class(arg))
		}
		if len(items) > 0 {
			lists = append(lists, inner(arg, items)...)
		}
	}
	if _, ok := value.AsText(c.Args[last]); !ok {
		return nil, fmt.Errorf("First argument after the lists for community.general.lists_mergeby must be string. %s is %s", value.Text(c.Args[last]), class(c.Args[last]))
	}
	switch len(lists) {
	case 0:
		return list(nil), nil
	case 1:
		return lists[0], nil
	}
	// The last two first, as the reference does.
	out := lists[len(lists)-1]
	for i := len(lists) - 2; i >= 0; i-- {
		var err error
		if out, err = mergeLists(lists[i], out, c.Args[last], recursive, how); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func mergeLists(a, b, index value.Value, recursive bool, how value.Value) (value.Value, error) {
	merged := value.NewDict(0)
	for _, l := range []value.Value{a, b} {
		items, err := value.Items(l)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			d, ok := item.(*value.Dict)
			if !ok {
				return nil, fmt.Errorf("Elements of list arguments for lists_mergeby must be dictionaries. %s is %s", value.Text(item), class(item))
			}
			key, ok := d.Get(index)
			if !ok {
				continue
			}
			if err := unhashable(key); err != nil {
				return nil, err
			}
			before, ok := merged.Get(key)
			if !ok {
				before = value.NewDict(0)
			}
			both, err := filter.Merge(before, d, recursive, how)
			if err != nil {
				return nil, err
			}
			merged.Set(key, both)
		}
	}
	keys := merged.Keys()
	items := make([]value.Value, len(keys))
	for i, k := range keys {
		items[i], _ = merged.Get(k)
	}
	err := value.SortBy(items, keys, false)
	return list(items), err
}
