package agentplan

import (
	"context"
	"sync"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/modules/kit/wire"
)

// world is the host as the executor sees it from inside.
type world struct {
	p     *Plan
	agent *agent.Plan
	known *known

	mu    sync.Mutex
	calls []Done
	// why is set once something was asked for that is not known here: nothing is
	// run from then on.
	why string
}

func (w *world) Host() string { return w.p.Host }

// elsewhere notes that only the controller can tell.
func (w *world) elsewhere(what string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.why == "" {
		w.why = what
	}
	return errElsewhere
}

// Scope gives the variables that were sent, and those that tasks left.
func (w *world) Scope(*plan.Task) (executor.Scope, error) {
	return &scope{w: w, memo: &expr.Memo{}}, nil
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
	_ = w.elsewhere("files of the controller")
	return nil
}

// scope is variables in maps; over are those of loops, the nearest first.
type scope struct {
	w    *world
	over []*value.Dict
	memo *expr.Memo
}

func (s *scope) Lookup(name string) (value.Value, bool, error) {
	for _, d := range s.over {
		if v, ok := d.GetStr(name); ok {
			return v, true, nil
		}
	}
	if name == "omit" {
		return expr.Omit, true, nil
	}
	k := s.w.known
	if v, ok := k.set[name]; ok {
		return v, true, nil
	}
	if v, ok := k.vars[name]; ok {
		return v, v != nil, nil
	}
	return nil, false, s.w.elsewhere("the variable " + name)
}

func (s *scope) Overlay(vars *value.Dict) executor.Scope {
	if vars == nil || vars.Len() == 0 {
		return s
	}
	return &scope{w: s.w, over: append([]*value.Dict{vars}, s.over...), memo: &expr.Memo{}}
}

func (s *scope) Memo() *expr.Memo { return s.memo }

// here calls modules in this process, one after the other.
type here struct{ w *world }

func (here) Delegate() string { return "" }

// Address is none for the same reason.
func (here) Address() string { return "" }

func (h here) Start(ctx context.Context, c *executor.Call) executor.Pending {
	w := h.w
	w.mu.Lock()
	why := w.why
	w.mu.Unlock()
	if why == "" && len(c.Blobs) > 0 {
		_ = w.elsewhere("content of the controller")
		why = w.why
	}
	if why != "" {
		return done{err: errElsewhere}
	}
	call := &wire.Call{Module: c.Module, As: c.As, Args: c.Args, Check: c.Check, Diff: c.Diff, NoLog: c.NoLog,
		Verbosity: int64(c.Verbosity), Dir: w.p.Dir}
	for k, v := range c.Environment.All() {
		call.Env = append(call.Env, value.Text(k)+"="+value.Text(v))
	}
	text, err := Print(call)
	if err != nil {
		_ = w.elsewhere(err.Error())
		return done{err: err}
	}
	body, fail := w.agent.Call(ctx, call)
	if fail != nil {
		_ = w.elsewhere("the module " + c.Module + ": " + fail.Msg)
		if fail.Code != wire.CodeUnknownModule { // it may have done something
			w.did(Done{Print: text, Fail: fail.Encode()})
		}
		return done{err: fail}
	}
	w.did(Done{Print: text, Result: body})
	d, err := wire.DecodeDict(body)
	if err != nil {
		_ = w.elsewhere(err.Error())
		return done{err: err}
	}
	return done{r: module.FromDict(d)}
}

func (w *world) did(d Done) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, d)
}

// done is a call that has ended.
type done struct {
	r   *module.Result
	err error
}

func (d done) Wait(context.Context) (*module.Result, error) { return d.r, d.err }
