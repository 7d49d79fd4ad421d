// Package setstats keeps values for the end of the run.
//
// Source: documentation of ansible.builtin.set_stats; results seen on ansible-core 2.19.
package setstats

import (
	"context"
	"fmt"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the set_stats action.
var Action = module.Action{
	Name: "ansible.builtin.set_stats", Doc: "Define and display stats for the current ansible run.",
	Where: module.Controller, Local: true, Check: true, Diff: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "data", Type: module.Raw, Doc: "Names and values."},
		{Name: "per_host", Type: module.Bool, Default: value.False, Doc: "Keep them for this host, not for the run."},
		{Name: "aggregate", Type: module.Bool, Default: value.True, Doc: "Add to values there are, do not replace them."},
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
			if name, ok := k.(value.Str); !ok || !isName(string(name)) {
				e := &source.Error{Msg: fmt.Sprintf("Invalid variable name %s.", value.Repr(k)),
					Hint: "Variable names must be strings starting with a letter or underscore character, and contain only letters, numbers and underscores."}
				if c.Place != nil {
					e.Pos = c.Place(k)
				}
				return nil, e
			}
		}
		perHost, aggregate := c.Args.Bool("per_host"), c.Args.Bool("aggregate")
		return &module.Result{
			Values: value.DictOf("changed", value.None, "ansible_stats", value.DictOf(
				"data", data, "per_host", value.Bool(perHost), "aggregate", value.Bool(aggregate))),
			Stats: &module.Stats{Data: data, PerHost: perHost, Aggregate: aggregate},
		}, nil
	},
}

// isName reports whether s may be the name of a variable.
func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
