// Package debug shows a message or a variable.
//
// Source: documentation of ansible.builtin.debug; results seen on ansible-core 2.19.
package debug

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the debug action.
var Action = module.Action{
	Name: "ansible.builtin.debug", Doc: "Print statements during execution.",
	Local: true, Check: true, Diff: true, Ahead: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "msg", Type: module.Raw, Default: value.Str("Hello world!"), Doc: "The message to show."},
			{Name: "var", Type: module.Expr, Doc: "An expression, usually the name of a variable, to show the value of."},
			{Name: "verbosity", Type: module.Int, Default: value.Int(0), Doc: "Show it only with this many -v or more."},
		},
		Rules: module.Rules{MutuallyExclusive: [][]string{{"msg", "var"}}},
	},
	Run: run,
}

func run(_ context.Context, c *module.ActionCall) (*module.Result, error) {
	if need := c.Args.Int("verbosity"); int64(c.Verbosity) < need {
		return &module.Result{Skipped: true, Values: value.DictOf(
			"skipped_reason", value.Str("Verbosity threshold not met."))}, nil
	}
	out := value.NewDict(2)
	switch {
	case c.Args.Given("var") && c.Written(c.Args.Value("var")) != value.Value(value.Str("")):
		what := c.Args.Value("var")
		switch what.(type) {
		case *value.List, *value.Dict:
			return nil, module.Failf("argument 'var' is of type %s and we were unable to convert to _check_type_str_no_conversion: '%s' is not a string and conversion is not allowed",
				what.Type(), value.Text(what))
		}
		v, err := c.Show(what)
		if err != nil {
			return nil, err
		}
		out.SetStr(value.Text(what), v)
	default:
		out.SetStr("msg", c.Args.Value("msg"))
	}
	out.SetStr("_ansible_verbose_always", value.True)
	return &module.Result{Values: out}, nil
}
