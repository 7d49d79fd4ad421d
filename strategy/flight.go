package strategy

import (
	"context"
	"sync"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/remote"
	"github.com/churten/churten/strategy/vars"
)

// flight is one task under way on one host: the one whose turn it is, or one
// that was begun ahead of its turn. What it may not know yet it waits for, and
// what it has to tell is kept until listeners know the task.
type flight struct {
	lane   *lane
	task   *plan.Task
	shown  *event.Task
	world  *world
	cancel context.CancelCauseFunc
	id     uint64 // of the task, for the agent's queue
	queue  uint64
	second uint64 // see anew
	flush  int64  // how many flushes are in front, all of which do nothing if tasks before them change nothing
	// unsure are the variables that the tasks in front may set, with the views
	// on all variables, and whether the agent knows them when the task has its
	// turn there; nil when they set none.
	unsure map[string]bool
	// followed: tasks behind it may go ahead; awaited: they read what it sets.
	followed, awaited bool
	inside            *inside // set before open, if at all
	shipping          sync.Mutex
	at                *berth // of the last call, its own or of a task in front; set before open

	applied chan struct{} // closed when all that was in front is done
	named   chan struct{} // closed when shown is there
	open    chan struct{} // closed when the next task may go: if all goes well this one is ok
	done    chan struct{} // closed when out and err are there

	mu     sync.Mutex
	told   bool // listeners know the task
	since  time.Time
	events []event.Event
	shut   bool // open is not to be closed
	opened bool
	calls  int
	tried  bool // to have the agent work it out
	halted bool // the agent has stopped the queue because of it
	ran    bool // a call has run to its end

	out *executor.Outcome
	err error

	// Of an include that was ahead of its turn: what it brings in, once it was
	// read; through: that was tried. Both belong to the lane.
	brought []*brought
	through bool

	ctx     context.Context // of the task
	freshMu sync.Mutex
	fresh   *vars.Scope // with what the tasks in front have set
}

// berth is where calls go: a way to the host and who works there.
type berth struct {
	address Address
	become  remote.Become
	agent   *remote.Agent // nil until it is there
}

func (b *berth) same(o *berth) bool { return b.address == o.address && b.become == o.become }

// turn waits until the tasks in front are done. A host that shares no files with
// the controller cannot change those.
func (f *flight) turn(ctx context.Context, h expr.Hangs) error {
	if h == expr.OnFiles && f.apart() {
		return nil
	}
	select {
	case <-f.applied:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// hasTurn reports whether all in front is done.
func (f *flight) hasTurn() bool {
	select {
	case <-f.applied:
		return true
	default:
		return false
	}
}

// apart reports whether the host is known to share no files with the controller.
func (f *flight) apart() bool {
	at := f.berth()
	if at == nil || at.agent == nil {
		return false
	}
	there, here := at.agent.Hello().Files, agent.Files()
	return there != "" && here != "" && there != here
}

// guard has the scope wait for variables that tasks in front may set.
func (f *flight) guard(scope *vars.Scope, again func() (*vars.Scope, error)) {
	if f.unsure == nil {
		return
	}
	scope.Ahead(func(name string) (*vars.Scope, error) {
		if _, unsure := f.unsure[name]; !unsure {
			return nil, nil
		}
		if !f.hasTurn() {
			f.ship()
		}
		if err := f.turn(f.ctx, expr.OnTime); err != nil {
			return nil, err
		}
		f.freshMu.Lock()
		defer f.freshMu.Unlock()
		var err error
		if f.fresh == nil {
			f.fresh, err = again()
		}
		return f.fresh, err
	})
}

// hear tells an event, or keeps it until the task is told.
func (f *flight) hear(e event.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.told {
		f.events = append(f.events, e)
		return
	}
	f.tell(e)
}

// tell has results begin when listeners heard of the task, not before.
func (f *flight) tell(e event.Event) {
	if r, ok := e.(event.Result); ok && r.Started.Before(f.since) {
		r.Started = f.since
		e = r
	}
	f.lane.run.tell(e)
}

// land tells what was kept.
func (f *flight) land() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.since, f.told = time.Now(), true
	for _, e := range f.events {
		f.tell(e)
	}
	f.events = nil
}

// begin waits for the turn where calls of tasks in front go elsewhere: only what
// one agent gets for one user keeps its order.
func (f *flight) begin(ctx context.Context, t *place) error {
	to := &berth{address: t.address}
	if t.become != nil {
		to.become = *t.become
	}
	if at := f.berth(); at != nil && !at.same(to) {
		if err := f.turn(ctx, expr.OnTime); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.at != nil && f.at.same(to) {
		to.agent = f.at.agent
	}
	f.at = to
	f.calls++
	f.shut = f.shut || t.delegate != "" || t.address.Kind == "local" || t.plugin != nil || module.Place(ctx) != 0
	return nil
}

// prepare makes a call one of the task.
func (f *flight) prepare(a *remote.Agent, call *remote.Call, c *executor.Call) {
	call.Queue, call.Task = f.queue, f.id
	call.StopQueue, call.FailuresPass = c.Settles, c.FailuresPass
	// What changed_when says is false whatever the module says notifies nobody.
	call.Notifies, call.Flush = len(f.task.Notify) > 0 && len(f.task.ChangedWhen) == 0, f.flush
	f.mu.Lock()
	defer f.mu.Unlock()
	at := *f.at
	at.agent = a
	f.at = &at
}

// keep has no task go behind this one.
func (f *flight) keep() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shut = true
}

// anew is the queue for calls of the task that were not run in its own one,
// which may have been stopped: the same for all of them, so that they keep their order.
func (f *flight) anew() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.second == 0 {
		f.second = f.lane.newQueue()
	}
	return f.second
}

