// Package protomatterdebug shows what expressions come to, faults among them:
// ansible-core's own tests use it.
//
// Source: results of ansible._protomatter.debug seen on ansible-core 2.19.
package protomatterdebug

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the debug action of ansible-core's inner collection.
var Action = module.Action{
	Name: "ansible._protomatter.debug", Doc: "Show what expressions come to.",
	Local: true, Check: true, Diff: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "expression", Type: module.Expr, Required: true, Doc: "One expression, or a list of them."},
	}},
	Run: run,
}

func run(_ context.Context, c *module.ActionCall) (*module.Result, error) {
	exprs := []value.Value{c.Args.Value("expression")}
	if l, ok := exprs[0].(*value.List); ok {
		exprs = l.Items
	}
	out := value.NewList()
	told := 0
	for _, e := range exprs {
		if e.Type() != "str" && e.Type() != "template" {
			return nil, module.Failf("Elements value for option 'expression' is of type %s and we were unable to convert to _check_type_str_no_conversion: '%s' is not a string and conversion is not allowed",
				e.Type(), value.Text(e))
		}
		v, n, err := c.Inspect(e, told)
		if err != nil {
			return nil, err
		}
		told = n
		out.Items = append(out.Items, v)
	}
	return &module.Result{Values: value.DictOf("expression_result", out, "_ansible_verbose_always", value.True)}, nil
}
