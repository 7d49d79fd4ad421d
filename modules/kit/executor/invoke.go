package executor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
)

// invoke evaluates the arguments and runs the action, or the module where there is none.
func (x *execution) invoke(std context.Context, ctx *expr.Ctx, scope Scope, a *attempt, sent []func()) (*module.Result, error) {
	target, err := x.w.Target(std, x.task, scope)
	if err != nil {
		a.delegate, a.began = delegateWritten(x.task), target != nil || x.task.DelegateTo != nil
		return nil, err
	}
	a.delegate, a.address, a.began = target.Delegate(), target.Address(), true
	env, err := x.environment(ctx) // before the arguments, as in the reference
	if err != nil {
		return nil, err
	}
	args, err := x.args(ctx)
	var refused *module.Failure
	if errors.As(err, &refused) {
		a.refused, a.failure = true, taskFailed(x.task, errors.New(refused.Msg))
		return module.Failed(refused), nil
	}
	if err != nil {
		return nil, err
	}
	a.args = args
	check, err := x.flag(ctx, "check_mode", x.task.CheckMode, x.Check)
	if err != nil {
		return nil, err
	}
	diff, err := x.flag(ctx, "diff", x.task.Diff, x.Diff)
	if err != nil {
		return nil, err
	}
	noLog, err := x.flag(ctx, "no_log", x.task.NoLog, x.NoLog)
	if err != nil {
		return nil, err
	}
	job, err := x.job(ctx, scope)
	if err != nil {
		return nil, err
	}
	act := x.act
	if e, ok := target.(Elsewhere); ok {
		if x.act != nil || x.mod != nil {
			name := ""
			if x.mod != nil {
				name = x.mod.Name
			}
			other, err := e.Instead(std, x.act, name)
			if err != nil {
				return nil, err
			}
			if other != nil {
				act = other
			}
		}
	}
	if job != nil && act != nil && !act.Async {
		f := module.Failf("This action (%s) does not support async.", x.task.Action)
		a.refused, a.failure = true, taskFailed(x.task, f)
		return module.Failed(f), nil
	}
	std, cancel, err := x.limit(std, ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	as := x.task.Action
	if act != nil {
		as = act.Remote() // as the reference's actions call modules
	}
	named := func(name string) string { // shell calls command, gather_facts setup
		if short, ok := strings.CutPrefix(name, "ansible.builtin."); ok && act != nil {
			return "ansible.legacy." + short
		}
		if act != nil && strings.HasPrefix(name, "ansible.legacy.") {
			return name
		}
		return as
	}
	final := act == nil
	start := func(c context.Context, what *Call) (*module.Result, error) {
		what.Settles, what.FailuresPass = x.settles, x.passes
		what.As, what.Check, what.Diff, what.NoLog, what.Verbosity, what.Environment = named(what.Module), check, diff, noLog, x.Verbosity, env
		what.Stream = x.stream()
		pending := target.Start(c, what)
		if !final {
			x.loose.Store(true)
		} else if x.task.Loop == nil {
			x.lastSent()
		}
		for _, f := range sent {
			f()
		}
		r, err := pending.Wait(c)
		if err == nil && r != nil && x.StrictUTF8 {
			if bad := r.NotText(); bad != nil {
				return nil, bad
			}
		}
		if r != nil {
			a.byModule = r.Failed && r.Help == "" // with help, there was no result
			addLines(r.Values)
		}
		return r, err
	}
	call := func(c context.Context, name string, args *value.Dict, blobs ...module.Blob) (*module.Result, error) {
		what := &Call{Module: name, Args: args, Blobs: blobs}
		if job == nil {
			return start(c, what)
		}
		what.Async, what.AsyncDir = job.limit, job.dir
		r, err := start(c, what)
		if err != nil || r.Failed || r.Unreachable || job.poll <= 0 {
			return r, err
		}
		return x.wait(c, job, a, r, func(c context.Context, name string, args *value.Dict, _ ...module.Blob) (*module.Result, error) {
			return start(c, &Call{Module: name, Args: args})
		})
	}
	if _, raw := args.GetStr("_raw_params"); raw && act != nil && !act.FreeForm && !act.AnyArgs {
		a.began = false
		return nil, source.Errorf(x.task.ActionPos, "Action '%s' does not support raw params.", x.task.FQCN)
	}
	if act == nil {
		if x.mod == nil {
			return nil, source.Errorf(x.task.ActionPos, "Cannot resolve '%s' to an action or module.", x.task.Action)
		}
		if _, raw := args.GetStr("_raw_params"); raw && !x.mod.FreeForm {
			return nil, source.Errorf(x.task.ActionPos, "Action '%s' does not support raw params.", x.task.FQCN)
		}
		return x.timed(std, func() (*module.Result, error) { return call(std, x.mod.Name, args) })
	}
	return x.timed(std, func() (*module.Result, error) {
		return x.action(std, act, scope, target, a, args, check, diff, env, call, func() { final = true })
	})
}

// delegateWritten is how a delegate is shown that was not evaluated.
func delegateWritten(t *plan.Task) string {
	switch d := t.DelegateTo.(type) {
	case *expr.Template:
		return d.Source()
	case value.Str:
		return string(d)
	}
	return ""
}

// stream tells of the output of running commands, where anybody looks on.
func (x *execution) stream() func(string, []byte) {
	if !x.Live || x.shown.NoLog {
		return nil
	}
	return func(stream string, chunk []byte) {
		x.Sink(event.Output{Host: x.w.Host(), Task: x.shown, Stream: stream, Chunk: chunk})
	}
}

type moduleCall = func(ctx context.Context, name string, args *value.Dict, blobs ...module.Blob) (*module.Result, error)

// action checks the arguments and runs the task's action.
func (x *execution) action(std context.Context, act *module.Action, scope Scope, target Target, a *attempt, args *value.Dict, check, diff bool, env *value.Dict, call moduleCall, ending func()) (*module.Result, error) {
	if check && !act.Check {
		return module.LeftOut("This action (" + shortName(act.Name) + ") does not support check mode."), nil
	}
	checked, warnings, err := module.CheckAction(act, args)
	if err != nil {
		a.refused = true
		a.failure = taskFailed(x.task, err)
		return module.Failed(err), nil
	}
	c := &module.ActionCall{
		Action: act, Args: checked, Host: x.w.Host(), Check: check, Diff: diff, Verbosity: x.Verbosity,
		Task:   module.TaskInfo{RolePath: x.rolePath(), Name: x.shown.Name, Pos: x.task.Pos, Environment: env, AsyncDir: x.AsyncDir, FactsModules: x.FactsModules},
		Module: call, Ending: ending,
		Eval: func(v value.Value) (value.Value, error) { return x.evalCode(x.ctx(std, scope), v) },
		EvalItems: func(v value.Value) (value.Value, error) {
			if t, ok := v.(*expr.Template); ok {
				return t.EvalItems(x.ctx(std, scope))
			}
			return x.evalCode(x.ctx(std, scope), v)
		},
		Show: func(v value.Value) (value.Value, error) {
			shown, _, err := x.showCode(x.ctx(std, scope), v, &showing{})
			return shown, err
		},
		Inspect: func(v value.Value, told int) (value.Value, int, error) {
			return x.showCode(x.ctx(std, scope), v, &showing{all: true, told: told})
		},
		Condition: func(v value.Value) (bool, error) { return conditionCode(x.ctx(std, scope), v) },
		Written:   written,
		Place:     func(v value.Value) source.Pos { return placeOf(x.ctx(std, scope), v) },
		Defaults: func(name string) (*value.Dict, error) {
			mod, _ := x.Find(name)
			if mod == nil || len(x.task.ModuleDefaults) == 0 {
				return nil, nil
			}
			out := value.NewDict(4)
			err := x.defaultsFor(x.ctx(std, scope), mod.Name, func(other string) bool {
				m, _ := x.Find(other)
				return m == mod
			}, args, out)
			return out, err
		},
		Named: func(name string) (string, bool) {
			if x.Named == nil {
				return name, true
			}
			return x.Named(name, x.task.Collections)
		},
		Var: func(name string) (value.Value, bool, error) {
			raw, ok, err := scope.Lookup(name)
			if err != nil || !ok {
				return nil, false, err
			}
			v, err := eval(x.ctx(std, scope), raw)
			return v, err == nil, err
		},
	}
	if act.Where == module.Controller {
		c.Controller = x.w.Controller(expr.Hearing(std, x.note), x.task, scope, target)
		if c.Controller == nil {
			return nil, fmt.Errorf("the action '%s' runs on the controller only", act.Name)
		}
	}
	r, err := runAction(std, act, c)
	if err != nil {
		var fail *module.Failure
		if !errors.As(err, &fail) {
			return nil, err
		}
		r = module.Failed(err)
		a.failure = taskFailed(x.task, errors.New(fail.Msg))
	}
	r.Warnings = append(append(warnings, c.Warnings()...), r.Warnings...)
	return r, nil
}

// runAction is the border at which a bug of an action becomes a failed task.
func runAction(ctx context.Context, act *module.Action, c *module.ActionCall) (r *module.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = nil, fmt.Errorf("bug in churten: the action '%s' panicked: %v", act.Name, p)
		}
	}()
	return act.Run(ctx, c)
}

