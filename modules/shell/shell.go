// Package shell runs a command line in a shell. The work is the command
// module's.
//
// Source: documentation of ansible.builtin.shell; results seen on ansible-core 2.19.
package shell

import (
	"context"

	"github.com/churten/churten/modules/command"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the shell action.
var Action = module.Action{
	Name: "ansible.builtin.shell", Doc: "Execute shell commands on targets.",
	Check: true, Diff: true, Async: true, Ahead: true,
	Spec: module.Spec{AnyArgs: true, FreeForm: true},
	Run: func(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
		// An argument of command alone, which command itself would take.
		if _, given := c.Args.GetStr("expand_argument_vars"); given {
			return nil, module.Failf("Unsupported parameters for (shell) module: expand_argument_vars")
		}
		return command.Call(ctx, c, true)
	},
}
