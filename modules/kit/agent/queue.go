package agent

import (
	"context"
	"time"

	"github.com/churten/churten/modules/kit/wire"
)

// queue runs its calls one after the other. A queue in which a call failed
// that was to stop it runs nothing any more but other calls of that task: the
// controller goes on in a new one. So does one that comes to a call that is not
// to be run behind a change, where something was changed by a call that notifies.
type queue struct {
	waiting []queued
	running bool
	stopped bool
	changed bool // by a call that notifies; since: behind how many flushes
	since   int64
	task    uint64 // that stopped it; or which ran last
}

type queued struct {
	x    *exchange
	run  func() ran
	stop bool // the queue, where it may not go on behind it
	task uint64
	// See wire.Call.
	notifies bool
	flush    int64
}

// ran is how a call of a queue ended: whether the queue may go on, and whether
// it changed anything.
type ran struct{ ok, changed bool }

// enqueue puts a call at the end of queue number n.
func (a *Agent) enqueue(n uint64, q queued) {
	a.mu.Lock()
	defer a.mu.Unlock()
	queue := a.queue(n)
	queue.waiting = append(queue.waiting, q)
	if !queue.running {
		queue.running = true
		a.work.Go(func() { a.drain(n, queue) })
	}
}

func (a *Agent) queue(n uint64) *queue {
	q := a.queues[n]
	if q == nil {
		q = &queue{}
		a.queues[n] = q
	}
	return q
}

// drain runs what waits in q until nothing does.
func (a *Agent) drain(n uint64, q *queue) {
	for {
		a.mu.Lock()
		if len(q.waiting) == 0 {
			q.running = false
			if !q.stopped && !q.changed { // else it must be remembered
				delete(a.queues, n)
			}
			a.mu.Unlock()
			return
		}
		next := q.waiting[0]
		q.waiting = q.waiting[1:]
		own := next.task != 0 && next.task == q.task
		q.stopped = q.stopped || q.changed && q.since < next.flush
		stopped := q.stopped && !own
		a.mu.Unlock()
		if stopped {
			next.x.finish(nil, &wire.Fail{Code: wire.CodeNotRun, Msg: "not run: a call before it in its queue has ended otherwise than was foreseen"})
			continue
		}
		if next.task != 0 && !own {
			a.awaitController(next.x.ctx)
		}
		end := next.run()
		a.mu.Lock()
		q.stopped = q.stopped || !end.ok && next.stop
		if end.changed && next.notifies && !q.changed {
			q.changed, q.since = true, next.flush
		}
		q.task = next.task
		a.mu.Unlock()
	}
}

// awaitController returns when there is a link to the controller: while nobody
// can hear what a task did, the next one is not begun. An agent that another
// one started always has a link to that.
func (a *Agent) awaitController(ctx context.Context) {
	for !a.session.Linked() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}
