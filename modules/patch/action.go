package patch

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/ship"
)

// Action is the half of patch that finds a patch of the controller.
var Action = module.Action{
	Name: "ansible.posix.patch", Aliases: []string{"ansible.builtin.patch"}, Doc: Module.Doc,
	Where: module.Controller, Check: true,
	Spec: module.Spec{AnyArgs: true}, // the module checks them
	Run:  act,
}

const blobName = "src"

func act(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	args := c.Args.Clone()
	src, _ := args.GetStr("src")
	if src == nil || src == value.Value(value.None) {
		return module.Failed(module.Failf("src is required")), nil
	}
	remote := false
	if v, ok := args.GetStr("remote_src"); ok {
		remote, _ = module.ToBool(v) // what is no boolean is not true, and told by the module
	}
	if remote {
		return c.Module(ctx, Module.Name, args)
	}
	path, err := c.Controller.FindFile("files", value.Text(src))
	if err != nil {
		return module.Failed(&module.Failure{Msg: err.Error()}), nil
	}
	blob, err := ship.File(c.Controller, blobName, path, false)
	if err != nil {
		return module.Failed(&module.Failure{Msg: "Failed to transfer file: " + err.Error()}), nil
	}
	return c.Module(ctx, Module.Name, args, blob)
}
