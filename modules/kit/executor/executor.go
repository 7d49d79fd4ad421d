// Package executor runs one task on one host: when, loop, arguments, action or
// module, until, changed_when, failed_when. It is the same code on the
// controller and inside the agent: variables come from a Scope, modules are
// called through a Target, and what happens is told to a Sink; it knows of no
// connection, inventory or strategy.
//
// [Runner.Run] gives an [Outcome]; whoever walks the play applies it (registers
// the result, keeps facts, notifies handlers, loads includes).
//
// The files: executor.go the task, loop.go its items, attempt.go one item with
// its conditions and tries, invoke.go the action or module behind it, templated.go
// what else of a task may be a template, job.go tasks with async, args.go the arguments, code.go those that the action evaluates itself, failure.go how
// errors are told.
package executor

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
)

// Scope gives the variables of one task on one host. Overlay gives the same
// with vars on top: loop variables, the result under judgement.
type Scope interface {
	expr.Scope
	Overlay(vars *value.Dict) Scope
}

// World is what lies around one host: its variables and the way to it.
type World interface {
	// Host is the inventory name.
	Host() string
	// Scope gives the variables of task, without loop variables.
	Scope(task *plan.Task) (Scope, error)
	// DelegateTo names the host that the task (or the item whose variables are in
	// scope) is delegated to, "" if it is not.
	DelegateTo(ctx context.Context, task *plan.Task, scope Scope) (string, error)
	// Target says where the task (or the item whose variables are in scope)
	// runs: the host itself or the one it is delegated to. It opens nothing.
	Target(ctx context.Context, task *plan.Task, scope Scope) (Target, error)
	// Controller is what a controller-side action may ask; nil in the agent.
	Controller(ctx context.Context, task *plan.Task, scope Scope, target Target) module.ControllerAPI
}

// Target is the place where a task's modules run.
type Target interface {
	// Delegate is the name of the host the task is delegated to, "" when it is not.
	Delegate() string
	// Address is the delegate's ansible_host where that is not its name, ""
	// otherwise; shown behind the name.
	Address() string
	// Start begins a call. It returns once the call is on its way, so that
	// calls started one after the other run in that order.
	Start(ctx context.Context, call *Call) Pending
}

// Elsewhere is a Target that no module may be able to run on: what would reach
// it is done by an action of its own then.
type Elsewhere interface {
	// Instead gives what runs in place of a native action, or of the module
	// called mod where there is none; nil for no other.
	Instead(ctx context.Context, act *module.Action, mod string) (*module.Action, error)
}

// Listener is a World that wants to know when the last call of a task was sent,
// so that the next task may follow before its result is there. It is told only
// where the task is ok whenever those calls are; Call.Settles.
type Listener interface{ Sent() }

// Applier is a World that carries out at once what the result of an action
// asks for, so that what it shows is what happened: add_host says in its result
// whether the host was new.
type Applier interface {
	Apply(r *module.Result, d *value.Dict)
}

// Pending is a call on its way. Wait gives its result; a host that cannot be
// reached is a result with Unreachable set.
type Pending interface {
	Wait(ctx context.Context) (*module.Result, error)
}

// Call is one module call.
type Call struct {
	Module    string
	As        string // the name the task used, for messages
	Args      *value.Dict
	Blobs     []module.Blob
	Check     bool
	Diff      bool
	NoLog     bool
	Verbosity int
	// Async, above zero, makes the call a job that may take so long; the result
	// tells of the job. AsyncDir is where jobs keep their files, "" the default.
	Async    time.Duration
	AsyncDir string
	// Environment of the task, templates evaluated; nil when there is none.
	Environment *value.Dict
	// Settles: the task is ok if its calls are. FailuresPass: it does not matter
	// whether they are.
	Settles, FailuresPass bool
	// Stream hears the output of a running command; may be nil.
	Stream func(stream string, chunk []byte)
}

// Runner runs tasks. It is immutable and serves all hosts at once.
type Runner struct {
	Env *expr.Env
	// Find gives the native action and module of a name; nil for what is absent.
	Find func(name string) (*module.Module, *module.Action)
	// Named gives the full name of what a name stands for in content that searches these
	// collections; nil in the agent.
	Named func(name string, collections []string) (full string, ok bool)
	// Lookup runs a lookup for with_… of a task whose action is action; nil in
	// the agent. Terms may hold templates.
	Lookup func(ctx *expr.Ctx, name string, terms []value.Value, action string) ([]value.Value, error)
	// Sink hears items, retries and warnings as they happen; it must be safe
	// for concurrent use by several hosts.
	Sink func(event.Event)
	// Group gives the full names of the actions in a group of module_defaults;
	// nil in the agent.
	Group     func(name string) []string
	Check     bool // --check
	Diff      bool // --diff
	Verbosity int
	// NoLog holds for tasks that do not say themselves: DEFAULT_NO_LOG.
	NoLog bool
	// StrictUTF8 fails tasks whose modules answer with bytes that are no UTF-8:
	// MODULE_STRICT_UTF8_RESPONSE.
	StrictUTF8 bool
	// Timeout in seconds holds for tasks that have none of their own; zero: none.
	Timeout int
	// PollInterval in seconds is how often a job is asked about where the task
	// does not say; 15 if zero. AsyncDir is where jobs keep their files, "" the
	// reference's ~/.ansible_async.
	PollInterval int
	AsyncDir     string
	// FactsModules are the modules that gather facts: FACTS_MODULES.
	FactsModules []string
	// Live has the output of running commands told while they run.
	Live bool
	// Window bounds the items of a loop that are under way at once; 64 if zero.
	Window int
}

