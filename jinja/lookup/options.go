package lookup

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// option gives an argument by name, nil if it is not given.
func (c *Call) option(names ...string) value.Value {
	for _, n := range names {
		if v, ok := c.options[n]; ok && v != value.None {
			return v
		}
	}
	return nil
}

// flag gives a boolean argument. What is neither true nor false counts as
// false, as in the reference.
func (c *Call) flag(name string, def bool) bool {
	v := c.option(name)
	if v == nil {
		return def
	}
	return truthOf(v)
}

func truthOf(v value.Value) bool {
	switch x := v.(type) {
	case value.Bool:
		return bool(x)
	case value.Int:
		return x == 1
	case value.Float:
		return x == 1
	}
	s, _ := value.AsText(v)
	switch strings.ToLower(s) {
	case "y", "yes", "on", "1", "true", "t", "1.0":
		return true
	}
	return false
}

// text gives a text argument.
func (c *Call) text(name, def string) string {
	if v := c.option(name); v != nil {
		return value.Text(v)
	}
	return def
}

// number gives an integer argument; ok is false if it is not given.
func (c *Call) number(name string, def int64) (n int64, ok bool, err error) {
	v := c.option(name)
	if v == nil {
		return def, false, nil
	}
	n, err = c.integer(name, v)
	return n, true, err
}

func (c *Call) integer(name string, v value.Value) (int64, error) {
	if n, ok := value.AsInt(v); ok {
		return n, nil
	}
	if f, ok := v.(value.Float); ok && value.Float(int64(f)) == f {
		return int64(f), nil
	}
	if s, ok := value.AsText(v); ok {
		if n, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(s), "+"), 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, c.invalid(name, "integer", v)
}

// invalid is the error of an argument of the wrong type.
func (c *Call) invalid(name, kind string, v value.Value) error {
	return fmt.Errorf("Config '%s' for '%s' lookup plugin from 'Direct' has an invalid value: Invalid value provided for '%s': %s",
		name, short(c.Name), kind, value.Repr(v))
}

// list gives a list argument; text is taken apart at commas.
func (c *Call) list(name string) ([]value.Value, error) {
	v := c.option(name)
	if v == nil {
		return nil, nil
	}
	switch x := v.(type) {
	case *value.List, *value.Tuple:
		return value.Items(x)
	}
	if s, ok := value.AsText(v); ok {
		var out []value.Value
		for part := range strings.SplitSeq(s, ",") {
			out = append(out, value.Str(strings.TrimSpace(part)))
		}
		return out, nil
	}
	return nil, c.invalid(name, "list", v)
}

// dict gives a dict argument.
func (c *Call) dict(name string) (*value.Dict, error) {
	v := c.option(name)
	if v == nil {
		return value.NewDict(0), nil
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, c.invalid(name, "dict", v)
	}
	return d, nil
}

func short(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// term gives a term that has to be text; method is what Python misses on
// anything else.
func term(v value.Value, method string) (string, error) {
	s, ok := value.AsText(v)
	if !ok {
		return "", noMethod(v, method)
	}
	return s, nil
}

func noMethod(v value.Value, method string) error {
	return fmt.Errorf("'%s' object has no attribute '%s'", v.Type(), method)
}

// flatten puts the items of lists among terms in their place, to one level.
func flatten(terms []value.Value) []value.Value {
	var out []value.Value
	for _, t := range terms {
		switch l := t.(type) {
		case *value.List:
			out = append(out, l.Items...)
		case *value.Tuple:
			out = append(out, l.Items...)
		default:
			out = append(out, t)
		}
	}
	return out
}

// parts gives the items of a list, or of what is taken for one.
func parts(v value.Value) []value.Value {
	switch l := v.(type) {
	case *value.List:
		return l.Items
	case *value.Tuple:
		return l.Items
	}
	return []value.Value{v}
}

func texts(ss []string) []value.Value {
	out := make([]value.Value, len(ss))
	for i, s := range ss {
		out[i] = value.Str(s)
	}
	return out
}
