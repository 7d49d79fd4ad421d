// Package controller has the filters and tests that only the controller has:
// YAML, vault, password hashes. Their libraries are too big for the agent, or
// their work needs what the run knows.
//
// What they ask of the run stands in [Vault]; the Env's Controller implements it.
package controller

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// Filters and Tests by short and by full name. They are filled in init.
var (
	Filters = expr.Funcs{}
	Tests   = expr.Funcs{}
)

func addFilter(name, py string, fn func(*expr.Call) (value.Value, error)) {
	Filters.Add(&expr.Func{Name: name, Py: py, Fn: fn})
}

func addTest(name, py string, lazy bool, fn func(*expr.Call) (bool, error)) {
	Tests.Add(&expr.Func{Name: name, Py: py, Lazy: lazy, Fn: func(c *expr.Call) (value.Value, error) {
		ok, err := fn(c)
		return value.Bool(ok), err
	}})
}

func given(v value.Value) bool { return v != nil && v != value.None }

// warn hands a warning to whoever listens.
func warn(c *expr.Call, msg string) {
	c.Ctx.Notify(expr.Notice{Msg: msg})
}
