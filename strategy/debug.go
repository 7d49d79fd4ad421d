package strategy

import (
	"context"
	"errors"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/debugger"
)

// Debug are the settings of the task debugger.
type Debug struct {
	Enabled    bool // ENABLE_TASK_DEBUGGER
	NotIgnored bool // TASK_DEBUGGER_IGNORE_ERRORS: not for errors that are ignored
	Asker      debugger.Asker
}

// ErrQuit ends a run because somebody quit the debugger.
var ErrQuit = errors.New("interrupted in the task debugger")

// attemptOf is what a person made of a task that is done again.
type attemptOf struct {
	world   executor.World
	task    *plan.Task
	session *debugger.Session
}

// attempt runs a task on a host, or what a person made of it.
func (pr *playRun) attempt(ctx context.Context, task *plan.Task, shown *event.Task, host string, a *attemptOf) (*executor.Outcome, error) {
	if a != nil {
		return pr.Runner.Run(ctx, a.world, a.task, shown)
	}
	if l := pr.lanes[host]; l != nil && l.task == task {
		return l.attempt(ctx, task, shown)
	}
	w := &world{run: pr, host: host}
	out, err := pr.Runner.Run(ctx, w, task, shown)
	if out != nil {
		out.Event.Trips = w.trips()
	}
	return out, err
}

// before is what a task's outcome changes on one host, to be put back when the
// task is done again.
type before struct {
	host                     string
	cursor                   *plan.Cursor
	failed, gone, lastFailed bool
	saved                    []string
	notified                 map[int]bool
}

// debugged reports whether a result is one that the debugger is opened for.
func (pr *playRun) debugged(ctx context.Context, task *plan.Task, o hostOutcome) (bool, error) {
	global := pr.Debug.Enabled || pr.debug
	if pr.Debug.Asker == nil || task.Debugger == nil && !global {
		return false, nil
	}
	scope, err := pr.Store.Task(pr.vars, o.host, task)
	if err != nil {
		return false, err
	}
	when, err := executor.Debugger(expr.NewCtx(ctx, pr.Runner.Env, scope), task)
	if err != nil {
		return false, nil // the task failed by it
	}
	failed := o.Status == event.Failed && !(pr.Debug.NotIgnored && o.Ignored)
	switch when {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "on_failed":
		return failed, nil
	case "on_unreachable":
		return o.Status == event.Unreachable, nil
	case "on_skipped":
		return o.Status == event.Skipped, nil
	}
	return global && (failed || o.Status == event.Unreachable), nil
}

// snapshot keeps what apply will change.
func (pr *playRun) snapshot(host string) *before {
	b := &before{host: host, failed: pr.Run.failed[host], gone: pr.unreachable[host], lastFailed: pr.lastFail[host], saved: pr.saved[host],
		notified: map[int]bool{}}
	if c := pr.cursors[host]; c != nil {
		b.cursor = c.Clone()
	}
	for id, hosts := range pr.notified {
		if hosts[host] {
			b.notified[id] = true
		}
	}
	return b
}

// restore puts that back.
func (pr *playRun) restore(b *before) {
	set := func(m map[string]bool, yes bool) {
		if delete(m, b.host); yes {
			m[b.host] = true
		}
	}
	set(pr.Run.failed, b.failed)
	set(pr.unreachable, b.gone)
	set(pr.lastFail, b.lastFailed)
	pr.saved[b.host] = b.saved
	if b.cursor != nil {
		pr.cursors[b.host] = b.cursor
	}
	for id, hosts := range pr.notified {
		if !b.notified[id] {
			delete(hosts, b.host)
		}
	}
}

// uncount takes an outcome from the sums as the reference does: one from ok whether
// it counted there or not, never below nothing, and what was rescued or ignored stays.
func uncount(sums *event.Sums, o hostOutcome) {
	less := func(n *int) { *n = max(0, *n-1) }
	switch o.Status {
	case event.Failed:
		less(&sums.Failed)
	case event.Unreachable:
		less(&sums.Unreachable)
	case event.Skipped:
		less(&sums.Skipped)
	}
	if o.Dict != nil {
		if v, ok := o.Dict.GetStr("changed"); ok && value.Truth(v) {
			less(&sums.Changed)
		}
	}
	less(&sums.OK)
}

