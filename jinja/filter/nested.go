package filter

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("flatten", "flatten", flatten)
	addLazy("extract", "extract", extract)
	add("subelements", "subelements", subelements)
}

func flatten(c *expr.Call) (value.Value, error) {
	var it, levels value.Value
	skipNulls := true
	if err := c.Unpack("mylist", &it, "levels?", &levels, "skip_nulls?", &skipNulls); err != nil {
		return nil, err
	}
	items, err := value.Items(it)
	if err != nil {
		return nil, err
	}
	out, err := flattened(nil, items, levels, 0, skipNulls)
	return list(out), err
}

func flattened(out, items []value.Value, levels value.Value, depth int, skipNulls bool) ([]value.Value, error) {
	for _, item := range items {
		if skipNulls && isNull(item) {
			continue
		}
		inner, ok := sequence(item)
		if ok && given(levels) {
			deeper, err := value.Compare(value.Ge, levels, value.Int(depth+1))
			if err != nil {
				return nil, err
			}
			ok = deeper
		}
		if !ok {
			out = append(out, item)
			continue
		}
		var err error
		if out, err = flattened(out, inner, levels, depth+1, skipNulls); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// isNull reports whether flatten takes v for nothing: None, and the texts None and null.
func isNull(v value.Value) bool {
	s, _ := value.AsText(v)
	return v == value.None || s == "None" || s == "null"
}

// sequence gives the items of lists, tuples and what is like them.
func sequence(v value.Value) ([]value.Value, bool) {
	switch s := v.(type) {
	case *value.List:
		return s.Items, true
	case *value.Tuple:
		return s.Items, true
	case value.Range, *group:
		items, err := value.Items(s)
		return items, err == nil
	}
	return nil, false
}

func extract(c *expr.Call) (value.Value, error) {
	var key, container, more value.Value
	if err := unpackEnv(c, "item", &key, "container", &container, "morekeys?", &more); err != nil {
		return nil, err
	}
	keys := []value.Value{key}
	if given(more) {
		more, err := deep(more)
		if err != nil {
			return nil, err
		}
		if l, ok := more.(*value.List); ok {
			keys = append(keys, l.Items...)
		} else {
			keys = append(keys, more)
		}
	}
	v := container
	for _, k := range keys {
		var err error
		if k, err = deep(k); err != nil {
			return nil, err
		}
		if v, err = force(v); err != nil {
			return nil, err
		}
		if v, err = c.Ctx.Item(v, k); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// deep gives v as plain data.
func deep(v value.Value) (value.Value, error) {
	if err := fault(v); err != nil {
		return nil, err
	}
	return value.Deep(v)
}

func subelements(c *expr.Call) (value.Value, error) {
	var obj, sub value.Value
	skipMissing := false
	if err := c.Unpack("obj", &obj, "subelements", &sub, "skip_missing?", &skipMissing); err != nil {
		return nil, err
	}
	var elements []value.Value
	switch o := obj.(type) {
	case *value.Dict:
		for _, v := range o.All() {
			elements = append(elements, v)
		}
	case *value.List:
		elements = o.Items
	default:
		return nil, errors.New("obj must be a list of dicts or a nested dict")
	}
	path, err := subPath(sub)
	if err != nil {
		return nil, err
	}
	var out []value.Value
	for _, element := range elements {
		values, err := subValues(element, path, skipMissing)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			out = append(out, value.NewTuple(element, v))
		}
	}
	return list(out), nil
}

func subPath(sub value.Value) ([]value.Value, error) {
	if l, ok := sub.(*value.List); ok {
		return l.Items, nil
	}
	s, ok := value.AsText(sub)
	if !ok {
		return nil, errors.New("subelements must be a list or a string")
	}
	return value.Strings(strings.Split(s, ".")...).Items, nil
}

// subValues follows path in element to a list.
func subValues(element value.Value, path []value.Value, skipMissing bool) ([]value.Value, error) {
	v := element
	for _, key := range path {
		name := value.Text(key)
		item, found, err := value.Item(v, key)
		switch {
		case err == nil && !found && isContainer(v):
			if _, isDict := v.(*value.Dict); !isDict {
				if _, isInt := value.AsInt(key); isInt {
					return nil, errors.New("list index out of range")
				}
				return nil, fmt.Errorf("the key %s should point to a dictionary, got '%s': list indices must be integers or slices, not %s",
					name, value.Text(v), key.Type())
			}
			if skipMissing {
				return nil, nil
			}
			return nil, fmt.Errorf("could not find %s key in iterated item %s", value.Repr(key), value.Repr(v))
		case err != nil || !found:
			return nil, fmt.Errorf("the key %s should point to a dictionary, got '%s': '%s' object is not subscriptable", name, value.Text(v), v.Type())
		}
		v = item
	}
	l, ok := v.(*value.List)
	if !ok {
		return nil, fmt.Errorf("the key %s should point to a list, got %s", value.Repr(path[len(path)-1]), value.Repr(v))
	}
	return l.Items, nil
}

func isContainer(v value.Value) bool {
	switch v.(type) {
	case *value.Dict, *value.List, *value.Tuple:
		return true
	}
	return false
}
