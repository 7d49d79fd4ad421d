package strategy

import (
	"context"
	"slices"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/vars"
)

// The strategies by their names without a collection.
const (
	linear     = "linear"
	free       = "free"
	hostPinned = "host_pinned"
)

// strategyNames are the names a play may use for them. Mitogen's are what
// content has that ran faster before; it shall run here unchanged.
var strategyNames = map[string]string{
	"linear": linear, "ansible.builtin.linear": linear, "mitogen": linear, "mitogen_linear": linear,
	"free": free, "ansible.builtin.free": free, "mitogen_free": free,
	"debug": linear, "ansible.builtin.debug": linear,
	"host_pinned": hostPinned, "ansible.builtin.host_pinned": hostPinned, "mitogen_host_pinned": hostPinned,
}

// Has says whether a play may name a strategy so.
func Has(name string) bool { return strategyNames[name] != "" }

// chooseStrategy evaluates the play's strategy keyword.
func (pr *playRun) chooseStrategy(ctx context.Context, scope *vars.Scope) error {
	name, pos := pr.Strategy, pr.plan.Pos
	if pr.plan.Strategy != nil {
		v, err := pr.eval(ctx, scope, pr.plan.Strategy)
		if err != nil {
			return &Fault{Code: StatusParse, Err: source.Errorf(placeOf(pr.plan.Strategy, pos), "Error processing keyword 'strategy': %w", err)}
		}
		name = value.Text(v)
	}
	if name == "" {
		name = linear
	}
	known, ok := strategyNames[name]
	if !ok {
		pr.tell(event.Warning{Deprecated: true, Text: "Use of strategy plugins not included in ansible.builtin are deprecated and do not carry any backwards compatibility guarantees. " +
			"No alternative for third party strategy plugins is currently planned. This feature will be removed from ansible-core in a future release."})
		pr.unknown = source.Errorf(pos, "Invalid play strategy specified: %s", name)
	}
	pr.strategy = known
	pr.debug = name == "debug" || name == "ansible.builtin.debug"
	return nil
}

// freeRun is a batch whose hosts do not wait for each other.
type freeRun struct {
	*playRun
	results chan freeResult
	busy    map[string]*plan.Task // host → what it is at
	places  map[string]bool       // hosts that began and have tasks left; Forks at most, if pinned
	waiting []freeResult          // come in while something waited for quiet
	turn    int                   // index of the host that is next to begin something
	shown   map[int]string        // task → name, as the first host to reach it has it
}

type freeResult struct {
	hostOutcome
	task    *plan.Task
	shown   *event.Task
	attempt *attemptOf
}

// free runs the batch, each host at its own pace; pinned, at most Forks hosts
// are under way and the next begins when one is through.
//
// One goroutine owns all state; the others only run one task each on one host.
func (pr *playRun) free(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f := &freeRun{playRun: pr, results: make(chan freeResult), busy: map[string]*plan.Task{}, places: map[string]bool{},
		shown: map[int]string{}}
	if pr.maxFail >= 0 {
		pr.Warn("Using max_fail_percentage with the free strategy is not supported, as tasks are executed independently on each host")
	}
	err := f.loop(ctx)
	if err != nil {
		cancel(err)
	}
	for len(f.busy) > 0 {
		r := <-f.results
		delete(f.busy, r.host)
	}
	return err
}

func (f *freeRun) loop(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := f.start(ctx); err != nil {
			return err
		}
		if len(f.busy) == 0 && len(f.waiting) == 0 {
			return nil
		}
		if err := f.finish(ctx, f.next()); err != nil {
			return err
		}
	}
}

// next waits for a host to be done with its task. Tasks end when their context
// does, so that it never waits in vain.
func (f *freeRun) next() freeResult {
	if len(f.waiting) > 0 {
		r := f.waiting[0]
		f.waiting = f.waiting[1:]
		return r
	}
	r := <-f.results
	delete(f.busy, r.host)
	return r
}

// quiet waits until no task runs.
func (f *freeRun) quiet() {
	for len(f.busy) > 0 {
		r := <-f.results
		delete(f.busy, r.host)
		f.waiting = append(f.waiting, r)
	}
}

// start gives idle hosts their next tasks, as far as there is room. Hosts take
// turns: the one behind the last that began something is the first.
func (f *freeRun) start(ctx context.Context) error {
	for passed := 0; passed < len(f.hosts); {
		if f.ended || f.endBatch || len(f.busy) >= max(1, f.Forks) {
			return nil
		}
		h := f.hosts[f.turn%len(f.hosts)]
		f.turn++
		passed++
		if f.isBusy(h) {
			continue
		}
		task := f.upcoming(h)
		if task == nil {
			if f.places[h] { // for one that was passed over
				delete(f.places, h)
				passed = 0
			}
			continue
		}
		if f.strategy == hostPinned && !f.places[h] && len(f.places) >= max(1, f.Forks) {
			continue
		}
		ran, err := f.begin(ctx, task, h)
		if err != nil {
			return err
		}
		if ran {
			passed = 0
		}
	}
	return nil
}

