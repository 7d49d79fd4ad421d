// Package setfact sets variables for a host.
//
// Source: documentation of ansible.builtin.set_fact; results seen on ansible-core 2.19.
package setfact

import (
	"context"

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
		if k == value.Value(value.Str("cacheable")) {
			if v == value.Value(value.None) {
				continue // not given
			}
			b, err := module.StrictBool(v)
			if err != nil {
				return nil, err
			}
			cacheable = b
			continue
		}
		if msg := module.InvalidName(k); msg != "" {
			return nil, &source.Error{Pos: c.Place(k), Msg: msg, Hint: module.NameHint}
		}
		facts.Set(k, v)
	}
	if facts.Len() == 0 {
		return nil, &module.Failure{Msg: "No key/value pairs provided, at least one is required for this action to succeed"}
	}
	return &module.Result{Facts: facts, Cacheable: cacheable}, nil
}
