package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/churten/churten/compat/python/host"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/strategy"
	side "github.com/churten/churten/strategy/controller"
)

// action makes an action of a plugin in Python.
func (p *pythonPlugins) action(fqcn string) *module.Action {
	return &module.Action{
		Name: fqcn, Doc: "An action plugin in Python.", Where: module.Controller, Check: true, Diff: true, Spec: module.Spec{AnyArgs: true, FreeForm: true},
		Run: func(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
			return p.runAction(ctx, fqcn, c, nil)
		},
	}
}

// runAction runs a plugin; whole is set where it goes to the host by itself.
func (p *pythonPlugins) runAction(ctx context.Context, fqcn string, c *module.ActionCall, whole *strategy.WholeWay) (*module.Result, error) {
	ctl, ok := c.Controller.(*side.Controller)
	if !ok {
		return nil, fmt.Errorf("the action '%s' is a Python plugin, which runs on the controller only", fqcn)
	}
	task, err := p.task(c, ctl)
	if err != nil {
		return nil, err
	}
	if whole != nil {
		goes(task, whole)
	}
	in := expr.NewCtx(ctx, ctl.Env, ctl.Scope)
	args := value.NewDict(0)
	for k, v := range c.Args.All() {
		args.Set(k, v)
	}
	target := &actionTarget{p: p, c: c, ctl: ctl}
	d, err := p.host.Action(ctx, host.Action{Name: fqcn, Args: args, Task: task, Ctx: in, Target: target, Unreachable: target.unreachable})
	if err != nil {
		if target.lost != nil && ctx.Err() == nil {
			return target.lost, nil
		}
		var raised *host.Error
		if errors.As(err, &raised) && raised.Type == "Unsent" {
			return nil, &module.LostResult{Msg: raised.Msg}
		}
		return nil, err
	}
	v, _ := d.GetStr("result")
	result, ok := v.(*value.Dict)
	if !ok {
		return nil, module.Failf("the action plugin '%s' returned a %s instead of a dict", fqcn, v.Type())
	}
	raised := result.Delete(value.Str("_raised"))
	hide, _ := result.GetStr("_ansible_no_log")
	module.StripInternal(result)
	r := module.FromDict(result)
	if v, ok := d.GetStr("diff"); ok && value.Truth(v) != c.Diff {
		show := value.Truth(v)
		r.ShowDiff = &show
	}
	r.Hidden = r.Hidden || hide != nil && value.Truth(hide)
	if r.Failed && raised {
		return nil, &module.Failure{Msg: r.Msg, Result: r}
	}
	return r, nil
}

// goes tells Python by which plugins an action goes to the host itself.
func goes(task *value.Dict, w *strategy.WholeWay) {
	become := value.Value(value.None)
	if w.Become != "" {
		become = value.Str(w.Become)
	}
	password := value.Value(value.None)
	if w.Password != nil {
		password = value.Str(*w.Password)
	}
	task.SetStr("whole", value.DictOf("connection", value.Str(w.Name), "become", become, "keywords", w.Keywords, "password", password, "streams", value.Bool(w.Streams)))
}

