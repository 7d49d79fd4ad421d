// Package setfact sets variables for a host.
//
// Source: documentation of ansible.builtin.set_fact; results seen on ansible-core 2.19.
package setfact

import (
	"context"
	"fmt"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the set_fact action.
var Action = module.Action{
	Name: "ansible.builtin.set_fact", Doc: "Set host variables and facts.",
	Local: true, Check: true, Diff: true, Ahead: true,
	Spec: module.Spec{AnyArgs: true, Args: []module.Arg{
		{Name: "cacheable", Type: module.Raw, Doc: "Keep the variables as facts too, so that a fact cache keeps them."},
	}},
	Run: run,
}

func run(_ context.Context, c *module.ActionCall) (*module.Result, error) {
	facts := value.NewDict(c.Args.Len())
	cacheable := false
	for k, v := range c.Args.All() {
		name, ok := k.(value.Str)
		if string(name) == "cacheable" {
			b, isBool := module.ToBool(v)
			cacheable = isBool && b
			continue
		}
		if !ok || !validName(string(name)) {
			return nil, &source.Error{Pos: c.Place(k), Msg: invalid(k),
				Hint: "Variable names must be strings starting with a letter or underscore character, and contain only letters, numbers and underscores."}
		}
		facts.Set(k, v)
	}
	if facts.Len() == 0 {
		return nil, &module.Failure{Msg: "No key/value pairs provided, at least one is required for this action to succeed"}
	}
	return &module.Result{Facts: facts, Cacheable: cacheable}, nil
}

func validName(s string) bool {
	for i, r := range s {
		letter := r == '_' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// invalid tells of a name that is none.
func invalid(k value.Value) string {
	if _, ok := k.(value.Str); ok {
		return fmt.Sprintf("Invalid variable name %s.", value.Repr(k))
	}
	return fmt.Sprintf("Invalid variable name '%s' of type '%s'.", value.Text(k), k.Type())
}
