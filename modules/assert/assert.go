// Package assert checks that conditions hold.
//
// Source: documentation of ansible.builtin.assert; results seen on ansible-core 2.19.
package assert

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the assert action.
var Action = module.Action{
	Name: "ansible.builtin.assert", Doc: "Asserts given expressions are true.",
	Local: true, Check: true, Diff: true, Ahead: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "that", Type: module.Expr, Required: true, Doc: "One condition, or a list of them."},
		{Name: "fail_msg", Aliases: []string{"msg"}, Type: module.Raw, Default: value.Str("Assertion failed"), Doc: "What to say when one does not hold."},
		{Name: "success_msg", Type: module.Raw, Default: value.Str("All assertions passed"), Doc: "What to say when all hold."},
		{Name: "quiet", Type: module.Bool, Default: value.False, Doc: "Show less."},
	}},
	Run: run,
}

func run(_ context.Context, c *module.ActionCall) (*module.Result, error) {
	var fail, success value.Value
	for name, into := range map[string]*value.Value{"fail_msg": &fail, "success_msg": &success} {
		v := c.Args.Value(name)
		if !messageOK(v) {
			return nil, module.Failf("argument '%s' is of type %s and we were unable to convert to str_or_list_of_str: a string or list of strings is required", name, v.Type())
		}
		*into = v
	}
	conditions, err := list(c)
	if err != nil {
		return nil, err
	}
	out := value.NewDict(4)
	if !c.Args.Bool("quiet") {
		out.SetStr("_ansible_verbose_always", value.True)
	}
	for _, that := range conditions {
		ok, err := c.Condition(that)
		if err != nil {
			return nil, err
		}
		if ok {
			continue
		}
		out.SetStr("failed", value.None)
		out.SetStr("evaluated_to", value.False)
		out.SetStr("assertion", c.Written(that))
		out.SetStr("msg", fail)
		return &module.Result{Failed: true, Values: out}, nil
	}
	out.SetStr("changed", value.None)
	out.SetStr("msg", success)
	return &module.Result{Values: out}, nil
}

// list gives the conditions of `that`: a list as it is written, a template
// that comes to a list, or a single one.
func list(c *module.ActionCall) ([]value.Value, error) {
	that := c.Args.Value("that")
	if l, ok := that.(*value.List); ok {
		return l.Items, nil
	}
	if that.Type() == "template" {
		v, err := c.EvalItems(that)
		if err != nil {
			return []value.Value{that}, nil // judged as a condition it says what is wrong
		}
		if l, ok := v.(*value.List); ok {
			return l.Items, nil
		}
	}
	return []value.Value{that}, nil
}

func messageOK(v value.Value) bool {
	switch v := v.(type) {
	case value.Str, value.NoneType:
		return true
	case *value.List:
		for _, item := range v.Items {
			if _, ok := item.(value.Str); !ok {
				return false
			}
		}
		return true
	}
	return false
}
