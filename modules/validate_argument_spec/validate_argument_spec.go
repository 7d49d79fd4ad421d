// Package validateargumentspec checks arguments against a specification: those
// of roles, or whatever a task hands over.
//
// Source: documentation of ansible.builtin.validate_argument_spec; results seen
// on ansible-core 2.19 (testdata/execution/argspec).
package validateargumentspec

import (
	"context"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the validate_argument_spec action.
var Action = module.Action{
	Name: "ansible.builtin.validate_argument_spec", Doc: "Validate role argument specs.",
	Local: true, Check: true, Diff: true,
	Spec: module.Spec{AnyArgs: true, Args: []module.Arg{
		{Name: "argument_spec", Type: module.Raw, Doc: "What arguments there are."},
		{Name: "provided_arguments", Type: module.Raw, Doc: "Arguments beside those that are variables."},
		{Name: "validate_args_context", Type: module.Raw, Doc: "Whose arguments these are, for the result."},
	}},
	Run: run,
}

func run(_ context.Context, c *module.ActionCall) (*module.Result, error) {
	if !c.Args.Given("argument_spec") {
		given := value.NewDict(2)
		for _, name := range []string{"provided_arguments", "validate_args_context"} {
			if c.Args.Given(name) {
				given.SetStr(name, c.Args.Value(name))
			}
		}
		return nil, fmt.Errorf(`"argument_spec" arg is required in args: %s`, value.Repr(given))
	}
	declared, err := dict(c, "argument_spec")
	if err != nil {
		return nil, err
	}
	provided, err := dict(c, "provided_arguments")
	if err != nil {
		return nil, err
	}
	about := c.Args.Value("validate_args_context")
	if !c.Args.Given("validate_args_context") {
		about = value.NewDict(0)
	}
	spec, faults := Spec(declared)
	args, err := arguments(c, spec, provided)
	if err != nil {
		return nil, err
	}
	_, errs := module.CheckAll(spec, args, nil)
	for _, f := range faults {
		if v, ok := args.GetStr(f.Name); ok {
			errs = append(errs, fmt.Sprintf("argument '%s' is of type %s and we were unable to convert to %s: 'NoneType' object is not callable", f.Name, v.Type(), f.Type))
		}
	}
	if len(errs) == 0 {
		return &module.Result{Values: value.DictOf("changed", value.False, "validate_args_context", about,
			"msg", value.Str("The arg spec validation passed"))}, nil
	}
	return &module.Result{Failed: true, Values: value.DictOf("validate_args_context", about,
		"msg", value.Str("Validation of arguments failed:\n"+strings.Join(errs, "\n")),
		"argument_spec_data", declared, "argument_errors", value.Strings(errs...))}, nil
}

// dict gives an argument that has to be one.
func dict(c *module.ActionCall, name string) (*value.Dict, error) {
	if !c.Args.Given(name) {
		return value.NewDict(0), nil
	}
	v := c.Args.Value(name)
	d, ok := v.(*value.Dict)
	if !ok {
		kind := v.Type()
		return nil, fmt.Errorf("Incorrect type for %s, expected dict and got <class 'ansible.module_utils._internal._datatag._AnsibleTagged%s'>",
			name, strings.ToUpper(kind[:1])+kind[1:])
	}
	return d, nil
}

// arguments are the variables that the specification names, and what was
// provided over them.
func arguments(c *module.ActionCall, spec *module.Spec, provided *value.Dict) (*value.Dict, error) {
	args := value.NewDict(len(spec.Args))
	for _, a := range spec.Args {
		v, found, err := c.Var(a.Name)
		if err != nil {
			return nil, err
		}
		if found {
			args.SetStr(a.Name, v)
		}
	}
	for k, v := range provided.All() {
		args.Set(k, v)
	}
	return args, nil
}
