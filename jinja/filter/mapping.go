package filter

import (
	"errors"
	"fmt"
	"slices"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addLazy("map", "sync_do_map", mapItems)
	addLazy("select", "sync_do_select", func(c *expr.Call) (value.Value, error) { return choose(c, true, false) })
	addLazy("reject", "sync_do_reject", func(c *expr.Call) (value.Value, error) { return choose(c, false, false) })
	addLazy("selectattr", "sync_do_selectattr", func(c *expr.Call) (value.Value, error) { return choose(c, true, true) })
	addLazy("rejectattr", "sync_do_rejectattr", func(c *expr.Call) (value.Value, error) { return choose(c, false, true) })
}

// stream gives the items of the first argument. What is false has none.
func stream(c *expr.Call) ([]value.Value, error) {
	if len(c.Args) == 0 {
		return nil, fmt.Errorf("%s() missing 1 required positional argument: 'value'", c.Name)
	}
	v, err := force(c.Args[0])
	if err != nil || !value.Truth(v) {
		return nil, err
	}
	return value.Items(v)
}

func mapItems(c *expr.Call) (value.Value, error) {
	items, err := stream(c)
	if err != nil || len(items) == 0 {
		return list(nil), err
	}
	out, err := mapped(c, items)
	if err != nil {
		return nil, err
	}
	return &value.List{Items: out, Lazy: slices.ContainsFunc(out, value.IsLazy)}, nil
}

// mapped reads an attribute of each item or calls a filter on it.
func mapped(c *expr.Call, items []value.Value) ([]value.Value, error) {
	if attribute, ok := c.Kwargs.GetStr("attribute"); ok && len(c.Args) == 1 {
		def, _ := c.Kwargs.GetStr("default")
		for k := range c.Kwargs.All() {
			if k != value.Str("attribute") && k != value.Str("default") {
				return nil, fmt.Errorf("Unexpected keyword argument %s", value.Repr(k))
			}
		}
		out, read := make([]value.Value, len(items)), getter(c.Ctx, attribute, def)
		for i, item := range items {
			var err error
			if out[i], err = read(item); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	if len(c.Args) < 2 {
		return nil, errors.New("map requires a filter argument")
	}
	name, err := pluginName("filter", c.Args[1])
	if err != nil {
		return nil, err
	}
	if c.Ctx.Env.Filter(name) == nil {
		return nil, fmt.Errorf("No filter named %s.", value.QuoteRepr(name))
	}
	return c.Ctx.CallFilters(name, items, c.Args[2:], c.Kwargs)
}

func pluginName(kind string, v value.Value) (string, error) {
	v, err := force(v)
	if err != nil {
		return "", err
	}
	name, ok := value.AsText(v)
	if !ok {
		return "", fmt.Errorf("The %s plugin %s failed to load: '%s' object has no attribute 'removeprefix'", kind, value.Repr(v), v.Type())
	}
	return name, nil
}

// choose is select and its kin: the items for which a test is as wanted, on
// the item itself or on an attribute of it.
func choose(c *expr.Call, want, byAttribute bool) (value.Value, error) {
	items, err := stream(c)
	if err != nil || len(items) == 0 {
		return list(nil), err
	}
	attr, rest := get(value.Force), c.Args[1:]
	if byAttribute {
		if len(rest) == 0 {
			return nil, errors.New("Missing parameter for attribute name")
		}
		name, err := force(rest[0])
		if err != nil {
			return nil, err
		}
		attr, rest = getter(c.Ctx, name, nil), rest[1:]
	}
	// Attributes are read up to the first that fails: what is in front of it is tested first.
	values := make([]value.Value, 0, len(items))
	var stop error
	for _, item := range items {
		var v value.Value
		if v, stop = attr(item); stop != nil {
			break
		}
		values = append(values, v)
	}
	answers, err := tested(c, values, rest)
	if err == nil {
		err = stop
	}
	if err != nil {
		return nil, err
	}
	var out []value.Value
	lazy := false
	for i, item := range items {
		if answers[i] != want {
			continue
		}
		// What was lazy has been read now, without its attributes.
		if item, err = value.Force(item); err != nil {
			return nil, err
		}
		out, lazy = append(out, item), lazy || value.IsLazy(item)
	}
	return &value.List{Items: out, Lazy: lazy}, nil
}

// tested says for each value whether the test named by the first of args holds,
// or whether it is true.
func tested(c *expr.Call, values, args []value.Value) ([]bool, error) {
	if len(args) == 0 {
		out := make([]bool, len(values))
		for i, v := range values {
			if out[i] = value.Truth(v); fault(v) != nil {
				return nil, fault(v)
			}
		}
		return out, nil
	}
	name, err := pluginName("test", args[0])
	if err != nil {
		return nil, err
	}
	if c.Ctx.Env.Test(name) == nil {
		return nil, fmt.Errorf("No test named %s.", value.QuoteRepr(name))
	}
	return c.Ctx.CallTests(name, values, args[1:], c.Kwargs)
}