// isBusy reports whether a host runs a task, or its outcome is yet to be
// applied.
func (f *freeRun) isBusy(host string) bool {
	return f.busy[host] != nil || slices.ContainsFunc(f.waiting, func(r freeResult) bool { return r.host == host })
}

// begin starts a task on a host; false when it must wait for its turn.
func (f *freeRun) begin(ctx context.Context, task *plan.Task, host string) (bool, error) {
	if isMeta(task) {
		if !perHostMeta[metaName(task)] {
			f.quiet()
			for len(f.waiting) > 0 {
				if err := f.finish(ctx, f.next()); err != nil {
					return false, err
				}
			}
			if f.upcoming(host) != task {
				return true, nil // what was waited for led elsewhere
			}
		}
		f.places[host] = true
		err := f.meta(ctx, task, []string{host})
		f.countActive()
		return true, err
	}
	if f.oncePerPlay(ctx, task, host) {
		return false, &Fault{Code: StatusError, Err: source.Errorf(task.Pos, "The '%s' module bypasses the host loop, which is currently not supported "+
			"in the free strategy and would instead execute for every host in the inventory list.", task.Action)}
	}
	if task.Throttle != nil {
		same := 0
		for _, t := range f.busy {
			if t.ID == task.ID {
				same++
			}
		}
		n, err := f.throttle(ctx, task, host)
		if err != nil || (n > 0 && same >= n) {
			return false, err
		}
	}
	if err := f.cannot(ctx, task, host); err != nil {
		return false, err
	}
	f.places[host] = true
	f.cursors[host].Advance()
	if task.Handler {
		f.forget(task, host)
	}
	if yes, err := f.stepInto(ctx, task, host); err != nil || !yes {
		return true, err
	}
	shown, err := f.begun(ctx, task, []string{host})
	if err != nil {
		return false, err
	}
	if name, ok := f.shown[task.ID]; ok && shown.Name != name { // never so of one that was begun before
		shown.Name = name
	}
	f.shown[task.ID] = shown.Name
	f.tell(event.TaskStart{Task: shown})
	f.busy[host] = task
	// It is waited for in next, quiet or at the end of free.
	go f.run(ctx, task, shown, host, nil)
	return true, nil
}

// run runs a task on a host, or what a person made of it.
func (f *freeRun) run(ctx context.Context, task *plan.Task, shown *event.Task, host string, a *attemptOf) {
	f.tell(event.HostStart{Host: host, Task: shown})
	out, err := f.attempt(ctx, task, shown, host, a)
	f.results <- freeResult{hostOutcome: hostOutcome{host: host, Outcome: out, err: err}, task: task, shown: shown, attempt: a}
}

// cannot warns of keywords that mean nothing where hosts do not wait.
func (f *freeRun) cannot(ctx context.Context, task *plan.Task, host string) error {
	if task.RunOnce == nil && task.AnyErrorsFatal == nil && !f.AnyErrorsFatal {
		return nil
	}
	scope, err := f.Store.Task(f.vars, host, task)
	if err != nil {
		return err
	}
	if once, err := f.flag(ctx, scope, "run_once", task.RunOnce, false); err != nil {
		return err
	} else if once {
		f.Warn("Using run_once with the free strategy is not currently supported. This task will still be executed for every host in the inventory list.")
	}
	fatal := f.AnyErrorsFatal
	if _, template := task.AnyErrorsFatal.(*expr.Template); template { // it is not evaluated, as in linear
		fatal = true
	} else if fatal, err = f.flag(ctx, scope, "any_errors_fatal", task.AnyErrorsFatal, fatal); err != nil {
		return err
	}
	if fatal {
		f.Warn("Using any_errors_fatal with the free strategy is not supported, as tasks are executed independently on each host")
	}
	return nil
}

// finish applies an outcome.
func (f *freeRun) finish(ctx context.Context, r freeResult) error {
	if r.err != nil {
		return r.err
	}
	again, err := f.settle(ctx, r.task, r.shown, r.hostOutcome, false, r.attempt)
	if err != nil {
		return err
	}
	if again != nil {
		f.busy[r.host] = r.task
		go f.run(ctx, r.task, r.shown, r.host, again) // waited for as in begin
		return nil
	}
	if f.gone(r.host) {
		f.countActive()
	}
	return f.includes(ctx, r.task, r.shown, []hostOutcome{r.hostOutcome})
}
