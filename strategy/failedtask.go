package strategy

import (
	"context"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/plan"
)

// describe gives a task as ansible_failed_task shows it: its keywords as they
// are in force on host, with the reference's names and defaults. What belongs to
// one item of a loop (arguments, the loop itself, labels) is as it was written, and
// evaluated by whoever reads it.
func (pr *playRun) describe(ctx context.Context, task *plan.Task, shown *event.Task, host string) *value.Dict {
	scope, err := pr.Store.Task(pr.vars, host, task)
	in := func(v value.Value) value.Value {
		if v == nil {
			return value.None
		}
		if err == nil {
			if x, err := pr.eval(ctx, scope, v); err == nil {
				return x
			}
		}
		return v
	}
	or := func(v, def value.Value) value.Value {
		if v == nil {
			return def
		}
		return in(v)
	}
	each := func(list []value.Value) value.Value {
		out := value.NewList()
		for _, v := range list {
			out.Items = append(out.Items, in(v))
		}
		return out
	}
	written := func(v value.Value) value.Value {
		if v == nil {
			return value.None
		}
		return v
	}
	name := value.Value(value.Str(""))
	if task.Name != nil {
		name = value.Str(shown.Name)
	}
	async := or(task.Async, value.Int(0))
	d, _ := readable(value.DictOf(
		"delegate_to", in(task.DelegateTo),
		"delegate_facts", in(task.DelegateFacts),
		"notify", oneOrList(task.Notify),
		"collections", value.Strings(task.Collections...),
		"tags", value.Strings(task.Tags...),
		"when", conditions(task.When),
		"name", name,
		"connection", or(task.Connection, value.Str(pr.Connection.Kind)),
		"port", in(task.Port),
		"remote_user", or(task.RemoteUser, textOrNone(pr.Connection.User)),
		"vars", orEmpty(task.OwnVars()),
		"module_defaults", each(task.ModuleDefaults),
		"environment", each(task.Environment),
		"no_log", or(task.NoLog, value.False),
		"run_once", in(task.RunOnce),
		"ignore_errors", in(task.IgnoreErrors),
		"ignore_unreachable", in(task.IgnoreUnreachable),
		"check_mode", or(task.CheckMode, value.Bool(pr.check)),
		"diff", or(task.Diff, value.Bool(pr.Diff)),
		"any_errors_fatal", or(task.AnyErrorsFatal, value.Bool(pr.AnyErrorsFatal)),
		"throttle", or(task.Throttle, value.Int(0)),
		"timeout", or(task.Timeout, value.Int(0)),
		"debugger", in(task.Debugger),
		"become", or(task.Become, value.Bool(pr.Connection.Become)),
		"become_method", or(task.BecomeMethod, textOrNone(pr.Connection.BecomeMethod)),
		"become_user", or(task.BecomeUser, textOrNone(pr.Connection.BecomeUser)),
		"become_flags", in(task.BecomeFlags),
		"become_exe", in(task.BecomeExe),
		"args", orEmpty(task.Args),
		"action", value.Str(task.Action),
		"async_val", async,
		"async", async,
		"changed_when", conditions(task.ChangedWhen),
		"delay", or(task.Delay, value.Float(5)),
		"failed_when", conditions(task.FailedWhen),
		"loop", written(task.Loop),
		"loop_control", describeLoop(task),
		"poll", or(task.Poll, value.Int(15)),
		"register", textOrNone(task.Register),
		"retries", in(task.Retries),
		"until", conditions(task.Until),
		"loop_with", textOrNone(task.LoopWith),
		"_resolved_action", value.Str(task.FQCN),
		"uuid", value.Str(fmt.Sprintf("00000000-0000-0000-0000-%012x", task.ID)),
		"finalized", value.True,
		"squashed", value.True,
	))
	return d.(*value.Dict)
}

// readable gives a copy of v in which containers know that they hold templates.
func readable(v value.Value) (out value.Value, lazy bool) {
	switch v := v.(type) {
	case *expr.Template:
		return v, true
	case *plan.Code:
		return value.Str(v.Source), false
	case *value.List:
		l := value.NewList()
		for _, x := range v.Items {
			x, lazy := readable(x)
			l.Items = append(l.Items, x)
			l.Lazy = l.Lazy || lazy
		}
		return l, l.Lazy
	case *value.Dict:
		d := value.NewDict(v.Len())
		for k, x := range v.All() {
			x, lazy := readable(x)
			d.Set(k, x)
			d.Lazy = d.Lazy || lazy
		}
		return d, d.Lazy
	}
	return v, false
}

// describeLoop gives loop_control, with its defaults.
func describeLoop(task *plan.Task) *value.Dict {
	c := task.LoopControl
	or := func(v, def value.Value) value.Value {
		if v == nil {
			return def
		}
		return v
	}
	loopVar := c.LoopVar
	if loopVar == "" {
		loopVar = "item"
	}
	return value.DictOf(
		"loop_var", value.Str(loopVar),
		"index_var", textOrNone(c.IndexVar),
		"label", or(c.Label, value.None),
		"pause", or(c.Pause, value.Float(0)),
		"extended", or(c.Extended, value.None),
		"extended_allitems", or(c.ExtendedAllItems, value.True),
		"break_when", conditions(c.BreakWhen),
	)
}

// conditions gives conditions as texts.
func conditions(conds []plan.Cond) *value.List {
	out := value.NewList()
	for _, c := range conds {
		v := c.Value
		if c.Expr != nil {
			v = value.Str(c.Expr.Source())
		}
		if t, ok := v.(*expr.Template); ok {
			v = value.Str(t.Source())
		}
		out.Items = append(out.Items, v)
	}
	return out
}

func textOrNone(s string) value.Value {
	if s == "" {
		return value.None
	}
	return value.Str(s)
}

func oneOrList(list []value.Value) value.Value {
	switch len(list) {
	case 0:
		return value.None
	case 1:
		return list[0]
	}
	return value.NewList(list...)
}

func orEmpty(d *value.Dict) *value.Dict {
	if d == nil {
		return value.NewDict(0)
	}
	return d
}
