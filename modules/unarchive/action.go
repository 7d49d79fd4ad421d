package unarchive

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/ship"
)

// Action is the half of unarchive that finds an archive of the controller.
var Action = module.Action{
	Name: "ansible.builtin.unarchive", Doc: "Unpacks an archive after (optionally) copying it from the local machine.",
	Where: module.Controller, Check: true, Diff: true, Ahead: true,
	Spec: module.Spec{AnyArgs: true},
	Run:  act,
}

func act(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	args := c.Args.Clone()
	flag := func(name string, otherwise bool) (bool, error) {
		v := c.Args.Value(name)
		if v == value.Value(value.None) {
			return otherwise, nil
		}
		b, ok := module.ToBool(v)
		if !ok {
			return false, module.Failf("The value '%s' is not a valid boolean.", value.Text(v))
		}
		return b, nil
	}
	remote, err := flag("remote_src", false)
	if err != nil {
		return nil, err
	}
	decrypt, err := flag("decrypt", true)
	if err != nil {
		return nil, err
	}
	if c.Args.Given("copy") {
		if c.Args.Given("remote_src") {
			return nil, module.Failf("parameters are mutually exclusive: ('copy', 'remote_src')")
		}
		local, err := flag("copy", true)
		if err != nil {
			return nil, err
		}
		remote = !local
		args.SetStr("remote_src", value.Bool(remote))
	}
	src, dest := c.Args.Value("src"), c.Args.Value("dest")
	if src == value.Value(value.None) || dest == value.Value(value.None) {
		return nil, module.Failf("src (or content) and dest are required")
	}
	if remote {
		return c.Final(ctx, "ansible.legacy.unarchive", args)
	}
	creates := ""
	if c.Args.Given("creates") {
		creates = value.Text(c.Args.Value("creates"))
	}
	path, err := c.Controller.FindFile("files", value.Text(src))
	if err != nil {
		// The reference asks the host before it looks for the archive.
		if there, statErr := ship.There(ctx, c, creates); statErr != nil || !there {
			return nil, err
		}
		return module.LeftOut(sinceThere(creates)), nil
	}
	blob, err := ship.File(c.Controller, "src", path, decrypt)
	if err != nil {
		return nil, err
	}
	args.SetStr("_churten", value.True)
	r, err := c.Final(ctx, "ansible.legacy.unarchive", args, blob)
	// The reference's action says so, not the module.
	if err == nil && creates != "" && r.Skipped && r.Msg == sinceThere(creates) {
		return module.LeftOut(r.Msg), nil
	}
	return r, err
}
