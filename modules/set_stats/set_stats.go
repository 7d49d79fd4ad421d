// Package setstats keeps values for the end of the run.
//
// Source: documentation of ansible.builtin.set_stats; results seen on ansible-core 2.19.
package setstats

import (
	"context"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the set_stats action.
var Action = module.Action{
	Name: "ansible.builtin.set_stats", Doc: "Define and display stats for the current ansible run.",
	Where: module.Controller, Local: true, Check: true, Diff: true,
	Unsupported: "Invalid options for set_stats: %s",
	Spec: module.Spec{Args: []module.Arg{
		{Name: "data", Type: module.Raw, Doc: "Names and values."},
		{Name: "per_host", Type: module.Raw, Doc: "Keep them for this host, not for the run. What is no boolean is false."},
		{Name: "aggregate", Type: module.Raw, Doc: "Add to values there are, do not replace them: the default. What is no boolean is false."},
	}},
	Run: func(_ context.Context, c *module.ActionCall) (*module.Result, error) {
		data := value.NewDict(0)
		if c.Args.Given("data") {
			var ok bool
			if data, ok = c.Args.Value("data").(*value.Dict); !ok {
				return &module.Result{Failed: true, Msg: "The 'data' option needs to be a dictionary/hash"}, nil
			}
		}
		for k := range data.All() {
			if msg := module.InvalidName(k); msg != "" {
				e := &source.Error{Msg: msg, Hint: module.NameHint}
				if c.Place != nil {
					e.Pos = c.Place(k)
				}
				return nil, e
			}
		}
		perHost, aggregate := truth(c.Args, "per_host", false), truth(c.Args, "aggregate", true)
		return &module.Result{
			Values: value.DictOf("changed", value.None, "ansible_stats", value.DictOf(
				"data", data, "per_host", value.Bool(perHost), "aggregate", value.Bool(aggregate))),
			Stats: &module.Stats{Data: data, PerHost: perHost, Aggregate: aggregate},
		}, nil
	},
}

// truth gives an argument as boolean: false where it is none.
func truth(args module.Args, name string, otherwise bool) bool {
	if !args.Given(name) {
		return otherwise
	}
	b, ok := module.ToBool(args.Value(name))
	return ok && b
}
