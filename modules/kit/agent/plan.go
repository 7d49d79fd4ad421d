package agent

import (
	"context"
	"slices"

	"github.com/churten/churten/modules/kit/wire"
)

// Plan is a task that is worked out here, as Options.Plan sees it. What the
// bytes mean is between it and the controller's side.
type Plan struct {
	// Payload is what the controller sent.
	Payload []byte
	// Call runs a module and gives its result as it is sent.
	Call func(ctx context.Context, c *wire.Call) ([]byte, *wire.Fail)
	// State is what earlier plans of the queue left for those behind them, nil for
	// the first; it may have been forgotten.
	State any
	// Settled, to be set, lets the queue go on. Changed: see wire.Call.Notifies.
	Settled, Changed bool
}

// maxStates bounds the queues whose plans' state is kept: one for each of the
// controller's ways through a play, and those it has given up.
const maxStates = 8

// states are what plans left, by their queue.
type states struct {
	of    map[uint64]any
	order []uint64 // used last is last
}

func (s *states) put(queue uint64, state any) {
	if s.of == nil {
		s.of = map[uint64]any{}
	}
	s.order = append(slices.DeleteFunc(s.order, func(q uint64) bool { return q == queue }), queue)
	s.of[queue] = state
	if len(s.order) > maxStates {
		delete(s.of, s.order[0])
		s.order = s.order[1:]
	}
}

// plan takes a plan into its queue.
func (a *Agent) plan(f wire.Frame) {
	x := a.open(f.ID)
	p, err := wire.DecodePlan(f.Body)
	if err == nil && (a.o.Plan == nil || p.Queue == 0) {
		err = &wire.Fail{Code: wire.CodeFailed, Msg: "this agent cannot work out plans"}
	}
	if err != nil {
		x.finish(nil, err)
		return
	}
	run := func() (end ran) {
		body, err := x.guard(func() (body []byte, err error) {
			body, end, err = x.plan(p)
			return body, err
		})
		x.finish(body, err)
		return end
	}
	a.enqueue(p.Queue, queued{x: x, run: run, stop: true, task: p.Task, notifies: p.Notifies, flush: p.Flush})
}

// plan works a plan out.
func (x *exchange) plan(p *wire.Plan) (body []byte, end ran, err error) {
	if err := context.Cause(x.ctx); err != nil {
		return nil, ran{}, err
	}
	x.a.mu.Lock()
	state := x.a.states.of[p.Queue]
	x.a.mu.Unlock()
	task := &Plan{Payload: p.Payload, State: state, Call: func(_ context.Context, c *wire.Call) ([]byte, *wire.Fail) {
		// It is run as part of x, which is cancelled as a whole.
		body, _, err := x.call(c)
		if err != nil {
			return nil, x.failure(err)
		}
		return body, nil
	}}
	body, err = x.a.o.Plan(x.ctx, task)
	x.a.mu.Lock()
	x.a.states.put(p.Queue, task.State)
	x.a.mu.Unlock()
	return body, ran{ok: err == nil && task.Settled, changed: task.Changed}, err
}
