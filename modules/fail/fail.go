// Package fail fails with a message.
//
// Source: documentation of ansible.builtin.fail; results seen on ansible-core 2.19.
package fail

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the fail action.
var Action = module.Action{
	Name: "ansible.builtin.fail", Doc: "Fail with custom message.",
	Local: true, Check: true, Diff: true, Unsupported: "Invalid options for fail: %s",
	Spec: module.Spec{Args: []module.Arg{
		{Name: "msg", Type: module.Raw, Default: value.Str("Failed as requested from task"), Doc: "The message."},
	}},
	Run: func(_ context.Context, c *module.ActionCall) (*module.Result, error) {
		return &module.Result{Failed: true, Values: value.DictOf("failed", value.None, "msg", c.Args.Value("msg"))}, nil
	},
}
