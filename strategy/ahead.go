package strategy

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/plan"
)

// lane is one host's way through the batch where it waits for no other host:
// the tasks behind the one whose turn it is are begun as soon as that one has
// sent its last call, so that a row of tasks costs one round trip.
//
// Nothing is guessed. A task ahead of its turn waits (see flight.turn) when it
// comes to what the tasks in front may change: a variable that they register,
// the time of day, files of a controller that is the host as well, another
// agent's queue. The host's agent runs the calls in order and stops before a
// call of a task whose predecessor failed or found facts; what was stopped is
// forgotten here and begun again if its turn comes. Only tasks that are certainly
// ok when their calls are (executor.Listener) let others go behind them.
type lane struct {
	run  *playRun
	host string
	ctx  context.Context // of the batch

	look    *plan.Cursor // behind flights and coming; nil where they are empty
	coming  []*plan.Task // to be begun behind the flights
	behind  map[int]bool // roles that end in front of look
	flights []*flight    // ahead of their turn, in order
	task    *plan.Task   // whose turn has come, until attempt takes it
	turn    *flight      // of it, if it was begun before
	now     *plan.Task   // whose turn it is
	landed  *flight      // the last that attempt took
	gate    *plan.Task   // an include in front of look: what it brings in is not known yet
	// flush counts the flushes of handlers that were passed over because nothing
	// is notified so far; of are those in front of each task that is known.
	flush  int64
	of     map[*plan.Task]int64
	queue  uint64 // at the agent
	sentTo sentTo
	sent   map[string][sha256.Size]byte // variables that the agent knows, as they were sent
}

// window is how many tasks may be ahead of their turn.
const window = 32

// firstLaneQueue is above the numbers of the hosts' own queues; those of lanes
// are taken once in a run, as a stopped queue stays stopped.
const firstLaneQueue = 1 << 32

// laneIDs numbers the queues and tasks of lanes.
type laneIDs struct{ queue, task atomic.Uint64 }

// openLanes makes the lanes of a batch.
func (pr *playRun) openLanes(ctx context.Context, hosts []string) {
	pr.lanes = nil
	if pr.InTurn || pr.Stepper != nil || pr.Debug.Enabled || pr.debug {
		return
	}
	pr.lanes = make(map[string]*lane, len(hosts))
	for _, h := range hosts {
		l := &lane{run: pr, host: h, ctx: ctx}
		l.queue = l.newQueue()
		pr.lanes[h] = l
	}
}

// landAll ends what is ahead of its turn when the batch ends before.
func (pr *playRun) landAll() {
	for _, l := range pr.lanes {
		_ = l.drop() // the run ends for a reason of its own
	}
}

// laneOf gives the lane of the host that a task is next for, when it waits for no
// other; nil where it does. It belongs to the goroutine that walks the play.
func (pr *playRun) laneOf(hosts []string) *lane {
	if len(hosts) != 1 || pr.strategy == linear && len(pr.present()) != 1 {
		return nil
	}
	return pr.lanes[hosts[0]]
}

// begun gives what listeners are told of a task whose turn has come on hosts.
func (pr *playRun) begun(ctx context.Context, task *plan.Task, hosts []string) (*event.Task, error) {
	if l := pr.laneOf(hosts); l != nil {
		if err := l.next(task); err != nil {
			return nil, err
		}
		if l.turn != nil {
			<-l.turn.named
			return l.turn.shown, nil
		}
	}
	return pr.show(ctx, task, hosts[0]), nil
}