// maxTimeout is the longest that a task may be given, in seconds.
const maxTimeout = 100000000

// limit applies the timeout keyword.
func (x *execution) limit(std context.Context, ctx *expr.Ctx) (context.Context, context.CancelFunc, error) {
	seconds, err := x.number(ctx, "timeout", x.task.Timeout, float64(x.Timeout))
	if err != nil {
		return nil, nil, err
	}
	switch {
	case seconds < 0 || seconds > maxTimeout:
		return nil, nil, fmt.Errorf("Timeout %d is invalid, it must be between 0 and %d.", int(seconds), maxTimeout)
	case seconds == 0:
		return std, func() {}, nil
	}
	d := time.Duration(seconds * float64(time.Second))
	limited, cancel := context.WithTimeoutCause(std, d, &timeoutError{task: x.task, after: d})
	return limited, cancel, nil
}

// timeoutError says that a task took longer than its timeout.
type timeoutError struct {
	task  *plan.Task
	after time.Duration
}

func (e *timeoutError) Error() string {
	return fmt.Sprintf("Timed out after %d second(s).", int(e.after.Seconds()))
}

// timedOut is what the reference registers of a task that took too long.
func (e *timeoutError) timedOut() *value.Dict {
	return value.DictOf("frame", value.Str("Configure `DISPLAY_TRACEBACK` to see a traceback on timeout errors."),
		"period", value.Int(e.after.Seconds()))
}

// timed runs f; that the task's time was over is the error.
func (x *execution) timed(std context.Context, f func() (*module.Result, error)) (*module.Result, error) {
	r, err := f()
	var late *timeoutError
	if std.Err() != nil && errors.As(context.Cause(std), &late) {
		return nil, late
	}
	return r, err
}

func shortName(fqcn string) string {
	return fqcn[strings.LastIndexByte(fqcn, '.')+1:]
}

func (x *execution) rolePath() string {
	if x.task.Role == nil {
		return ""
	}
	return x.task.Role.Path
}
