package host

import (
	"context"
	"errors"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// Target is the host that an action plugin works on, as the task's user.
type Target interface {
	// Exec runs a command line by the host's shell.
	Exec(ctx context.Context, command string, stdin []byte) (rc int, stdout, stderr []byte, err error)
	// Put writes a local file to the host, Fetch the other way round.
	Put(ctx context.Context, local, remote string) error
	Fetch(ctx context.Context, remote, local string) error
	// Module runs a module and gives its result.
	Module(ctx context.Context, name string, args *value.Dict) (*value.Dict, error)
	Reset(ctx context.Context) error
}

// Action is one call of an action plugin.
type Action struct {
	Name string
	Args *value.Dict
	// Task is what the plugin's _task and its fellows say: see py/actions.py.
	Task   *value.Dict
	Ctx    *expr.Ctx
	Target Target
	// Unreachable tells errors that mean the host cannot be reached.
	Unreachable func(error) bool
}

// HasAction reports whether Python has an action plugin of that name.
func (h *Host) HasAction(ctx context.Context, name string) (bool, error) {
	v, err := h.Call(ctx, Request{Op: "action.find", Args: value.DictOf("name", value.Str(name))})
	return v == value.True, err
}

// Action runs an action plugin and gives its "result"; what it printed is told
// to the task's evaluation.
func (h *Host) Action(ctx context.Context, a Action) (*value.Dict, error) {
	v, err := h.Call(ctx, Request{
		Op:   "action.run",
		Args: value.DictOf("name", value.Str(a.Name), "args", a.Args, "task", a.Task),
		Serve: func(ctx context.Context, op string, args *value.Dict) (value.Value, error) {
			return a.serve(ctx, op, args)
		},
		Trusted: a.Ctx.Trusted,
	})
	if err != nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, errors.New("python gave no result of the action " + a.Name)
	}
	errantly(a.Ctx, d)
	return d, nil
}

func (a *Action) serve(ctx context.Context, op string, args *value.Dict) (value.Value, error) {
	text := func(key string) string {
		v, _ := args.GetStr(key)
		s, _ := value.AsText(v)
		return s
	}
	switch op {
	case "exec":
		var stdin []byte
		if v, ok := args.GetStr("stdin"); ok {
			b, _ := v.(value.Bytes)
			stdin = []byte(b)
		}
		rc, out, errOut, err := a.Target.Exec(ctx, text("command"), stdin)
		if err != nil {
			return a.lost(err)
		}
		return value.NewList(value.Int(rc), value.Bytes(out), value.Bytes(errOut)), nil
	case "put":
		return a.done(a.Target.Put(ctx, text("local"), text("remote")))
	case "fetch":
		return a.done(a.Target.Fetch(ctx, text("remote"), text("local")))
	case "reset":
		return a.done(a.Target.Reset(ctx))
	case "module":
		v, _ := args.GetStr("args")
		d, _ := v.(*value.Dict)
		if d == nil {
			d = value.NewDict(0)
		}
		r, err := a.Target.Module(ctx, text("name"), d)
		if err != nil {
			return a.lost(err)
		}
		return r, nil
	}
	return Scope{a.Ctx}.Serve(ctx, op, args)
}

func (a *Action) done(err error) (value.Value, error) {
	if err != nil {
		return a.lost(err)
	}
	return value.True, nil
}

// lost hands on that a host cannot be reached, as an exception of that kind.
func (a *Action) lost(err error) (value.Value, error) {
	if a.Unreachable != nil && a.Unreachable(err) {
		return nil, &Error{Type: "AnsibleConnectionFailure", Msg: err.Error()}
	}
	return nil, err
}
