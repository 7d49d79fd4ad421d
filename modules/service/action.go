package service

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the half that knows module_defaults: those of the manager's own
// module count beneath the task's arguments, as if the task had called it.
var Action = module.Action{
	Name: "ansible.builtin.service", Doc: Module.Doc,
	Check: true, Async: true, Ahead: true,
	// The module checks the arguments.
	Spec: module.Spec{AnyArgs: true},
	Run:  act,
}

// managers are the modules that service may stand for, by their names as facts.
var managers = []string{"systemd", "sysvinit", "runit"}

func act(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	args := c.Args.Clone()
	defaults := map[string]*value.Dict{}
	for _, name := range managers {
		d, err := c.Defaults(name)
		if err != nil {
			return nil, err
		}
		if d != nil && d.Len() > 0 {
			defaults[name] = d
		}
	}
	if len(defaults) > 0 {
		manager, err := managerOf(ctx, c)
		if err != nil {
			return nil, err
		}
		for k, v := range defaults[manager].All() {
			if _, given := args.Get(k); !given {
				args.Set(k, v)
			}
		}
	}
	return c.Final(ctx, "ansible.legacy.service", args)
}

// managerOf is what the task says, else what the host's facts would.
func managerOf(ctx context.Context, c *module.ActionCall) (string, error) {
	if use, ok := c.Args.GetStr("use"); ok && value.Text(use) != "auto" {
		return value.Text(use), nil
	}
	res, err := c.Module(ctx, "ansible.legacy.setup", value.DictOf("gather_subset", value.Strings("!all", "!min", "service_mgr")))
	if err != nil || res.Failed || res.Facts == nil {
		return "", err
	}
	v, ok := res.Facts.GetStr("ansible_service_mgr")
	if !ok {
		return "", nil
	}
	return value.Text(v), nil
}
