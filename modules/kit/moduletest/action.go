package moduletest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/templatevars"
)

// OfAction gives the Runner of an action that may call the given modules, under
// the names they declare and ansible.legacy's. render renders templates; nil
// where the action needs none.
func OfAction(a *module.Action, render func(text string, vars *value.Dict, o module.RenderOptions) (string, error), modules ...*module.Module) Runner {
	return func(ctx context.Context, args *value.Dict, o Run) *module.Result {
		if o.Check && !a.Check {
			return module.LeftOut("This action (" + a.Name[strings.LastIndexByte(a.Name, '.')+1:] + ") does not support check mode.")
		}
		checked, warnings, err := module.CheckAction(a, args)
		if err != nil {
			return module.Failed(err)
		}
		c := &module.ActionCall{Action: a, Args: checked, Host: "localhost", Check: o.Check, Diff: o.Diff,
			Controller: &controller{render: render, vars: o.Vars}}
		c.Module = func(ctx context.Context, name string, args *value.Dict, blobs ...module.Blob) (*module.Result, error) {
			return call(ctx, modules, o, name, args, blobs)
		}
		res, err := a.Run(ctx, c)
		var f *module.Failure
		switch {
		case errors.As(err, &f):
			return module.Failed(err)
		case err != nil:
			return &module.Result{Failed: true, Msg: "Task failed: " + err.Error()} // as the executor words it
		}
		res.Warnings = append(append(warnings, c.Warnings()...), res.Warnings...)
		return res
	}
}

// call runs a module as the agent does; its result goes through a dict, as
// over the wire.
func call(ctx context.Context, modules []*module.Module, o Run, name string, args *value.Dict, blobs []module.Blob) (*module.Result, error) {
	short := name[strings.LastIndexByte(name, '.')+1:]
	for _, m := range modules {
		if m.Name != "ansible.builtin."+short {
			continue
		}
		c := &module.Call{As: name, Check: o.Check, Diff: o.Diff, Dir: "/"}
		c.Blob = func(_ context.Context, name string) (io.ReadCloser, module.Blob, error) {
			for _, b := range blobs {
				if b.Name == name {
					r, err := b.Open()
					return r, b, err
				}
			}
			return nil, module.Blob{}, os.ErrNotExist
		}
		c.Sub = func(ctx context.Context, name string, args *value.Dict) (*module.Result, error) {
			return call(ctx, modules, o, name, args, nil)
		}
		return module.FromDict(module.Run(ctx, m, args, c).Dict()), nil
	}
	return nil, fmt.Errorf("the test has no module %s", name)
}

// controller is a controller whose host is this machine.
type controller struct {
	module.ControllerAPI // what is not here is not to be called
	render               func(string, *value.Dict, module.RenderOptions) (string, error)
	vars                 *value.Dict
}

func (c *controller) FindFile(_, name string) (string, error) {
	if _, err := os.Lstat(name); err != nil || !filepath.IsAbs(name) {
		return "", fmt.Errorf("Could not find or access '%s' on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option", name)
	}
	return name, nil
}

func (c *controller) Managed() string { return templatevars.DefaultManaged }

func (c *controller) ReadFile(path string, _ bool) ([]byte, error) { return os.ReadFile(path) }

// LoadVars reads a file of plain values.
func (c *controller) LoadVars(path string) (*value.Dict, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	doc, err := yaml.Parse(data, path)
	if err != nil {
		return nil, err
	}
	if doc == nil || doc.Root == nil {
		return value.NewDict(0), nil
	}
	v, err := doc.Root.Decode(nil)
	if err != nil {
		return nil, err
	}
	switch d := v.(type) {
	case *value.Dict:
		return d, nil
	case value.NoneType:
		return value.NewDict(0), nil
	}
	return nil, fmt.Errorf("%s must be stored as a dictionary/hash", path)
}

func (c *controller) Render(path string, text []byte, o module.RenderOptions) (string, error) {
	if c.render == nil {
		return "", errors.New("the test renders nothing")
	}
	if text == nil {
		var err error
		if text, err = os.ReadFile(path); err != nil {
			return "", err
		}
	}
	return c.render(string(text), c.vars, o)
}

func (c *controller) Fetch(_ context.Context, path string, w io.Writer) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := newSHA1()
	if _, err := io.Copy(io.MultiWriter(w, h), f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

func (c *controller) BaseDir() string { return "/" }
