// Package gatherfacts gathers facts of a host by the module setup, or by those
// that FACTS_MODULES names.
//
// Source: documentation of ansible.builtin.gather_facts; results seen on
// ansible-core 2.19.
package gatherfacts

import (
	"context"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the gather_facts action. Arguments are those of the facts modules,
// which check them; only parallel is its own.
var Action = module.Action{
	Name: "ansible.builtin.gather_facts", Doc: "Gathers facts about remote hosts.",
	Where: module.Controller, Check: true,
	Spec: module.Spec{AnyArgs: true, Args: []module.Arg{
		{Name: "parallel", Type: module.Raw, Doc: "Run several facts modules at once (here they run one after the other)."},
	}},
	Run: run,
}

const (
	factsModule = "ansible.legacy.setup"
	// modulesVar names the modules that gather facts, where a host has others than
	// the setting FACTS_MODULES.
	modulesVar = "ansible_facts_modules"
)

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
	names, err := factsModules(c)
	if err != nil {
		return nil, err
	}
	// Facts are too many to be shown at -v.
	out := &module.Result{Facts: value.NewDict(0),
		Values: value.DictOf("ansible_facts", value.None, "changed", value.None, "_ansible_facts_gathered", value.True, "_ansible_verbose_override", value.True)}
	failed, skipped := value.NewDict(0), value.NewDict(0)
	var cause string
	for _, name := range names {
		res, err := call(ctx, c, name, args)
		if err != nil {
			return nil, err
		}
		switch {
		case res.Unreachable:
			return res, nil
		case res.Failed:
			one := res.Dict()
			one.SetStr("exception", value.Str(module.NoTraceback))
			one.Delete(value.Str("changed"))
			failed.SetStr(name, one)
			cause = res.Msg
		case res.Skipped:
			one := res.Dict()
			one.Delete(value.Str("changed"))
			one.Delete(value.Str("failed"))
			skipped.SetStr(name, one)
		default:
			out.Warnings = append(out.Warnings, res.Warnings...)
			out.Deprecated = append(out.Deprecated, res.Deprecated...)
			merge(out.Facts, res.Facts)
		}
	}
	if skipped.Len() > 0 {
		out.Msg = "The following modules were skipped: " + list(skipped) + "."
		out.Values.SetStr("skipped_modules", skipped)
		out.Skipped = skipped.Len() == len(names)
	}
	if failed.Len() > 0 {
		out.Failed, out.Cause = true, cause
		out.Msg = "The following modules failed to execute: " + list(failed) + "."
		out.Values.SetStr("failed_modules", failed)
	}
	return out, nil
}

// factsModules are the modules that gather the host's facts.
func factsModules(c *module.ActionCall) ([]string, error) {
	names := c.Task.FactsModules
	v, given, err := c.Var(modulesVar)
	if err != nil {
		return nil, err
	}
	if given {
		names = nil
		switch v := v.(type) {
		case *value.List:
			for _, item := range v.Items {
				names = append(names, value.Text(item))
			}
		default:
			for name := range strings.SplitSeq(value.Text(v), ",") {
				names = append(names, strings.TrimSpace(name))
			}
		}
	} else if names == nil {
		names = []string{"smart"}
	}
	out := make([]string, len(names))
	for i, name := range names {
		if out[i] = name; name == "smart" {
			out[i] = factsModule
		}
	}
	return out, nil
}

// call calls one of the modules. What says which facts are wanted is for setup alone.
func call(ctx context.Context, c *module.ActionCall, name string, args *value.Dict) (*module.Result, error) {
	args = args.Clone()
	if short := name[strings.LastIndexByte(name, '.')+1:]; short != "setup" {
		for _, of := range [][2]string{{"gather_subset", "subset"}, {"gather_timeout", "timeout"}, {"filter", "filter"}} {
			v, given := args.GetStr(of[0])
			if !given {
				continue
			}
			args.Delete(value.Str(of[0]))
			if text := value.Text(v); text != "all" && text != "['all']" {
				c.Warn(fmt.Sprintf("Not passing %s(%s) to %s", of[1], text, name))
			}
		}
	}
	if c.Defaults != nil {
		defaults, err := c.Defaults(name)
		if err != nil {
			return nil, err
		}
		for k, v := range defaults.All() {
			if _, given := args.Get(k); !given {
				args.Set(k, v)
			}
		}
	}
	full := name
	if name != factsModule {
		var ok bool
		if full, ok = c.Named(name); !ok {
			return nil, fmt.Errorf("The module %s was not found in configured module paths", name)
		}
	}
	return c.Module(ctx, full, args)
}

// merge adds facts; what dicts have is added to dicts.
func merge(into, facts *value.Dict) {
	for k, v := range facts.All() {
		there, _ := into.Get(k)
		if old, ok := there.(*value.Dict); ok {
			if d, ok := v.(*value.Dict); ok {
				old = old.Clone()
				merge(old, d)
				v = old
			}
		}
		into.Set(k, v)
	}
}

// list is the names of modules as messages have them.
func list(of *value.Dict) string {
	var names []string
	for k := range of.All() {
		names = append(names, value.Text(k))
	}
	return strings.Join(names, ", ")
}

func notBool(v value.Value) error {
	return fmt.Errorf("The value %s is not a valid boolean. Valid booleans include: "+
		"'no', 1, 0, 't', 'yes', 'true', '1', '0', 'on', 'y', 'n', 'f', 'false', 'off'", value.Repr(v))
}
