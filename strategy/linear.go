package strategy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/vars"
)

// ordering is the order of a play's tasks in the text, by which hosts wait for
// each other: the hosts whose next task comes first go first.
type ordering struct {
	tasks    []*plan.Task
	handlers []*plan.Task
	at       map[int]int // task → place
	// cur is behind the task that was last begun. What stands before it comes
	// after all others: only hosts that clear_host_errors brought back have it.
	cur int
}

func newOrdering(blocks, handlers []*plan.Block) ordering {
	o := ordering{tasks: plan.Tasks(blocks), handlers: plan.Tasks(handlers)}
	o.index()
	return o
}

func (o *ordering) index() {
	o.at = make(map[int]int, len(o.tasks)+len(o.handlers))
	for i, t := range o.tasks {
		o.at[t.ID] = i
	}
	for i, t := range o.handlers {
		o.at[t.ID] = i
	}
}

// insert puts the tasks of included blocks behind the include task.
func (o *ordering) insert(after *plan.Task, blocks []*plan.Block) {
	list := &o.tasks
	if after.Handler {
		list = &o.handlers
	}
	i := o.at[after.ID] + 1
	*list = slices.Insert(*list, i, plan.Tasks(blocks)...)
	o.index()
}

// rank is smaller for what comes sooner.
func (o *ordering) rank(t *plan.Task) int {
	at := o.at[t.ID]
	if !t.Handler && at < o.cur {
		at += len(o.tasks)
	}
	return at
}

// next gives the task that comes next and the hosts it is next for; nil at
// the end of the batch. Handlers go before other tasks.
func (pr *playRun) next() (*plan.Task, []string) {
	var task *plan.Task
	var hosts []string
	best, flushing := 0, false
	for _, h := range pr.hosts {
		t := pr.upcoming(h)
		if t == nil {
			continue
		}
		f := pr.cursors[h].Flushing()
		at := pr.order.rank(t)
		switch {
		case task == nil, f && !flushing, f == flushing && at < best:
			task, best, flushing, hosts = t, at, f, []string{h}
		case f == flushing && t.ID == task.ID:
			hosts = append(hosts, h)
		}
	}
	if task != nil && !flushing && !task.Handler {
		pr.order.cur = pr.order.at[task.ID] + 1
	}
	return task, hosts
}

// upcoming gives a host's next task, passing over handlers nobody notified.
func (pr *playRun) upcoming(host string) *plan.Task {
	c := pr.cursors[host]
	if pr.unreachable[host] || pr.Run.failed[host] {
		return nil
	}
	for {
		t := c.Task()
		if t == nil {
			return nil
		}
		if pr.passed[t.ID] || c.Flushing() && t.Handler && !pr.isNotified(t, host) && !inIncludedHandler(t) ||
			pr.hadRole(t, host) || pr.hasFacts(t, host) {
			c.Advance()
			continue
		}
		return t
	}
}

