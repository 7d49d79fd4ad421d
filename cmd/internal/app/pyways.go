package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/churten/churten/compat/python/host"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy"
	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/remote"
)

// pluginWays serves the connection and become plugins of the user's Python to a
// run: see strategy.Plugins.
type pluginWays struct {
	*pythonPlugins
	found    sync.Map // kind and name as content has them → answer
	connects sync.Map // name of an action → bool
}

type wayAnswer struct {
	name string
	err  error
}

// Connection gives the full name of a connection plugin.
func (p *pluginWays) Connection(ctx context.Context, name string, native bool) (string, error) {
	return p.plugin(ctx, "connection", name, native)
}

// Become gives the full name of a become plugin.
func (p *pluginWays) Become(ctx context.Context, name string, native bool) (string, error) {
	if remote.BecomeRefused(name[strings.LastIndexByte(name, '.')+1:]) != "" && p.ownFile("become", name) == "" {
		return "", nil
	}
	return p.plugin(ctx, "become", name, native)
}

// plugin finds a plugin, once for each name. Python is asked only where a file
// of the user's goes by that name, or nothing native does.
func (p *pluginWays) plugin(ctx context.Context, kind, name string, native bool) (string, error) {
	own := p.ownFile(kind, name)
	if native && own == "" || p.blind {
		return "", nil
	}
	key := kind + " " + name
	if a, ok := p.found.Load(key); ok {
		a := a.(wayAnswer)
		return a.name, a.err
	}
	var a wayAnswer
	found, err := p.host.Plugin(ctx, kind, name)
	switch {
	case ctx.Err() != nil:
		return "", err
	case err != nil:
		if behind := cmp.Or(own, p.behind(kind, name)); behind != "" {
			a.err = fmt.Errorf("the %s plugin '%s' is in Python (%s), which cannot be used: %w", kind, name, behind, err)
		}
	case found != nil:
		a.name = found.Name
		p.say(kind+" plugin", found.Name, found.Path)
	}
	p.found.Store(key, a)
	return a.name, a.err
}

func (p *pluginWays) way(w strategy.PluginWay) host.Way {
	shellType := value.Value(value.None)
	address := value.Value(value.Str(w.Host))
	if w.Vars != nil {
		for _, v := range []struct {
			name string
			to   *value.Value
		}{{"ansible_shell_type", &shellType}, {"ansible_host", &address}} {
			got, err := (host.Scope{Ctx: w.Vars}).Serve(context.Background(), "value", value.DictOf("name", value.Str(v.name)))
			if l, ok := got.(*value.List); err == nil && ok && len(l.Items) == 1 {
				*v.to = l.Items[0]
			}
		}
	}
	user, _ := w.Keywords.GetStr("remote_user")
	if user == nil {
		user = value.None
	}
	task := value.DictOf("id", value.Int(0), "check", value.False, "diff", value.False, "verbosity", value.Int(p.s.o.Verbosity), "address", address,
		"connection", value.Str(w.Name), "user", user, "no_log", value.False, "shell", value.Str(cmp.Or(w.Shell, "/bin/sh")), "shell_type", shellType)
	out := host.Way{Name: w.Name, Task: task, Keywords: w.Keywords, Password: w.Password}
	if w.Vars != nil {
		out.Serve = host.Scope{Ctx: w.Vars}.Serve
	}
	return out
}

// Reach reads the options of a connection.
func (p *pluginWays) Reach(ctx context.Context, w strategy.PluginWay) (*strategy.Reached, error) {
	c, err := p.host.Connection(ctx, p.way(w))
	if err != nil {
		return nil, unreachablePlugin(w.Host, err)
	}
	options, err := value.Compact.Text(c.Options)
	if err != nil {
		return nil, fmt.Errorf("the options of the connection plugin '%s': %w", w.Name, err)
	}
	for name, v := range c.Options.All() {
		if text, ok := value.AsText(v); ok && text != "" && strings.Contains(value.Text(name), "pass") {
			p.s.secrets.Add(text)
		}
	}
	return &strategy.Reached{Options: options, User: c.User, Streams: c.Streams}, nil
}

// unreachablePlugin makes what a connection plugin raises where its host cannot
// be reached an error of that kind.
func unreachablePlugin(name string, err error) error {
	var raised *host.Error
	if errors.As(err, &raised) && (raised.Type == "AnsibleConnectionFailure" || raised.Type == "AnsibleAuthenticationFailure") {
		return &connection.Unreachable{Host: name, Msg: raised.Msg, Err: err}
	}
	return err
}

