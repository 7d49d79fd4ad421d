package lookup

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/churten/churten/jinja/value"
)

func init() {
	add("items", func(c *Call) ([]value.Value, error) { return flatten(c.Terms), nil })
	add("list", func(c *Call) ([]value.Value, error) { return c.Terms, nil })
	add("dict", dictItems)
	add("nested", nested)
	add("together", together)
	add("indexed_items", indexed)
	// These two live in community.general, which installs of the reference
	// nearly always have, and are reached by their short names.
	add("flattened", flattened)
	add("cartesian", cartesian)
	add("random_choice", randomChoice).volatile = true
}

func dictItems(c *Call) ([]value.Value, error) {
	terms := c.Terms
	out := []value.Value{}
	for _, t := range terms {
		keys, get, ok := mapping(t)
		if !ok {
			class := "<class '" + t.Type() + "'>"
			if l, isList := t.(*value.List); isList {
				class, t = "<class 'ansible._internal._templating._lazy_containers._AnsibleLazyTemplateList'>", l
			}
			return nil, fmt.Errorf("the 'dict' lookup plugin expects a dictionary, got '%s' of type %s)", value.Text(t), class)
		}
		for _, k := range keys {
			v, err := get(k)
			if err != nil {
				return nil, err
			}
			out = append(out, value.DictOf("key", k, "value", v))
		}
	}
	return out, nil
}

// mapping gives the keys of a dict or what acts as one.
func mapping(v value.Value) (keys []value.Value, get func(value.Value) (value.Value, error), ok bool) {
	switch d := v.(type) {
	case *value.Dict:
		return d.Keys(), func(k value.Value) (value.Value, error) { v, _ := d.Get(k); return v, nil }, true
	case value.Mapping:
		keys, err := d.MapKeys()
		return keys, func(k value.Value) (value.Value, error) {
			if err != nil {
				return nil, err
			}
			v, _, err := d.MapGet(k)
			return v, err
		}, true
	}
	return nil, nil, false
}

func nested(c *Call) ([]value.Value, error) {
	if len(c.Terms) == 0 {
		return nil, errors.New("with_nested requires at least one element in the nested list")
	}
	rows := [][]value.Value{nil}
	for _, t := range c.Terms {
		var more [][]value.Value
		items := parts(t)
		for _, row := range rows {
			for _, item := range items {
				more = append(more, append(row[:len(row):len(row)], item))
			}
		}
		rows = more
	}
	out := make([]value.Value, len(rows))
	for i, row := range rows {
		out[i] = value.NewList(flatten(row)...)
	}
	return out, nil
}

func together(c *Call) ([]value.Value, error) {
	if len(c.Terms) == 0 {
		return nil, errors.New("with_together requires at least one element in each list")
	}
	columns := make([][]value.Value, len(c.Terms))
	n := 0
	for i, t := range c.Terms {
		var err error
		if columns[i], err = value.Items(t); err != nil {
			return nil, err
		}
		n = max(n, len(columns[i]))
	}
	out := make([]value.Value, n)
	for i := range out {
		row := make([]value.Value, len(columns))
		for j, col := range columns {
			row[j] = value.None
			if i < len(col) {
				row[j] = col[i]
			}
		}
		out[i] = value.NewList(flatten(row)...)
	}
	return out, nil
}

func indexed(c *Call) ([]value.Value, error) {
	items := flatten(c.Terms)
	out := make([]value.Value, len(items))
	for i, item := range items {
		out[i] = value.NewList(value.Int(i), item)
	}
	return out, nil
}

func randomChoice(c *Call) ([]value.Value, error) {
	if len(c.Terms) == 0 {
		return c.Terms, nil
	}
	return []value.Value{c.Terms[rand.IntN(len(c.Terms))]}, nil
}

// flattened takes all lists apart, however deep; null items are left out.
func flattened(c *Call) ([]value.Value, error) {
	out := []value.Value{}
	var walk func([]value.Value)
	walk = func(items []value.Value) {
		for _, item := range items {
			switch l := item.(type) {
			case *value.List:
				walk(l.Items)
			case *value.Tuple:
				walk(l.Items)
			case value.NoneType:
			default:
				if s, ok := item.(value.Str); !ok || s != "None" && s != "null" {
					out = append(out, item)
				}
			}
		}
	}
	walk(c.Terms)
	return out, nil
}

// cartesian is nested by its older name.
func cartesian(c *Call) ([]value.Value, error) {
	if len(c.Terms) == 0 {
		return nil, errors.New("with_cartesian requires at least one element in each list")
	}
	return nested(c)
}
