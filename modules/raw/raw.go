// Package raw runs a command line on the host without any help there: no agent,
// no Python, only the login shell.
//
// Source: documentation of ansible.builtin.raw; results seen on ansible-core 2.19.
package raw

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the raw action.
var Action = module.Action{
	Name: "ansible.builtin.raw", Doc: "Executes a low-down and dirty command.",
	Where: module.Controller, Check: true,
	Spec: module.Spec{FreeForm: true, AnyArgs: true, Args: []module.Arg{
		{Name: "_raw_params", Type: module.Raw, Doc: "The command line."},
		{Name: "executable", Type: module.Str, Doc: "The shell to use, an absolute path."},
	}},
	Run: run,
}

func run(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	if c.Check {
		return &module.Result{Skipped: true}, nil
	}
	// Other arguments count for nothing, in the reference too.
	if env := c.Task.Environment; env != nil && env.Len() > 0 {
		c.Warn("raw module does not support the environment keyword")
	}
	if !c.Args.Given("_raw_params") {
		return nil, module.Failf("no command is given: raw takes it as its text (raw: uptime)")
	}
	command := value.Text(c.Args.Value("_raw_params"))
	rc, stdout, stderr, err := c.Controller.Login(ctx, command, c.Args.Str("executable"))
	if err != nil {
		return nil, err
	}
	r := &module.Result{Changed: true, Values: value.DictOf(
		"rc", value.Int(rc), "stdout", value.Str(stdout), "stdout_lines", value.Strings(value.SplitLines(string(stdout), false)...),
		"stderr", value.Str(stderr), "stderr_lines", value.Strings(value.SplitLines(string(stderr), false)...), "changed", value.None)}
	if rc != 0 {
		r.Failed, r.Msg = true, "non-zero return code"
	}
	return r, nil
}