// inStep runs the batch, each task on all hosts before the next: strategy linear.
func (pr *playRun) inStep(ctx context.Context) error {
	for !pr.ended && !pr.endBatch {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		task, hosts := pr.next()
		if task == nil {
			break
		}
		pr.countActive()
		var err error
		if isMeta(task) {
			err = pr.meta(ctx, task, hosts)
		} else {
			err = pr.lockstep(ctx, task, hosts)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// noneLeft reports whether every host of the batch is gone.
func (pr *playRun) noneLeft() bool {
	for _, h := range pr.hosts {
		if !pr.gone(h) {
			return false
		}
	}
	return true
}

func (pr *playRun) noMoreHosts() { pr.tell(event.NoHostsRemaining{}) }

// lockstep runs one task on the hosts it is next for.
func (pr *playRun) lockstep(ctx context.Context, task *plan.Task, hosts []string) error {
	run, once, err := pr.runOnce(ctx, task, hosts)
	if err != nil {
		return err
	}
	for _, h := range hosts {
		pr.cursors[h].Advance()
		if task.Handler {
			pr.forget(task, h)
		}
	}
	if yes, err := pr.stepInto(ctx, task, ""); err != nil || !yes {
		return err
	}
	shown, err := pr.begun(ctx, task, run)
	if err != nil {
		return err
	}
	pr.tell(event.TaskStart{Task: shown})
	outcomes, err := pr.onHosts(ctx, task, shown, run, once)
	if err != nil {
		return err
	}
	if err := pr.includes(ctx, task, shown, outcomes); err != nil {
		return err
	}
	return pr.afterTask(ctx, task, outcomes, once)
}

// runOnce gives the hosts a task is run on: the first alone, with run_once.
func (pr *playRun) runOnce(ctx context.Context, task *plan.Task, hosts []string) ([]string, bool, error) {
	if pr.oncePerPlay(ctx, task, hosts[0]) {
		return hosts[:1], true, nil
	}
	if task.RunOnce == nil {
		return hosts, false, nil
	}
	scope, err := pr.Store.Task(pr.vars, hosts[0], task)
	if err != nil {
		return nil, false, err
	}
	once, err := pr.flag(ctx, scope, "run_once", task.RunOnce, false)
	if err != nil {
		return nil, false, err
	}
	if once {
		return hosts[:1], true, nil
	}
	return hosts, false, nil
}

// oncePerPlay reports whether a task's action runs for one host only, whatever
// the others would have. Where its name is a template host stands for them.
func (pr *playRun) oncePerPlay(ctx context.Context, task *plan.Task, host string) bool {
	name := task.FQCN
	if strings.Contains(task.Action, "{{") {
		t, err := expr.CompileTemplate(task.Action, task.ActionPos)
		if err != nil {
			return false // the executor tells why
		}
		scope, err := pr.Store.Task(pr.vars, host, task)
		if err != nil {
			return false
		}
		v, err := pr.eval(ctx, scope, t)
		if err != nil {
			return false
		}
		name = value.Text(v)
	}
	_, act := pr.Runner.Find(name)
	return act != nil && act.OncePerPlay
}

// hostOutcome is what a task gave on one host.
type hostOutcome struct {
	host string
	*executor.Outcome
	err error
}

// onHosts runs the task on hosts, at most Forks (or throttle) at once, and
// applies each outcome as it arrives, before its worker takes the next host:
// with one fork the hosts are told of strictly one after the other.
func (pr *playRun) onHosts(ctx context.Context, task *plan.Task, shown *event.Task, hosts []string, once bool) ([]hostOutcome, error) {
	width, err := pr.width(ctx, task, hosts)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		wg     sync.WaitGroup
		next   atomic.Int64
		mu     sync.Mutex // guards failed, and what outcomes change
		failed error
	)
	all := make([]hostOutcome, len(hosts)) // in the order of hosts, not of arrival
	for range width {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(hosts) {
					return
				}
				h := hosts[i]
				pr.tell(event.HostStart{Host: h, Task: shown})
				out, err := pr.attempt(ctx, task, shown, h, nil)
				mu.Lock()
				all[i] = hostOutcome{host: h, Outcome: out, err: err}
				var again *attemptOf
				for err == nil && failed == nil {
					if again, err = pr.settle(ctx, task, shown, all[i], once && task.RunOnce != nil, again); err != nil || again == nil {
						break
					}
					out, err = pr.attempt(ctx, task, shown, h, again)
					all[i] = hostOutcome{host: h, Outcome: out, err: err}
				}
				if err != nil && failed == nil {
					failed = err
					cancel(err)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return slices.DeleteFunc(all, func(o hostOutcome) bool { return o.err != nil }), failed
}

// width gives how many hosts run the task at once.
func (pr *playRun) width(ctx context.Context, task *plan.Task, hosts []string) (int, error) {
	n := max(1, pr.Forks)
	bound, err := pr.throttle(ctx, task, hosts[0])
	if bound > 0 {
		n = min(n, bound)
	}
	return min(n, len(hosts)), err
}

// throttle gives the task's own bound, 0 for none.
func (pr *playRun) throttle(ctx context.Context, task *plan.Task, host string) (int, error) {
	if task.Throttle == nil {
		return 0, nil
	}
	scope, err := pr.Store.Task(pr.vars, host, task)
	if err != nil {
		return 0, err
	}
	bad := func(err error) error {
		return source.Errorf(placeOf(task.Throttle, task.Pos), "Failed to convert the throttle value to an integer: %w", err)
	}
	v, err := pr.eval(ctx, scope, task.Throttle)
	if err != nil {
		return 0, bad(err)
	}
	if v == value.Value(value.None) {
		return 0, nil
	}
	n, err := module.ToInt(v)
	if err != nil {
		return 0, bad(fmt.Errorf("invalid literal for int() with base 10: %s", value.Repr(v)))
	}
	return max(0, int(n)), nil
}

// show tells listeners of a task, its name evaluated for host.
func (pr *playRun) show(ctx context.Context, task *plan.Task, host string) *event.Task {
	scope, err := pr.Store.Task(pr.vars, host, task)
	return pr.showIn(ctx, task, scope, err, pr.tell)
}

// showIn is show with the variables in scope, if err is nil.
func (pr *playRun) showIn(ctx context.Context, task *plan.Task, scope *vars.Scope, err error, tell func(event.Event)) *event.Task {
	s := &event.Task{ID: task.ID, Action: task.Action, FQCN: task.FQCN, Pos: task.Pos, Args: task.Args,
		Handler: task.Handler, Check: pr.Check, Loop: task.Loop != nil, Tags: task.Tags}
	if task.Role != nil {
		s.Role = task.Role.FQCN
	}
	if task.FQCN == includeRole {
		s.Role = "" // as the reference shows them
	}
	if err != nil {
		s.Name = rawName(task)
		return s
	}
	s.Name = rawName(task)
	if !isMeta(task) { // of those the reference evaluates no names
		s.Name = pr.nameOf(ctx, task, scope, tell)
	}
	s.Check, _ = pr.flag(ctx, scope, "check_mode", task.CheckMode, pr.Check)
	s.NoLog, err = pr.flag(ctx, scope, "no_log", task.NoLog, false)
	s.NoLog = s.NoLog || err != nil
	s.RunOnce, _ = pr.flag(ctx, scope, "run_once", task.RunOnce, false)
	return s
}

// nameOf gives a task's name with templates evaluated; where one cannot be,
// the name as it is written.
func (pr *playRun) nameOf(ctx context.Context, task *plan.Task, scope expr.Scope, tell func(event.Event)) string {
	if task.Name == nil {
		return rawName(task)
	}
	v, err := pr.eval(ctx, scope, task.Name)
	if err != nil {
		return pr.brokenName(ctx, task, scope, tell)
	}
	if name := strings.TrimSpace(value.Text(v)); name != "" && value.Truth(v) {
		return name
	}
	return task.Action + roleOf(task) // as for [] and 0, too
}

// brokenName gives a name of which a part cannot be evaluated: a note stands
// there, and a warning tells of it.
func (pr *playRun) brokenName(ctx context.Context, task *plan.Task, scope expr.Scope, tell func(event.Event)) string {
	t, ok := task.Name.(*expr.Template)
	if !ok {
		return rawName(task)
	}
	text, warning := executor.Noted(expr.NewCtx(ctx, pr.Runner.Env, scope), t)
	if warning != "" {
		tell(event.Warning{Text: warning})
	}
	return strings.TrimSpace(text)
}

func rawName(task *plan.Task) string {
	switch n := task.Name.(type) {
	case nil:
		return task.Action + roleOf(task)
	case *expr.Template:
		return n.Source()
	default:
		if !value.Truth(n) {
			return task.Action + roleOf(task)
		}
		return value.Text(n)
	}
}

// roleOf is what a nameless include_role shows behind its action.
func roleOf(task *plan.Task) string {
	if task.FQCN != includeRole {
		return ""
	}
	for _, arg := range []string{"name", "role"} {
		switch v, _ := task.Args.GetStr(arg); v := v.(type) {
		case nil:
		case *expr.Template:
			return " : " + v.Source()
		default:
			return " : " + value.Text(v)
		}
	}
	return ""
}

// afterTask applies what depends on all hosts: any_errors_fatal and
// max_fail_percentage.
func (pr *playRun) afterTask(ctx context.Context, task *plan.Task, outcomes []hostOutcome, once bool) error {
	bad := 0
	for _, o := range outcomes {
		if (o.Status == event.Failed || o.Status == event.Unreachable) && !o.Ignored {
			bad++
		}
	}
	if bad == 0 {
		return nil
	}
	fatal := pr.AnyErrorsFatal
	if _, template := task.AnyErrorsFatal.(*expr.Template); template {
		fatal = true // what is written counts, as in the reference
	} else if task.AnyErrorsFatal != nil {
		scope, err := pr.Store.Task(pr.vars, outcomes[0].host, task)
		if err != nil {
			return err
		}
		if fatal, err = pr.flag(ctx, scope, "any_errors_fatal", task.AnyErrorsFatal, fatal); err != nil {
			return err
		}
	}
	if fatal || (once && bad > 0) {
		pr.failAll(outcomes, fatal)
		pr.broken = pr.broken || (fatal && pr.noneLeft())
	}
	if pr.maxFail >= 0 {
		gone := 0
		for _, h := range pr.hosts {
			if pr.gone(h) {
				gone++
			}
		}
		if float64(gone)/float64(len(pr.hosts))*100 > pr.maxFail {
			pr.broken = true
			for _, h := range pr.hosts {
				pr.cursors[h].End()
			}
			// The reference says so twice.
			pr.noMoreHosts()
			pr.noMoreHosts()
			pr.ended = true
		}
	}
	return nil
}

// failAll makes the failure of some hosts that of all in the batch. Of the
// others only always parts are run if they may not be rescued: as in the
// reference after a task that ran once.
func (pr *playRun) failAll(outcomes []hostOutcome, rescue bool) {
	failed := map[string]bool{}
	for _, o := range outcomes {
		if (o.Status == event.Failed || o.Status == event.Unreachable) && !o.Ignored {
			failed[o.host] = true
		}
	}
	for _, h := range pr.hosts {
		if failed[h] || pr.unreachable[h] || pr.Run.failed[h] {
			continue
		}
		if pr.lastFail[h] { // it may still be in an always part, which ends then
			pr.cursors[h].Fail()
			continue
		}
		if !rescue {
			pr.cursors[h].GiveUp()
			pr.lastFail[h] = true
			continue
		}
		pr.dragged[h], pr.endedHosts[h] = true, true
		if !pr.cursors[h].Fail() {
			pr.lastFail[h] = true
		}
	}
}