// next takes the flight of a task whose turn has come, if it was begun, and
// looks for what may follow.
func (l *lane) next(task *plan.Task) error {
	l.task, l.now, l.turn = task, task, nil
	fresh := !isInclude(task) // behind an include stands what it brings in
	if task.Handler && len(l.flights) == 0 {
		l.queue = l.newQueue() // what was changed in this one has had its effect
	}
	switch {
	case len(l.flights) > 0 && l.flights[0].task == task:
		l.turn = l.flights[0]
		l.flights = l.flights[1:]
		close(l.turn.applied)
	case len(l.flights) > 0:
		if err := l.drop(); err != nil {
			return err
		}
	case len(l.coming) > 0 && l.coming[0] == task:
		l.coming = l.coming[1:]
	default:
		l.forget()
	}
	mine := l.flushOf(task)
	if l.turn != nil {
		mine = l.turn.flush
	}
	if l.toFlush() {
		// What was begun beyond the next flush is not run: the agent saw the change.
		l.coming = slices.DeleteFunc(l.coming, func(t *plan.Task) bool { return l.of[t] > mine })
		if l.flush > mine {
			l.look = nil
		}
	}
	if fresh && len(l.flights)+len(l.coming) == 0 {
		l.forget()
		l.look, l.behind = l.run.cursors[l.host].Clone(), map[int]bool{}
		if l.toFlush() { // nothing is begun beyond the next flush: that something was changed must not stop what is in front of it
			l.queue = l.newQueue()
		}
	}
	if l.of == nil {
		l.of = map[*plan.Task]int64{}
	}
	l.of[task] = mine // before more flushes are passed over
	l.lookAhead()
	return nil
}

func (l *lane) forget() {
	l.look, l.coming, l.behind, l.gate, l.of = nil, nil, nil, nil, nil
}

// lookAhead finds the tasks that come next, as far as they may go ahead.
func (l *lane) lookAhead() {
	for l.look != nil && l.gate == nil && len(l.flights)+len(l.coming) < window {
		t := l.look.Task()
		if t == nil || l.look.Flushing() {
			return
		}
		switch {
		case l.run.passed[t.ID] || l.run.hadRole(t, l.host):
		case t.RoleComplete():
			l.behind[t.Role.ID] = true
		case isFlushTask(t):
			if !l.nothingToFlush(t) {
				return
			}
			l.flush++
		case t.Role != nil && l.behind[t.Role.ID] || !l.run.goesAhead(t):
			return
		default:
			l.coming = append(l.coming, t)
			l.of[t] = l.flush
			if isInclude(t) {
				l.gate = t
			}
		}
		l.look.Advance()
	}
}

// nothingToFlush reports whether a flush does nothing, unless a task in front of
// it changes something: then the agent stops its queue at the tasks beyond.
func (l *lane) nothingToFlush(t *plan.Task) bool {
	if !t.Implicit && len(t.When) > 0 || l.toFlush() {
		return false
	}
	front := append([]*plan.Task{l.now}, l.coming...)
	for _, f := range l.flights {
		front = append(front, f.task)
	}
	return !slices.ContainsFunc(front, func(t *plan.Task) bool {
		return len(t.Notify) > 0 && !(executor.ChangedByModule(t) && l.run.goesAhead(t)) // else the agent does not see it
	})
}

// flushOf counts the flushes in front of a task that is launched.
func (l *lane) flushOf(t *plan.Task) int64 {
	if n, ok := l.of[t]; ok {
		return n
	}
	return l.flush
}

// toFlush reports whether handlers were notified already.
func (l *lane) toFlush() bool {
	return len(l.run.saved[l.host]) > 0 ||
		slices.ContainsFunc(l.run.order.handlers, func(h *plan.Task) bool { return l.run.isNotified(h, l.host) })
}

// enter goes on behind an include that has ended: into what it brings in. It
// stays shut where that cannot be read, is none of the host's business yet, or
// gives the play more than tasks: the include has its turn first.
func (l *lane) enter(f *flight) {
	defer func() { f.through = true }()
	list := l.run.wanted(f.ctx, f.task, []hostOutcome{{host: l.host, Outcome: f.out}})
	if len(list) > 0 && !f.apart() && !f.hasTurn() {
		return // a task in front may write the file
	}
	read := make([]*brought, 0, len(list))
	for _, inc := range list {
		b, err := l.run.read(f.task, inc)
		if err != nil || b.refused != nil || b.role != nil && slices.ContainsFunc(append(b.role.Imported, b.role.Role), isPublic) {
			return
		}
		read = append(read, b)
	}
	f.brought = read
	var blocks []*plan.Block
	for _, b := range read {
		blocks = append(blocks, b.blocks...)
	}
	l.look.Insert(blocks)
	l.gate = nil
	l.lookAhead()
}

func isPublic(r *plan.Role) bool { return r.Public }

