package agentplan

import (
	"context"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/modules/kit/wire"
)

// world is the host as the executor sees it from inside: variables in maps,
// modules in this process.
type world struct {
	p     *Plan
	agent *agent.Plan
	set   *value.Dict // set_fact and register
	facts *value.Dict // as variables
}

func (w *world) Host() string { return w.p.Host }

// Scope stacks what the plan brought and what tasks left.
func (w *world) Scope(task *plan.Task) (executor.Scope, error) {
	levels := append([]*value.Dict{w.set}, task.Vars...)
	levels = append(levels, w.facts, w.p.Vars)
	magic := value.DictOf("inventory_hostname", value.Str(w.p.Host), "ansible_check_mode", value.Bool(w.p.Check), "omit", expr.Omit)
	return &scope{levels: append([]*value.Dict{magic}, levels...), memo: &expr.Memo{}}, nil
}

// DelegateTo is nobody: what is delegated stays with the controller.
func (w *world) DelegateTo(context.Context, *plan.Task, executor.Scope) (string, error) {
	return "", nil
}

// Target is always here.
func (w *world) Target(context.Context, *plan.Task, executor.Scope) (executor.Target, error) {
	return here{w}, nil
}

// Controller is out of reach.
func (w *world) Controller(context.Context, *plan.Task, executor.Scope, executor.Target) module.ControllerAPI {
	return nil
}

// scope is a stack of maps, the first going before those behind it.
type scope struct {
	levels []*value.Dict
	memo   *expr.Memo
}

func (s *scope) Lookup(name string) (value.Value, bool, error) {
	for _, l := range s.levels {
		if v, ok := l.GetStr(name); ok {
			return v, true, nil
		}
	}
	return nil, false, nil
}

func (s *scope) Overlay(vars *value.Dict) executor.Scope {
	if vars == nil || vars.Len() == 0 {
		return s
	}
	return &scope{levels: append([]*value.Dict{vars}, s.levels...), memo: &expr.Memo{}}
}

func (s *scope) Memo() *expr.Memo { return s.memo }

// here calls modules in this process.
type here struct{ w *world }

func (here) Delegate() string { return "" }

// Address is none for the same reason.
func (here) Address() string { return "" }

func (h here) Start(ctx context.Context, c *executor.Call) executor.Pending {
	m, ok := h.w.agent.Lookup(c.Module)
	if !ok {
		return done{err: fmt.Errorf("the agent has no module %s", c.Module)}
	}
	call := &wire.Call{Module: c.Module, As: c.As, Args: c.Args, Check: c.Check, Diff: c.Diff, NoLog: c.NoLog,
		Verbosity: int64(c.Verbosity), Dir: h.w.p.Dir}
	for k, v := range c.Environment.All() {
		call.Env = append(call.Env, value.Text(k)+"="+value.Text(v))
	}
	p := make(pending, 1)
	go func() { p <- module.Run(ctx, m, c.Args, h.w.agent.Call(call)) }() // Wait takes it
	return p
}

// pending is a module under way.
type pending chan *module.Result

// Wait waits for the module's end: as it runs in this process, it is not left
// behind when ctx ends, which it hears of too.
func (p pending) Wait(context.Context) (*module.Result, error) { return <-p, nil }

// done is a call that never began.
type done struct{ err error }

func (d done) Wait(context.Context) (*module.Result, error) { return nil, d.err }
