// Package pkg installs and removes packages with whatever package
// manager the host has: the manager's own module does it, called from within
// the agent, so that finding the manager costs no round trip.
//
// Source: documentation of ansible.builtin.package; results and messages seen
// on ansible-core 2.19 (testdata/twins.yml).
package pkg

import (
	"context"
	"errors"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/wire"
)

// Action is the package action: it knows the variable that names the manager.
var Action = module.Action{
	Name: "ansible.builtin.package", Doc: doc,
	Check: true, Diff: true, Async: true, Ahead: true,
	// The arguments are those of the manager's module, which checks them.
	Spec: module.Spec{AnyArgs: true, Args: []module.Arg{use}},
	Run:  act,
}

// Module is the half that finds the manager.
var Module = module.Module{
	Name: "ansible.builtin.package", Doc: doc,
	Check: true, Diff: true,
	Spec: module.Spec{AnyArgs: true, Args: []module.Arg{use}},
	Run:  run,
}

const doc = "Generic OS package manager."

var use = module.Arg{Name: "use", Type: module.Raw, Default: value.Str("auto"), Doc: "The module of the package manager; auto to find it."}

// useVar is the variable that says what "auto" is.
const useVar = "ansible_package_use"

func act(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	args := c.Args.Clone()
	if isAuto(c.Args.Value("use")) && c.Var != nil {
		v, defined, err := c.Var(useVar)
		if err != nil {
			return nil, err
		}
		if defined && v != value.Value(value.None) {
			args.SetStr("use", v)
		}
	}
	res, err := c.Final(ctx, "ansible.legacy.package", args)
	if err != nil || !res.Failed {
		return res, err
	}
	if v, ok := res.Values.GetStr(noModule); ok {
		return nil, module.Failf("Could not find a matching action for the \"%s\" package manager.", value.Text(v))
	}
	if _, ok := res.Values.GetStr(noManager); ok {
		return nil, &module.Failure{Msg: res.Msg}
	}
	return res, nil
}

// What the module tells the action beside its failure: these are not the
// failures of a module for whoever reads them.
const (
	noModule  = "_package_no_module"
	noManager = "_package_no_manager"
)

func isAuto(v value.Value) bool { return value.Text(v) == "auto" }

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	args := c.Args.Clone()
	args.Delete(value.Str("use"))
	manager := value.Text(c.Args.Value("use"))
	if manager == "auto" {
		var err error
		if manager, err = detect(ctx, c); err != nil {
			return nil, err
		}
	}
	name := manager
	switch manager {
	case "apt", "dnf", "dnf5":
		name = "ansible.legacy." + manager // the reference's own; others are in collections
	case "yum":
		name = "ansible.legacy.dnf" // as the reference routes it
	}
	res, err := c.Sub(ctx, name, args)
	var unknown *wire.Fail
	if errors.As(err, &unknown) && unknown.Code == wire.CodeUnknownModule {
		return nil, module.Failf("no native module for the package manager %s", manager).With(noModule, value.Str(manager))
	}
	return res, err
}

// detect asks setup for the manager.
func detect(ctx context.Context, c *module.Call) (string, error) {
	res, err := c.Sub(ctx, "ansible.legacy.setup", value.DictOf("gather_subset", value.Strings("!all", "!min", "pkg_mgr")))
	if err != nil {
		return "", err
	}
	v, _ := res.Facts.GetStr("ansible_pkg_mgr")
	if manager, ok := v.(value.Str); ok && !res.Failed && manager != "" && manager != "unknown" {
		return string(manager), nil
	}
	return "", module.Failf("Could not detect which package manager to use. Try gathering facts or setting the \"use\" option.").With(noManager, value.True)
}
