package agentplan

import (
	"context"
	"errors"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/wire"
)

// Options are what plans are run with.
type Options struct {
	// Env is the environment of templates: filters and tests that run anywhere.
	Env *expr.Env
	// Find gives the native action and module of a name.
	Find func(name string) (*module.Module, *module.Action)
}

// known is what a queue's plans have brought and left, by name.
type known struct {
	vars map[string]value.Value // nil for what is absent
	set  map[string]value.Value // by tasks of the queue
}

// errElsewhere is what an evaluation gets that only the controller can make.
var errElsewhere = errors.New("only the controller knows")

// Serve gives what agent.Options.Plan takes.
func Serve(o Options) func(context.Context, *agent.Plan) ([]byte, error) {
	return func(ctx context.Context, a *agent.Plan) ([]byte, error) {
		p, err := Decode(a.Payload)
		if err != nil {
			return nil, &wire.Fail{Code: wire.CodeFailed, Msg: err.Error()}
		}
		k, _ := a.State.(*known)
		if k == nil {
			k = &known{vars: map[string]value.Value{}, set: map[string]value.Value{}}
		}
		a.State = k
		k.learn(p)
		w := &world{p: p, agent: a, known: k}
		out, err := w.run(ctx, &executor.Runner{Env: o.Env, Find: o.Find, Sink: func(event.Event) {}, Check: p.Check, Diff: p.Diff, NoLog: p.NoLog, Verbosity: p.Verbosity})
		if err != nil {
			return nil, err
		}
		return out.Encode()
	}
}

// learn takes what a plan brings.
func (k *known) learn(p *Plan) {
	for name, v := range p.Vars.All() {
		k.vars[value.Text(name)] = v
		delete(k.set, value.Text(name))
	}
	for _, name := range p.Absent {
		k.vars[name] = nil
		delete(k.set, name)
	}
	for name, v := range p.Base.All() {
		k.vars[value.Text(name)] = v
	}
}

// run runs the task, and keeps what it leaves for those behind it.
func (w *world) run(ctx context.Context, r *executor.Runner) (*Outcome, error) {
	t := w.p.Task
	ahead := expr.Ahead(ctx, func(context.Context, expr.Hangs) error { return w.elsewhere("what it reads beside variables") })
	o, err := r.Run(ahead, w, t, &event.Task{ID: t.ID, Name: t.Action, Action: t.Action, FQCN: t.FQCN, Pos: t.Pos, Check: w.p.Check, Loop: t.Loop != nil})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	out := &Outcome{Calls: w.calls, Why: w.why}
	w.agent.Changed = o.Changed
	if out.Why == "" && o.Settled(t.FQCN) {
		out.Settled = true
		w.keep(o)
	}
	w.agent.Settled = out.Settled
	return out, nil
}

// keep notes the variables that the task sets.
func (w *world) keep(o *executor.Outcome) {
	for _, item := range o.Effects() {
		if item.Result == nil {
			continue
		}
		for k, v := range item.Result.Facts.All() {
			w.known.set[value.Text(k)] = v
		}
	}
	if w.p.Task.Register != "" {
		w.known.set[w.p.Task.Register] = executor.Registered(o.Dict)
	}
}