// result notes how a call ended and waits for the turn: what is made of a result
// is nothing to be known before.
func (f *flight) result(ctx context.Context, r *module.Result, err error, passes bool) error {
	f.mu.Lock()
	stops := err != nil || r.Stops(!passes)
	f.halted = f.halted || stops
	f.ran = f.ran || err == nil
	f.mu.Unlock()
	return f.turn(ctx, expr.OnTime)
}

// berth is where the calls of tasks behind have to go.
func (f *flight) berth() *berth {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

// sent lets the next task go.
func (f *flight) sent() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.shut && !f.opened {
		f.opened = true
		close(f.open)
	}
}

// fly runs the task.
func (f *flight) fly(ctx context.Context) {
	defer close(f.done)
	if f.shown == nil {
		scope, err := f.world.scope(f.task)
		f.shown = f.lane.run.showIn(ctx, f.task, scope, err, f.hear)
		close(f.named)
	}
	runner := *f.lane.run.Runner
	runner.Sink = f.hear
	f.out, f.err = runner.Run(ctx, f.world, f.task, f.shown)
	if f.isInside() && f.err == nil {
		f.err = f.landInside(ctx)
	}
	if f.out != nil {
		f.out.Event.Trips = f.world.trips()
	}
	f.mu.Lock()
	alone := f.calls == 0
	f.mu.Unlock()
	if alone && (f.clean() || f.brings()) {
		f.sent()
	}
}

// brings reports whether it is an include that has something to bring in.
func (f *flight) brings() bool {
	return f.err == nil && f.out != nil && isInclude(f.task) && f.out.Status == event.OK
}

// clean reports whether the outcome leaves the host where the tasks behind took
// it to be.
func (f *flight) clean() bool {
	f.mu.Lock()
	halted := f.halted
	f.mu.Unlock()
	if halted || f.err != nil || f.out == nil {
		return false
	}
	if f.brought != nil {
		return f.out.Status == event.OK || f.out.Status == event.Skipped
	}
	return f.out.Settled(f.task.FQCN)
}

// sets adds the variables that the task may set, and whether the agent knows them.
func (f *flight) sets(names map[string]bool) {
	add := func(name string, known bool) {
		all, other := names[name]
		names[name] = known && (all || !other)
	}
	if f.isInside() {
		list, _ := executor.SetBy(f.task)
		for _, name := range list {
			add(name, true)
		}
		return
	}
	if f.task.Register != "" {
		add(f.task.Register, false)
	}
	if f.task.FQCN == includeRole {
		for _, name := range vars.RoleNames {
			add(name, false)
		}
	}
	if f.task.FQCN != setFact {
		return
	}
	for _, i := range f.out.Effects() { // it has ended, or nothing were behind it
		if i.Result == nil {
			continue
		}
		for k := range i.Result.Facts.All() {
			add(value.Text(k), false)
		}
	}
}

const setFact = "ansible.builtin.set_fact"