// goesAhead reports whether a task may be begun ahead of its turn.
func (pr *playRun) goesAhead(t *plan.Task) bool {
	if isMeta(t) || isInclude(t) && pr.strategy != linear || t.Handler || t.Implicit || t.RunOnce != nil || t.Throttle != nil || t.DelegateTo != nil ||
		t.Async != nil || t.Timeout != nil || pr.Runner.Timeout != 0 || t.Debugger != nil || strings.Contains(t.Action, "{{") {
		return false
	}
	if _, templated := t.Name.(*expr.Template); templated && pr.strategy != linear {
		return false // it is shown by the name that the first host gave it
	}
	mod, act := pr.Runner.Find(t.FQCN)
	if act != nil {
		return act.Ahead
	}
	return mod != nil
}

// attempt runs a task whose turn it is, begun before or not, and begins those
// behind it meanwhile.
func (l *lane) attempt(ctx context.Context, task *plan.Task, shown *event.Task) (*executor.Outcome, error) {
	f := l.turn
	l.task, l.turn = nil, nil
	defer func() { l.landed = f }()
	if f != nil {
		f.land()
	} else {
		f = l.launch(ctx, task, shown, nil)
	}
	last := f
	if n := len(l.flights); n > 0 {
		last = l.flights[n-1]
	}
	for {
		var open chan struct{}
		entering := l.gate != nil && l.gate == last.task && !last.through
		if len(l.coming) > 0 || entering {
			open = last.open
		}
		select {
		case <-open:
			if entering {
				l.enter(last)
				continue
			}
			last = l.launch(l.ctx, l.coming[0], nil, append([]*flight{f}, l.flights...))
			l.flights, l.coming = append(l.flights, last), l.coming[1:]
			continue
		case <-f.done:
		}
		if f.err == nil && f.clean() {
			return f.out, nil
		}
		err := l.drop()
		if f.err != nil {
			err = f.err
		}
		if err != nil {
			return nil, err
		}
		return f.out, nil
	}
}

// launch begins a task: one whose turn it is when there is none in front.
func (l *lane) launch(ctx context.Context, task *plan.Task, shown *event.Task, front []*flight) *flight {
	f := &flight{lane: l, task: task, shown: shown, id: l.run.ids.task.Add(1), queue: l.queue, flush: l.flushOf(task),
		applied: make(chan struct{}), named: make(chan struct{}), open: make(chan struct{}), done: make(chan struct{})}
	f.world = &world{run: l.run, host: l.host, flight: f}
	ctx, f.cancel = context.WithCancelCause(ctx)
	if len(front) == 0 {
		close(f.applied)
		f.told = true
	} else {
		f.at = front[len(front)-1].berth()
		names := map[string]bool{}
		for _, g := range front {
			g.sets(names)
		}
		if len(names) > 0 {
			names["hostvars"], names["vars"] = false, false
			f.unsure = names
		}
		ctx = expr.Ahead(ctx, f.turn)
	}
	f.ctx = ctx
	behind := l.coming
	if len(front) > 0 {
		behind = behind[1:] // the first is this one
	}
	f.followed = len(behind) > 0
	if names, _ := executor.SetBy(task); len(names) > 0 {
		f.awaited = slices.ContainsFunc(behind, func(t *plan.Task) bool { return mayRead(t, names) })
	}
	go func() { // attempt, or drop, waits for done
		defer f.cancel(nil)
		f.fly(ctx)
	}()
	return f
}

var errDropped = errors.New("the task before it has ended otherwise than it may go on behind")

// drop ends the flights: what they asked for was not run. The agent's queue may
// have been stopped, hence there is another from now on.
func (l *lane) drop() error {
	var wrong error
	for _, f := range l.flights {
		f.cancel(errDropped)
	}
	for _, f := range l.flights {
		<-f.done
		if f.ran && wrong == nil && l.ctx.Err() == nil {
			wrong = fmt.Errorf("%s: bug in churten: this task was run on %s though the one before it has not ended as foreseen", f.task.Pos, l.host)
		}
	}
	l.flights = nil
	l.forget()
	l.queue = l.newQueue()
	return wrong
}

func (l *lane) newQueue() uint64 { return firstLaneQueue + l.run.ids.queue.Add(1) }
