package filter

import (
	"errors"
	"fmt"

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
	fn, err := mapper(c)
	if err != nil {
		return nil, err
	}
	out := make([]value.Value, len(items))
	lazy := false
	for i, item := range items {
		if out[i], err = fn(item); err != nil {
			return nil, err
		}
		lazy = lazy || value.IsLazy(out[i])
	}
	return &value.List{Items: out, Lazy: lazy}, nil
}

// mapper gives the function that map does on each item: it reads an attribute or calls a filter.
func mapper(c *expr.Call) (get, error) {
	if attribute, ok := c.Kwargs.GetStr("attribute"); ok && len(c.Args) == 1 {
		def, _ := c.Kwargs.GetStr("default")
		for k := range c.Kwargs.All() {
			if k != value.Str("attribute") && k != value.Str("default") {
				return nil, fmt.Errorf("Unexpected keyword argument %s", value.Repr(k))
			}
		}
		return getter(c.Ctx, attribute, def), nil
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
	return func(item value.Value) (value.Value, error) {
		args := append([]value.Value{item}, c.Args[2:]...)
		return c.Ctx.CallFilter(name, args, copyKwargs(c.Kwargs))
	}, nil
}

// copyKwargs gives each call its own keywords: calls force them in place.
func copyKwargs(kw *value.Dict) *value.Dict {
	if kw == nil {
		return nil
	}
	return kw.Clone()
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
	test, err := predicate(c, rest)
	if err != nil {
		return nil, err
	}
	var out []value.Value
	lazy := false
	for _, item := range items {
		v, err := attr(item)
		if err != nil {
			return nil, err
		}
		ok, err := test(v)
		if err != nil {
			return nil, err
		}
		if ok != want {
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

// predicate gives the test named by the first of args, or truth itself.
func predicate(c *expr.Call, args []value.Value) (func(value.Value) (bool, error), error) {
	if len(args) == 0 {
		return func(v value.Value) (bool, error) { return value.Truth(v), fault(v) }, nil
	}
	name, err := pluginName("test", args[0])
	if err != nil {
		return nil, err
	}
	if c.Ctx.Env.Test(name) == nil {
		return nil, fmt.Errorf("No test named %s.", value.QuoteRepr(name))
	}
	return func(v value.Value) (bool, error) {
		return c.Ctx.CallTest(name, append([]value.Value{v}, args[1:]...), copyKwargs(c.Kwargs))
	}, nil
}
