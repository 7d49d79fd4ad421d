package executor

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
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

// Settled reports whether an outcome leaves what was begun behind the task as it
// was foreseen: it did not fail, and changes nothing that they may read but the
// variable that it registers, or those of set_fact.
func (o *Outcome) Settled(fqcn string) bool {
	switch o.Status {
	case event.OK, event.Skipped:
	case event.Failed:
		if !o.Ignored {
			return false
		}
	default:
		return false
	}
	return !slices.ContainsFunc(o.Effects(), func(i Item) bool {
		r := i.Result
		if r == nil {
			return false
		}
		facts := r.Facts.Len() > 0 && (fqcn != setFact || r.Cacheable)
		return facts || r.AddHost != nil || r.GroupBy != nil || r.Include != nil || r.Vars != nil || r.Stats != nil
	})
}

// Effects are the items whose results count beyond the task: their facts, hosts,
// groups, stats. A task that failed has none, nor has a loop that failed in one
// item (seen on ansible-core 2.19.14), whether the failure is ignored or not.
func (o *Outcome) Effects() []Item {
	if o.Status == event.Failed {
		return nil
	}
	return o.Items
}

const setFact = "ansible.builtin.set_fact"

// Registered is a result as it is kept under its name: without what only
// callbacks need.
func Registered(d *value.Dict) *value.Dict {
	out := value.NewDict(d.Len() + 1)
	for k, v := range d.All() {
		name, _ := k.(value.Str)
		if name == "invocation" || strings.HasPrefix(string(name), "_ansible_") {
			continue
		}
		out.Set(k, v)
	}
	return out
}

// SetBy names the variables that a task may set: what it registers, and what
// set_fact sets. ok is false where these are known only when it has run.
func SetBy(t *plan.Task) (names []string, ok bool) {
	if t.Register != "" {
		names = append(names, t.Register)
	}
	if t.FQCN != setFact {
		return names, true
	}
	for k := range t.Args.All() {
		name, isText := k.(value.Str)
		if !isText || expr.HasTemplate(string(name)) {
			return names, false
		}
		if name != "cacheable" {
			names = append(names, string(name))
		}
	}
	_, cacheable := t.Args.GetStr("cacheable")
	return names, t.ArgsTemplate == nil && !cacheable
}