// settle applies an outcome and opens the debugger where it is wanted. again is
// what is to be run in the task's place, nil if the outcome stands.
func (pr *playRun) settle(ctx context.Context, task *plan.Task, shown *event.Task, o hostOutcome, once bool, was *attemptOf) (again *attemptOf, err error) {
	open, err := pr.debugged(ctx, task, o)
	if err != nil {
		return nil, err
	}
	if !open {
		return nil, pr.apply(ctx, task, shown, o, once)
	}
	state := pr.snapshot(o.host)
	if err := pr.apply(ctx, task, shown, o, once); err != nil {
		return nil, err
	}
	if was == nil {
		was = &attemptOf{world: &world{run: pr, host: o.host}, task: task,
			session: &debugger.Session{Env: pr.Runner.Env, Print: pr.display}}
	}
	was.session.Subject = pr.subject(ctx, task, shown, o, was)
	switch next, err := was.session.Run(ctx, pr.Debug.Asker); {
	case err != nil:
		return nil, err
	case next == debugger.Quit:
		return nil, ErrQuit
	case next == debugger.Continue:
		return nil, nil
	}
	pr.restore(state)
	uncount(pr.sums(o.host), o)
	own := *task
	if s := was.session; s.Args != nil && (s.Changed || o.evaluated() != nil) {
		own.Args, own.ArgsTemplate = s.Args, nil
	}
	return &attemptOf{world: overlaid{was.world, over(was.session.Over)}, task: &own, session: was.session}, nil
}

// evaluated gives the arguments as they were evaluated, nil for loops.
func (o hostOutcome) evaluated() *value.Dict {
	if o.Looped || len(o.Items) != 1 {
		return nil
	}
	return o.Items[0].Args
}

func (pr *playRun) subject(ctx context.Context, task *plan.Task, shown *event.Task, o hostOutcome, was *attemptOf) debugger.Subject {
	args := o.evaluated()
	if args == nil {
		args = was.task.Args
	}
	name := shown.Name
	if shown.Role != "" {
		name = shown.Role + " : " + name
	}
	w := &world{run: pr, host: o.host}
	return debugger.Subject{Host: o.host, Task: name, Args: args, Result: o.Dict, Attrs: pr.describe(ctx, task, shown, o.host),
		Vars: func(name string) (value.Value, bool, error) {
			scope, err := w.Scope(task)
			if err != nil {
				return nil, false, err
			}
			raw, ok, err := scope.Lookup(name)
			if err != nil || !ok {
				return nil, false, err
			}
			v, err := pr.eval(ctx, scope, raw)
			if err != nil {
				return raw, true, nil // as it is written
			}
			return v, true, nil
		},
		Update: func(vars *value.Dict) (*value.Dict, error) {
			scope, err := w.Scope(task)
			if err != nil {
				return nil, err
			}
			return pr.Runner.Args(ctx, w, task, scope.Overlay(over(vars)))
		}}
}

// over gives the variables a person set; those deleted are undefined.
func over(vars *value.Dict) *value.Dict {
	out := value.NewDict(vars.Len())
	for k, v := range vars.All() {
		if v == nil {
			v = expr.Undef(value.Text(k), source.Pos{})
		}
		out.Set(k, v)
	}
	return out
}

// overlaid is a world with variables over all others.
type overlaid struct {
	executor.World
	vars *value.Dict
}

func (w overlaid) Scope(task *plan.Task) (executor.Scope, error) {
	scope, err := w.World.Scope(task)
	if err != nil {
		return nil, err
	}
	return scope.Overlay(w.vars), nil
}

// Apply is the world's own.
func (w overlaid) Apply(r *module.Result, d *value.Dict) {
	if a, ok := w.World.(executor.Applier); ok {
		a.Apply(r, d)
	}
}
