package strategy

import (
	"context"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/vars"
)

// apply does what a task's outcome on one host leads to, and tells it.
func (pr *playRun) apply(ctx context.Context, task *plan.Task, shown *event.Task, o hostOutcome, once bool) error {
	hosts := []string{o.host}
	if once {
		hosts = pr.present()
	}
	for _, item := range o.Effects() {
		if err := pr.effects(ctx, task, o.host, hosts, item); err != nil {
			return err
		}
		if changed, ok := item.Dict.GetStr("changed"); ok && changed == value.True && !o.Changed {
			o.Changed = true
			o.Dict.SetStr("changed", value.True)
		}
	}
	if task.Register != "" {
		registered := value.DictOf(task.Register, executor.Registered(o.Dict))
		for _, h := range hosts {
			pr.Store.Set(h, registered)
		}
	}
	if o.Status == event.OK || o.Status == event.Failed {
		pr.ranRole(task, o.host)
	}
	sums := pr.sums(o.host)
	e := o.Event
	e.Ended = time.Now()
	switch o.Status {
	case event.Unreachable:
		if o.Ignored {
			sums.OK++
			sums.Ignored++
		} else {
			sums.Unreachable++
			pr.unreachable[o.host] = true
		}
	case event.Failed:
		pr.failed(ctx, task, shown, o, sums)
	case event.Skipped:
		sums.Skipped++
	case event.OK:
		if !isInclude(task) { // those count for each file they bring in
			sums.OK++
		}
		if o.Changed {
			sums.Changed++
			if err := pr.notify(ctx, task, o.host, o.Outcome); err != nil {
				return err
			}
		}
	}
	pr.tell(e)
	return nil
}

// present gives the hosts of the batch that what runs once is told to: all that
// can be reached, as in the reference also those that failed or ended.
func (pr *playRun) present() []string {
	var out []string
	for _, h := range pr.hosts {
		if !pr.unreachable[h] {
			out = append(out, h)
		}
	}
	return out
}

// failed counts a failure and moves the host's cursor to where it leads.
func (pr *playRun) failed(ctx context.Context, task *plan.Task, shown *event.Task, o hostOutcome, sums *event.Sums) {
	if o.Ignored {
		sums.OK++
		sums.Ignored++
		if o.Changed {
			sums.Changed++
		}
		return
	}
	c := pr.cursors[o.host]
	if c.Rescuable() {
		sums.Rescued++
		pr.Store.Set(o.host, value.DictOf(
			"ansible_failed_task", pr.describe(ctx, task, shown, o.host),
			"ansible_failed_result", o.Dict))
	} else {
		sums.Failed++
	}
	if !c.Fail() && !c.Rescuable() {
		pr.lastFail[o.host] = true
	}
}

// effects keeps facts and carries out what an action asked for.
func (pr *playRun) effects(ctx context.Context, task *plan.Task, host string, hosts []string, item executor.Item) error {
	r := item.Result
	if r == nil {
		return nil
	}
	if r.Vars != nil {
		to := hosts
		if item.Delegate != "" {
			toDelegate, err := pr.delegateFacts(ctx, task, host)
			if err != nil {
				return err
			}
			if toDelegate {
				to = []string{item.Delegate}
			}
		}
		for _, h := range to {
			pr.Store.Include(h, r.Vars)
		}
	}
	if r.Stats != nil {
		pr.keepStats(host, r.Stats)
	}
	if r.Facts == nil || r.Facts.Len() == 0 {
		return nil
	}
	if item.Delegate != "" {
		toDelegate, err := pr.delegateFacts(ctx, task, host)
		if err != nil {
			return err
		}
		if toDelegate {
			hosts = []string{item.Delegate}
		}
	}
	isVar := task.FQCN == "ansible.builtin.set_fact"
	facts := r.Facts
	if !isVar {
		facts = vars.SafeFacts(facts)
	}
	for _, h := range hosts {
		pr.noteFacts(task, h)
		if isVar {
			pr.Store.Set(h, r.Facts)
		}
		if !isVar || r.Cacheable {
			pr.Store.SetFacts(h, facts)
			if err := pr.keepFacts(h); err != nil {
				return err
			}
		}
	}
	return nil
}

func (pr *playRun) delegateFacts(ctx context.Context, task *plan.Task, host string) (bool, error) {
	if task.DelegateFacts == nil {
		return false, nil
	}
	scope, err := pr.Store.Task(pr.vars, host, task)
	if err != nil {
		return false, err
	}
	return pr.flag(ctx, scope, "delegate_facts", task.DelegateFacts, false)
}

// keepStats adds to the custom statistics of set_stats.
func (pr *playRun) keepStats(host string, s *module.Stats) {
	who := "_run"
	if s.PerHost {
		who = host
	}
	old := pr.stats.Custom[who]
	if old == nil {
		old = value.NewDict(s.Data.Len())
	}
	next := old.Clone()
	for k, v := range s.Data.All() {
		if was, ok := next.Get(k); ok && s.Aggregate {
			v = aggregate(was, v)
		}
		next.Set(k, v)
	}
	pr.stats.Custom[who] = next
}

// aggregate joins two values of set_stats: dicts merge, lists and numbers add up.
func aggregate(was, v value.Value) value.Value {
	if w, ok := was.(*value.Dict); ok {
		if d, ok := v.(*value.Dict); ok {
			out := w.Clone()
			for k, v := range d.All() {
				out.Set(k, v)
			}
			return out
		}
		return was
	}
	if was.Type() != v.Type() { // as in the reference
		return was
	}
	if sum, err := value.Arith(value.Add, was, v); err == nil {
		return sum
	}
	return v
}