// Dial makes a connection object.
func (p *pluginWays) Dial(ctx context.Context, a strategy.Address) (connection.Conn, error) {
	v, err := value.ParseJSON(a.Options)
	if err != nil {
		return nil, err
	}
	options, ok := v.(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("the connection plugin '%s' has no options", a.Plugin)
	}
	w := p.way(strategy.PluginWay{Name: a.Plugin, Host: a.Host, Keywords: value.NewDict(0)})
	if a.User != "" {
		w.Task.SetStr("user", value.Str(a.User))
	}
	opened, err := p.host.Open(ctx, w, options)
	if err != nil {
		return nil, unreachablePlugin(a.Host, err)
	}
	return &pluginConn{opened: opened, name: a.Plugin, host: a.Host}, nil
}

// pluginConn runs here what a connection plugin would run for a command.
type pluginConn struct {
	connection.Local
	opened     *host.Opened
	name, host string
}

// Describe implements connection.Conn.
func (c *pluginConn) Describe() string { return c.name + " (Python) " + c.host }

// Start implements connection.Conn.
func (c *pluginConn) Start(ctx context.Context, command string) (connection.Stream, error) {
	spec, err := c.opened.Command(ctx, command)
	if err != nil {
		return nil, unreachablePlugin(c.host, err)
	}
	file := cmp.Or(spec.File, spec.Argv[0])
	path, err := exec.LookPath(file)
	if err != nil {
		return nil, &connection.Unreachable{Host: c.host, Msg: fmt.Sprintf("the connection plugin '%s' runs %s: %v", c.name, file, err), Err: err}
	}
	cmd := &exec.Cmd{Path: path, Args: spec.Argv, Env: spec.Env, Dir: spec.Dir}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	s, err := c.StartCmd(ctx, cmd)
	if err != nil && ctx.Err() == nil {
		return nil, &connection.Unreachable{Host: c.host, Msg: err.Error(), Err: err}
	}
	return s, err
}

// Close implements connection.Conn.
func (c *pluginConn) Close() error { return errors.Join(c.Local.Close(), c.opened.Close()) }

// Escalate asks a become plugin for its way.
func (p *pluginWays) Escalate(ctx context.Context, w strategy.PluginWay) (*remote.Become, error) {
	way := p.way(w)
	b, err := p.host.Become(ctx, way)
	if err != nil {
		return nil, err
	}
	out := &remote.Become{User: b.User, Plugin: &remote.Plugin{Name: w.Name, Line: b.Line, Prompts: b.Prompts, Wrong: b.Wrong, Missing: b.Missing, TTY: b.TTY}}
	if b.Password != nil {
		out.Password, out.HasPassword = *b.Password, true
	}
	if b.Judges {
		out.Plugin.Prompts = nil
		out.Plugin.Judge = func(ctx context.Context, said []byte) (wire.Verdict, error) {
			what, err := p.host.Judge(ctx, way, said)
			switch {
			case err != nil:
				return wire.SaysNothing, err
			case what.Missing:
				return wire.SaysMissing, nil
			case what.Wrong:
				return wire.SaysWrong, nil
			case what.Prompt:
				return wire.SaysPrompt, nil
			}
			return wire.SaysNothing, nil
		}
	}
	return out, nil
}

// Connects reports whether an action has to do with its host.
func (p *pluginWays) Connects(ctx context.Context, action string) (bool, error) {
	if known, ok := p.connects.Load(action); ok {
		return known.(bool), nil
	}
	v, err := p.host.Call(ctx, host.Request{Op: "action.connects", Args: value.DictOf("name", value.Str(action))})
	if err != nil {
		return false, err
	}
	yes := value.Truth(v)
	p.connects.Store(action, yes)
	return yes, nil
}

// Own reports whether an action is a plugin in Python.
func (p *pluginWays) Own(action string) bool {
	p.s.foreign.mu.Lock()
	defer p.s.foreign.mu.Unlock()
	return p.s.foreign.actions[action] != nil
}

// Whole gives the action that does a task over a connection plugin.
func (p *pluginWays) Whole(action string, w strategy.WholeWay) *module.Action {
	act := p.action(action)
	act.Run = func(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
		return p.runAction(ctx, action, c, &w)
	}
	return act
}
