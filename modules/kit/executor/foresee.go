package executor

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
)

// foreseen reports whether the task is certainly ok when its calls are: nothing
// is asked of their results here that could make it fail. passes: it is so too
// when they fail.
func (x *execution) foreseen() (settles, passes bool) {
	t := x.task
	if len(t.FailedWhen)+len(t.Until) > 0 || t.Retries != nil || t.Async != nil || t.Timeout != nil || x.Timeout != 0 ||
		t.DelegateTo != nil || t.Debugger != nil {
		return false, false
	}
	for _, c := range t.ChangedWhen {
		if _, plain := c.Value.(value.Bool); !plain && !literal(c) {
			return false, false
		}
	}
	if t.Loop != nil && (x.inOrder() || x.labelHangs()) {
		return false, false
	}
	if t.IgnoreErrors == nil {
		return true, false
	}
	passes, plain := module.ToBool(t.IgnoreErrors)
	return plain && !isTemplate(t.IgnoreErrors), passes
}

// labelHangs reports whether the label may come to something else, or to
// nothing, by what an item registers.
func (x *execution) labelHangs() bool {
	return x.task.Register != "" && readsName(x.task.LoopControl.Label, x.task.Register)
}

// ChangedByModule reports whether the result of a task that is not to be waited
// for says changed just when one of its calls does.
func ChangedByModule(t *plan.Task) bool {
	return !slices.ContainsFunc(t.ChangedWhen, func(c plan.Cond) bool {
		return c.Value != value.Value(value.False) && (c.Expr == nil || !strings.EqualFold(c.Expr.Source(), "false"))
	})
}

// literal reports whether a condition is true or false by itself.
func literal(c plan.Cond) bool {
	if c.Expr == nil {
		return false
	}
	switch c.Expr.Source() {
	case "true", "True", "false", "False":
		return true
	}
	return false
}

// lastSent tells that nothing more will be asked of the host.
func (x *execution) lastSent() {
	if l, ok := x.w.(Listener); ok && x.settles && !x.loose.Load() {
		l.Sent()
	}
}
