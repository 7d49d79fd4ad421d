package uri

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/ship"
)

// Action is the half of uri that finds files of the controller: src, and those
// that a form names.
var Action = module.Action{
	Name: "ansible.builtin.uri", Doc: "Interact with web services.",
	Where: module.Controller,
	Async: true, Ahead: true,
	Spec: module.Spec{AnyArgs: true},
	Run:  act,
}

func act(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	args := c.Args.Clone()
	remote := false
	if v := c.Args.Value("remote_src"); v != value.Value(value.None) {
		var ok bool
		if remote, ok = module.ToBool(v); !ok {
			return c.Final(ctx, "ansible.legacy.uri", args) // which says so
		}
	}
	var blobs []module.Blob
	ships := func(name, path string) error {
		found, err := c.Controller.FindFile("files", path)
		if err != nil {
			return err
		}
		blob, err := ship.File(c.Controller, name, found, true)
		blobs = append(blobs, blob)
		return err
	}
	switch src, format := c.Args.Value("src"), value.Text(c.Args.Value("body_format")); {
	case remote:
	case src != value.Value(value.None) && value.Text(src) != "":
		if err := ships("src", value.Text(src)); err != nil {
			return nil, err
		}
	case format == "form-multipart":
		fields, _ := c.Args.Value("body").(*value.Dict)
		if fields == nil {
			return nil, module.Failf("body must be mapping, cannot be type %s", c.Args.Value("body").Type())
		}
		for k, v := range fields.All() {
			d, _ := v.(*value.Dict)
			f := module.Args{Dict: d}
			if d == nil || f.Str("filename") == "" || f.Str("content") != "" {
				continue
			}
			if err := ships("body."+value.Text(k), f.Str("filename")); err != nil {
				return nil, err
			}
		}
	}
	if len(blobs) > 0 {
		args.SetStr("_churten", value.True)
	}
	return c.Final(ctx, "ansible.legacy.uri", args, blobs...)
}
