package test

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("filter", "test_filter", func(c *expr.Call) (bool, error) {
		return known(c, func(name string) bool { return c.Ctx.Env.Filter(name) != nil })
	})
	add("test", "test_test", func(c *expr.Call) (bool, error) {
		return known(c, func(name string) bool { return c.Ctx.Env.Test(name) != nil })
	})
}

// known looks for a plugin by name. The reference takes what is no name for known.
func known(c *expr.Call, has func(string) bool) (bool, error) {
	var env, v value.Value
	args := append([]value.Value{value.None}, c.Args...)
	if err := value.Unpack(c.Name, args, c.Kwargs, "env", &env, "value", &v); err != nil {
		return false, err
	}
	name, ok := value.AsText(v)
	return !ok || has(name), nil
}
