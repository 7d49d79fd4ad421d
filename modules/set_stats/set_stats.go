// Package setstats keeps values for the end of the run.
//
// Source: documentation of ansible.builtin.set_stats; results seen on ansible-core 2.19.
package setstats

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the set_stats action.
var Action = module.Action{
	Name: "ansible.builtin.set_stats", Doc: "Define and display stats for the current ansible run.",
	Where: module.Controller, Local: true, Check: true, Diff: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "data", Type: module.Dict, Required: true, Doc: "Names and values."},
		{Name: "per_host", Type: module.Bool, Default: value.False, Doc: "Keep them for this host, not for the run."},
		{Name: "aggregate", Type: module.Bool, Default: value.True, Doc: "Add to values there are, do not replace them."},
	}},
	Run: func(_ context.Context, c *module.ActionCall) (*module.Result, error) {
		data := c.Args.Sub("data")
		perHost, aggregate := c.Args.Bool("per_host"), c.Args.Bool("aggregate")
		return &module.Result{
			Values: value.DictOf("ansible_stats", value.DictOf(
				"data", data, "per_host", value.Bool(perHost), "aggregate", value.Bool(aggregate))),
			Stats: &module.Stats{Data: data, PerHost: perHost, Aggregate: aggregate},
		}, nil
	},
}
