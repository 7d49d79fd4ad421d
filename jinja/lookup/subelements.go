package lookup

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
)

func init() { add("subelements", subelements) }

const subelementsUsage = "subelements lookup expects a list of two or three items,"

// subelements pairs each dict of a list with each item of a list in it.
func subelements(c *Call) ([]value.Value, error) {
	if len(c.Terms) < 2 || len(c.Terms) > 3 {
		return nil, errors.New(subelementsUsage)
	}
	path, isText := value.AsText(c.Terms[1])
	_, isList := c.Terms[0].(*value.List)
	_, isDict := c.Terms[0].(*value.Dict)
	if !isText || !isList && !isDict {
		return nil, errors.New(subelementsUsage + " first a dict or a list, second a string pointing to the subkey")
	}
	skip := false
	if len(c.Terms) == 3 {
		flags, ok := c.Terms[2].(*value.Dict)
		if !ok {
			return nil, errors.New(subelementsUsage + " the optional third item must be a dict with flags skip_missing")
		}
		if v, ok := flags.GetStr("skip_missing"); ok {
			skip = truthOf(v)
		}
	}
	elements := parts(c.Terms[0])
	if d, ok := c.Terms[0].(*value.Dict); ok {
		elements = nil
		if skipped(d) {
			return nil, nil // the registered result of a skipped task
		}
		for _, v := range d.All() {
			elements = append(elements, v)
		}
	}
	keys := strings.Split(path, ".")
	out := []value.Value{}
	for _, e := range elements {
		d, ok := e.(*value.Dict)
		if !ok {
			return nil, fmt.Errorf("subelements lookup expects a dictionary, got '%s'", value.Text(e))
		}
		if skipped(d) {
			continue // a registered result of a skipped item
		}
		items, rest, err := take(d, keys, skip)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			out = append(out, value.NewList(rest, item))
		}
	}
	return out, nil
}

func skipped(d *value.Dict) bool {
	v, ok := d.GetStr("skipped")
	return ok && v != value.False
}

// take gives the list at keys in d, and d without it.
func take(d *value.Dict, keys []string, skip bool) ([]value.Value, value.Value, error) {
	key := keys[0]
	v, ok := d.GetStr(key)
	if !ok {
		if skip {
			return nil, d, nil
		}
		return nil, nil, fmt.Errorf("could not find '%s' key in iterated item '%s'", key, value.Text(d))
	}
	rest := d.Clone()
	if len(keys) > 1 {
		inner, ok := v.(*value.Dict)
		if !ok {
			if skip {
				return nil, d, nil
			}
			return nil, nil, fmt.Errorf("the key %s should point to a dictionary, got '%s'", key, value.Text(v))
		}
		items, left, err := take(inner, keys[1:], skip)
		if err != nil {
			return nil, nil, err
		}
		rest.SetStr(key, left)
		return items, rest, nil
	}
	l, ok := v.(*value.List)
	if !ok {
		if skip {
			return nil, d, nil
		}
		return nil, nil, fmt.Errorf("the key %s should point to a list, got '%s'", key, value.Text(v))
	}
	rest.Delete(value.Str(key))
	return l.Items, rest, nil
}
