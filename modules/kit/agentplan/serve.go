package agentplan

import (
	"context"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
)

// Options are what plans are run with.
type Options struct {
	// Env is the environment of templates: filters and tests that run anywhere.
	Env *expr.Env
	// Find gives the native action and module of a name.
	Find func(name string) (*module.Module, *module.Action)
}

// Serve gives what agent.Options.Plan takes.
func Serve(o Options) func(context.Context, *agent.Plan) ([]byte, error) {
	return func(ctx context.Context, a *agent.Plan) ([]byte, error) {
		p, err := Decode(a.Payload)
		if err != nil {
			return nil, err
		}
		w := &walk{world: world{p: p, agent: a, set: value.NewDict(0), facts: value.NewDict(0)}}
		w.runner = &executor.Runner{Env: o.Env, Find: o.Find, Sink: w.tell, Check: p.Check, Diff: p.Diff, Verbosity: p.Verbosity}
		return w.run(ctx)
	}
}

// walk is a plan under way.
type walk struct {
	world
	runner *executor.Runner
	err    error // of telling
}

func (w *walk) run(ctx context.Context) ([]byte, error) {
	out := &Outcome{}
	c := plan.NewCursor(w.p.Blocks)
	for t := c.Task(); t != nil && ctx.Err() == nil && w.err == nil; t = c.Task() {
		c.Advance()
		out.Tasks = append(out.Tasks, t.ID)
		shown := w.show(ctx, t)
		w.tell(event.TaskStart{Task: shown})
		o, err := w.runner.Run(ctx, &w.world, t, shown)
		if err != nil {
			return nil, err
		}
		w.keep(t, o)
		w.tell(o.Event)
		if o.Status == event.Failed && !o.Ignored {
			w.set = with(w.set, "ansible_failed_result", o.Dict)
			if !c.Fail() && !c.Rescuable() {
				out.Failed = true
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if w.err != nil {
		return nil, w.err
	}
	out.Set, out.Facts = w.set, w.facts
	return out.Encode()
}

// show describes a task to listeners.
func (w *walk) show(ctx context.Context, t *plan.Task) *event.Task {
	s := &event.Task{ID: t.ID, Name: t.Action, Action: t.Action, FQCN: t.FQCN, Pos: t.Pos, Check: w.p.Check, Loop: t.Loop != nil}
	if t.Name == nil {
		return s
	}
	sc, _ := w.Scope(t)
	s.Name = value.Text(t.Name)
	if tmpl, ok := t.Name.(*expr.Template); ok {
		s.Name, _ = executor.Noted(expr.NewCtx(ctx, w.runner.Env, sc), tmpl)
	}
	return s
}

// keep stores what a task leaves: facts, and its result under its name.
func (w *walk) keep(t *plan.Task, o *executor.Outcome) {
	for _, item := range o.Items {
		if item.Result == nil {
			continue
		}
		for k, v := range item.Result.Facts.All() {
			name := value.Text(k)
			if t.FQCN == "ansible.builtin.set_fact" {
				w.set = with(w.set, name, v)
			} else {
				w.facts = with(w.facts, name, v)
			}
		}
	}
	if t.Register != "" {
		w.set = with(w.set, t.Register, o.Dict)
	}
}

// with gives d with one entry more, as a new dict: scopes may still hold d.
func with(d *value.Dict, name string, v value.Value) *value.Dict {
	out := d.Clone()
	out.SetStr(name, v)
	return out
}

// tell sends an event to the controller.
func (w *walk) tell(e event.Event) {
	body, err := EncodeEvent(e)
	if err == nil && body != nil {
		err = w.agent.Event(body)
	}
	if err != nil && w.err == nil {
		w.err = err
	}
}
