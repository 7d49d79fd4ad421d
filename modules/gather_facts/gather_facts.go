// Package gatherfacts gathers facts of a host by the module setup.
//
// Source: documentation of ansible.builtin.gather_facts; results seen on
// ansible-core 2.19.
package gatherfacts

import (
	"context"
	"fmt"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the gather_facts action. Arguments are those of the facts modules,
// which check them; only parallel is its own.
var Action = module.Action{
	Name: "ansible.builtin.gather_facts", Doc: "Gathers facts about remote hosts.",
	Check: true,
	Spec: module.Spec{AnyArgs: true, Args: []module.Arg{
		{Name: "parallel", Type: module.Raw, Doc: "Run several facts modules at once; there is one here."},
	}},
	Run: run,
}

const factsModule = "ansible.legacy.setup"

func run(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	args := value.NewDict(4)
	for k, v := range c.Args.All() {
		if k == value.Value(value.Str("parallel")) {
			if _, ok := module.ToBool(v); !ok && v != value.Value(value.None) {
				return nil, notBool(v)
			}
			continue
		}
		args.Set(k, v)
	}
	if c.Defaults != nil {
		defaults, err := c.Defaults(factsModule)
		if err != nil {
			return nil, err
		}
		for k, v := range defaults.All() {
			if _, given := args.Get(k); !given {
				args.Set(k, v)
			}
		}
	}
	res, err := c.Module(ctx, factsModule, args)
	if err != nil {
		return nil, err
	}
	if res.Unreachable {
		return res, nil
	}
	if res.Failed {
		return failed(res), nil
	}
	// Facts are too many to be shown at -v.
	out := &module.Result{Facts: res.Facts, Warnings: res.Warnings, Deprecated: res.Deprecated,
		Values: value.DictOf("ansible_facts", value.None, "changed", value.None, "_ansible_facts_gathered", value.True, "_ansible_verbose_override", value.True)}
	if out.Facts == nil {
		out.Facts = value.NewDict(0)
	}
	return out, nil
}

func notBool(v value.Value) error {
	return fmt.Errorf("The value %s is not a valid boolean. Valid booleans include: "+
		"'no', 1, 0, 't', 'yes', 'true', '1', '0', 'on', 'y', 'n', 'f', 'false', 'off'", value.Repr(v))
}

// failed tells which facts module failed, and how, as the reference does.
func failed(res *module.Result) *module.Result {
	one := res.Dict()
	one.Delete(value.Str("changed"))
	return &module.Result{Failed: true, Msg: "The following modules failed to execute: " + factsModule + ".", Cause: res.Msg,
		Warnings: res.Warnings, Deprecated: res.Deprecated,
		Values: value.DictOf("ansible_facts", value.NewDict(0), "failed_modules", value.DictOf(factsModule, one))}
}