// task tells Python of the task and the way to its host.
func (p *pythonPlugins) task(c *module.ActionCall, ctl *side.Controller) (*value.Dict, error) {
	t := ctl.Task
	variable := func(name string) (value.Value, error) {
		v, ok, err := c.Var(name)
		if err != nil || !ok {
			return value.None, err
		}
		return v, nil
	}
	env := value.Value(value.None)
	if c.Task.Environment.Len() > 0 {
		env = c.Task.Environment
	}
	d := value.DictOf("id", value.Int(t.ID), "name", value.Str(c.Task.Name), "title", value.Str(c.Task.Name), "action", value.Str(t.Action),
		"path", value.Str(fmt.Sprintf("%s:%d", t.Pos.File, t.Pos.Line)), "check", value.Bool(c.Check), "diff", value.Bool(c.Diff), "no_log", value.False,
		"environment", env, "async", value.Int(c.Task.Async), "poll", value.Int(c.Task.Poll), "register", text(t.Register),
		"collections", value.Strings(t.Collections...), "verbosity", value.Int(c.Verbosity), "role", value.None, "role_path", value.None, "delegate_to", value.None, "whole", value.None)
	if t.Role != nil {
		d.SetStr("role", value.Str(t.Role.Name))
		d.SetStr("role_path", value.Str(t.Role.Path))
	}
	if t.DelegateTo != nil {
		to := t.DelegateTo
		if _, ok := to.(*expr.Template); ok {
			var err error
			if to, err = c.Eval(to); err != nil {
				return nil, err
			}
		}
		d.SetStr("delegate_to", to)
	}
	for _, one := range []struct{ key, variable, otherwise string }{
		{"connection", "ansible_connection", "ssh"}, {"address", "ansible_host", c.Host}, {"user", "ansible_user", ""}, {"shell", "ansible_shell_executable", "/bin/sh"},
		{"shell_type", "ansible_shell_type", ""},
	} {
		v, err := variable(one.variable)
		if err != nil {
			return nil, err
		}
		if v == value.Value(value.None) && one.otherwise != "" {
			v = value.Str(one.otherwise)
		}
		d.SetStr(one.key, v)
	}
	if kind, _ := d.GetStr("connection"); kind == value.Value(value.Str("smart")) || kind == value.Value(value.Str("paramiko")) {
		d.SetStr("connection", value.Str("ssh"))
	}
	return d, nil
}

// actionTarget is a task's host, for what plugins ask of it.
type actionTarget struct {
	p    *pythonPlugins
	c    *module.ActionCall
	ctl  *side.Controller
	lost *module.Result // the host could not be reached
}

func (t *actionTarget) unreachable(err error) bool {
	var f *module.Failure
	if errors.As(err, &f) && f.Result != nil && f.Result.Unreachable {
		t.lost = f.Result
		return true
	}
	return false
}

// Exec runs a command line.
func (t *actionTarget) Exec(ctx context.Context, command string, stdin []byte) (int, []byte, []byte, error) {
	return t.ctl.Exec(ctx, command, stdin)
}

// piece is how much of a file is sent at once.
const piece = 4 << 20

// Put writes a local file to the host.
func (t *actionTarget) Put(ctx context.Context, local, remote string) error {
	f, err := os.Open(local)
	if err != nil {
		return err
	}
	defer f.Close()
	quoted := "'" + strings.ReplaceAll(remote, "'", `'"'"'`) + "'"
	buf := make([]byte, piece)
	for op := ">"; ; op = ">>" {
		n, err := io.ReadFull(f, buf)
		if err == io.EOF && op == ">>" {
			return nil
		}
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return err
		}
		rc, _, errOut, err := t.ctl.Exec(ctx, "cat "+op+" "+quoted, buf[:n])
		if err != nil {
			return err
		}
		if rc != 0 {
			return fmt.Errorf("failed to transfer file to %s: %s", remote, bytes.TrimSpace(errOut))
		}
		if last {
			return nil
		}
	}
}

// Fetch writes a file of the host to a local one.
func (t *actionTarget) Fetch(ctx context.Context, remote, local string) error {
	f, err := os.OpenFile(local, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = t.ctl.Fetch(ctx, remote, f)
	return errors.Join(err, f.Close())
}

// Reset ends the connection.
func (t *actionTarget) Reset(ctx context.Context) error { return t.ctl.Reset(ctx) }

// Module runs a module, native or not.
func (t *actionTarget) Module(ctx context.Context, name string, args *value.Dict) (*value.Dict, error) {
	full, err := t.p.module(name, t.ctl.Task.Collections)
	if err != nil {
		return nil, err
	}
	r, err := t.c.Module(ctx, full, args)
	if err != nil {
		return nil, err
	}
	if r.Unreachable {
		t.lost = r
		return nil, &host.Error{Type: "AnsibleConnectionFailure", Msg: r.Msg}
	}
	return r.Dict(), nil
}

// module gives the full name of a module that a plugin asks for, and makes it
// known if it is not native.
func (p *pythonPlugins) module(name string, collections []string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found, err := p.s.names.Module(name, collections)
	if err != nil {
		return "", err
	}
	if found == nil {
		return "", fmt.Errorf("The module %s was not found in configured module paths", name)
	}
	if found.Path == "" {
		return found.FQCN, nil
	}
	return found.FQCN, p.s.foreign.take(found)
}
