package executor

import (
	"context"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/plan"
)

// Debugger evaluates the debugger keyword of task: when the task debugger is to
// be opened; "" where that is not said.
func Debugger(ctx *expr.Ctx, task *plan.Task) (string, error) {
	if task.Debugger == nil {
		return "", nil
	}
	v, err := evalKeyword(ctx, "debugger", task.Debugger)
	if err != nil || expr.IsOmit(v) || v == value.Value(value.None) {
		return "", err
	}
	switch name := value.Text(v); name {
	case "always", "never", "on_failed", "on_unreachable", "on_skipped":
		return name, nil
	default:
		at := ctx.PlaceOf(v)
		if at.IsZero() {
			at = posOf(task.Debugger)
		}
		return "", chainError{&event.Failure{Msg: "Error processing keyword 'debugger'", Pos: at, Cause: &event.Failure{Pos: task.Pos,
			Msg: fmt.Sprintf("'%s' is not a valid value for debugger. Must be one of always, never, on_failed, on_unreachable, on_skipped", name)}}}
	}
}

// Args evaluates the arguments of task with scope, as a run of it would.
func (r *Runner) Args(ctx context.Context, w World, task *plan.Task, scope Scope) (*value.Dict, error) {
	x := &execution{Runner: r, w: w, task: task, scope: scope, shown: &event.Task{}}
	x.mod, x.act = r.Find(task.FQCN)
	args, err := x.args(x.ctx(ctx, scope))
	if err != nil {
		return nil, fmt.Errorf("%s", Message(taskFailed(task, err)))
	}
	return args, nil
}