// Item is one item of a loop, or the whole of a task without a loop.
type Item struct {
	Var    value.Value // the item; nil without a loop
	Vars   *value.Dict // the loop variables it ran with
	Result *module.Result
	Dict   *value.Dict // as registered
	Args   *value.Dict // what the arguments came to; nil if they were not evaluated
	// Delegate is the host it ran on when delegated.
	Delegate string
}

// Outcome is what a task gave on one host.
type Outcome struct {
	Status event.Status
	// Dict is the result as it is registered, shown by Event.
	Dict    *value.Dict
	Items   []Item
	Looped  bool
	Ignored bool
	NoLog   bool
	Changed bool
	// Delegate is the host a task without loop was delegated to.
	Delegate string
	Event    event.Result
	// Failure tells why, when Status is Failed through an error of ours.
	Failure *event.Failure
}

// Run runs task. The error is only ever ctx's; all other faults are failed
// outcomes. shown describes the task to listeners.
func (r *Runner) Run(ctx context.Context, w World, task *plan.Task, shown *event.Task) (*Outcome, error) {
	x := &execution{Runner: r, w: w, task: task, shown: shown}
	x.mod, x.act = r.Find(task.FQCN)
	out := x.run(ctx)
	if err := ctx.Err(); err != nil && out.Status != event.OK {
		return nil, context.Cause(ctx)
	}
	return out, nil
}

// execution is one task on one host under way.
type execution struct {
	*Runner
	w     World
	task  *plan.Task
	shown *event.Task
	mod   *module.Module
	act   *module.Action
	scope Scope
	notes notes
	// settles, passes: see Call. loose is set when a call was sent that may not
	// be the last.
	settles, passes bool
	loose           atomic.Bool
}

func (x *execution) run(ctx context.Context) *Outcome {
	out := x.outcome(ctx)
	if p := x.notes.printed; p.Printed != "" {
		x.Sink(event.Warning{Text: p.Text(), Host: x.w.Host()})
	}
	return x.notes.into(out)
}

func (x *execution) outcome(ctx context.Context) *Outcome {
	scope, err := x.w.Scope(x.task)
	if err != nil {
		return x.single(x.failed(nil, taskFailed(x.task, err)))
	}
	x.scope = scope
	if err := x.resolved(ctx); err != nil {
		return x.single(x.failed(nil, taskFailed(x.task, err)))
	}
	x.settles, x.passes = x.foreseen()
	if x.task.Loop == nil {
		return x.single(x.attempts(ctx, scope, nil))
	}
	items, loopErr := x.items(ctx)
	if loopErr == nil {
		loopErr = x.loopKeywords(x.ctx(ctx, scope))
	}
	if loopErr != nil {
		// A condition that does not need the loop may still skip the task, where
		// the loop has something undefined; not so with other faults.
		if loopErr.Msg == failedTask {
			if skip, err := x.skips(ctx, scope); err == nil && skip != nil {
				return x.single(skip)
			}
		}
		a := x.failedEarly(nil, loopErr)
		a.delegate = delegateWritten(x.task)
		return x.single(a)
	}
	return x.loop(ctx, items)
}

// single makes the outcome of a task without loop.
func (x *execution) single(a *attempt) *Outcome {
	out := &Outcome{
		Status: a.status(), Dict: a.dict, NoLog: a.noLog, Ignored: a.ignored, Changed: truthy(a.dict, "changed"),
		Delegate: a.delegate, Failure: a.failure,
		Items: []Item{{Vars: a.vars, Result: a.result, Dict: a.dict, Args: a.args, Delegate: a.delegate}},
	}
	out.Event = x.event(a)
	return out
}

// event tells an attempt's result.
func (x *execution) event(a *attempt) event.Result {
	delegate := ""
	if a.began {
		delegate = a.delegate
	}
	return event.Result{
		Host: x.w.Host(), Task: x.shown, Status: a.status(), Value: a.dict, NoLog: a.noLog, Ignored: a.ignored,
		Delegated: x.elsewhere(a), Delegate: delegate, ShowDiff: a.diff, Handler: x.task.Handler, Error: a.failure,
		Started: a.started, Ended: a.ended,
	}
}

// elsewhere is the delegate as it is shown: not when it is the host itself.
func (x *execution) elsewhere(a *attempt) string {
	switch {
	case a.delegate == "" || a.delegate == x.w.Host():
		return ""
	case a.address != "" && a.status() != event.Unreachable: // not shown of those, in the reference too
		return a.delegate + "(" + a.address + ")"
	}
	return a.delegate
}

func (x *execution) ctx(ctx context.Context, scope Scope) *expr.Ctx {
	c := expr.NewCtx(ctx, x.Env, scope)
	c.Notices = x.note
	return c
}

// truthy reports whether d[key] is true.
func truthy(d *value.Dict, key string) bool {
	v, ok := d.GetStr(key)
	return ok && v == value.True
}
