package module

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/churten/churten/jinja/value"
)

// ShellArg is the argument by which a caller sets Call.DefaultShell; no module
// sees it.
const ShellArg = "_ansible_shell_executable"

// Run checks raw, runs m and gives a result whatever happens: a wrong argument,
// a Failure, any other error or a panic makes a failed one. In check mode a
// module that does not support it is skipped. What no_log arguments held is
// nowhere in the result. c comes with what its fields say the runner provides;
// Run fills in Module, Args and what may be nil.
func Run(ctx context.Context, m *Module, raw *value.Dict, c *Call) *Result {
	c.Module = m
	if c.As == "" {
		c.As = m.Name
	}
	if raw == nil {
		raw = value.NewDict(0)
	}
	if shell, ok := raw.GetStr(ShellArg); ok {
		raw = raw.Clone()
		raw.Delete(value.Str(ShellArg))
		c.DefaultShell = value.Text(shell)
	}
	env := c.Env
	if env == nil {
		env = os.Environ()
		c.Env = env
	}
	if m.Instead != nil {
		if name, args := m.Instead(c, raw); name != "" {
			m = &Module{Name: m.Name, Spec: Spec{AnyArgs: true}, Check: true,
				Run: func(ctx context.Context, c *Call) (*Result, error) { return c.Sub(ctx, name, args) }}
		}
	}
	checked, err := Check(&m.Spec, c.As, raw, env)
	c.Args, c.params = checked.Args, checked.Params
	c.secrets = append(c.secrets, checked.Secrets...)
	c.deprecated = append(c.deprecated, checked.Deprecated...)
	warnings := checked.Warnings
	var res *Result
	switch {
	case err != nil:
		res = &Result{Failed: true, Msg: err.Error()}
	case c.Check && !m.Check:
		res = &Result{Skipped: true, Msg: fmt.Sprintf("remote module (%s) does not support check mode", c.As)}
	default:
		res = runGuarded(ctx, m, c)
	}
	res.complete()
	if res.Invocation == nil && !m.Bare {
		res.Invocation = checked.Params
	}
	if c.uncaught { // an exception that nobody caught takes them along, in the reference
		warnings = nil
	}
	res.Warnings = append(append(warnings, c.warnings...), res.Warnings...)
	res.Deprecated = append(c.deprecated, res.Deprecated...)
	if len(c.secrets) > 0 {
		res = res.hide(c.secrets)
	}
	return res
}

// complete adds what every result of a module has in the reference, in its
// order: failed and msg after the module's own keys, then what is known of the
// path the result names.
func (r *Result) complete() {
	if r.Values == nil {
		r.Values = value.NewDict(4)
	}
	if r.Failed {
		r.Values.Delete(value.Str("failed"))
		r.Values.SetStr("failed", value.None)
		r.Values.Delete(value.Str("msg"))
		r.Values.SetStr("msg", value.None)
	}
	AddPathInfo(r.Values)
}

// hide goes by way of the dict so that no field is forgotten. Results of
// modules have no requests to the strategy (AddHost …), so none are lost.
func (r *Result) hide(s Secrets) *Result {
	return FromDict(s.Hide(r.Dict()).(*value.Dict))
}

func runGuarded(ctx context.Context, m *Module, c *Call) (res *Result) {
	cleanup := c.provide()
	defer cleanup()
	defer func() {
		if p := recover(); p != nil {
			res = &Result{Failed: true, Msg: fmt.Sprintf("churten: bug in module %s: %v", m.Name, p), Exception: string(debug.Stack())}
		}
	}()
	res, err := m.Run(ctx, c)
	if err != nil {
		if !errors.As(err, new(*Failure)) {
			c.warnings, c.deprecated, c.uncaught = nil, nil, true
		}
		return Failed(err)
	}
	if res == nil {
		res = &Result{}
	}
	if res.Values == nil {
		res.Values = value.NewDict(4)
	}
	return res
}

// provide fills in what the runner left nil.
func (c *Call) provide() (cleanup func()) {
	cleanup = func() {}
	if c.Tmp == nil {
		dir, remove := "", func() {}
		c.Tmp = func() (string, error) {
			if dir != "" {
				return dir, nil
			}
			made, done, err := makeTmp()
			if err == nil {
				dir, remove = made, done
			}
			return dir, err
		}
		cleanup = func() {
			remove()
			c.Tmp = nil
		}
	}
	if c.Blob == nil {
		c.Blob = func(context.Context, string) (io.ReadCloser, Blob, error) { return nil, Blob{}, os.ErrNotExist }
	}
	if c.Sub == nil {
		c.Sub = func(_ context.Context, name string, _ *value.Dict) (*Result, error) {
			return nil, fmt.Errorf("module %s cannot be called from here", name)
		}
	}
	return cleanup
}

// Failed turns an error into a failed result; a Failure brings its values.
func Failed(err error) *Result {
	var f *Failure
	if !errors.As(err, &f) {
		// As an exception that nobody caught.
		return &Result{Failed: true, Msg: "Task failed: Module failed: " + err.Error()}
	}
	res := &Result{}
	if f.Err != nil && f.Err.Error() != f.Msg {
		res.Cause = f.Err.Error()
	}
	if f.Result != nil {
		cause := res.Cause
		*res = *f.Result
		res.Cause = cause
	}
	res.Failed, res.Msg = true, f.Msg
	if f.Values != nil {
		if res.Values == nil {
			res.Values = value.NewDict(f.Values.Len())
		} else {
			res.Values = res.Values.Clone()
		}
		for k, v := range f.Values.All() {
			res.Values.Set(k, v)
		}
	}
	return res
}

// Failf is a Failure without values.
func Failf(format string, args ...any) *Failure {
	err := fmt.Errorf(format, args...)
	return &Failure{Msg: err.Error(), Err: errors.Unwrap(err)}
}

// With adds values to a Failure: keys and values in turn, as value.DictOf takes them.
func (f *Failure) With(pairs ...any) *Failure {
	f.Values = value.DictOf(pairs...)
	return f
}
