package agent

import (
	"context"
	"sync"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/wire"
)

// Plan is a plan under way, as Options.Plan sees it. What the bytes mean is
// between it and the controller's side; the agent only carries them.
type Plan struct {
	// Payload is what the controller sent.
	Payload []byte
	// Lookup finds a module.
	Lookup func(name string) (*module.Module, bool)
	// Call gives what a module may use when the plan calls it by module.Run.
	Call func(c *wire.Call) *module.Call

	x       *exchange
	mu      sync.Mutex
	inputs  [][]byte
	arrived chan struct{} // buffered, 1
}

// Event tells the controller something; it waits for room in the window.
func (p *Plan) Event(body []byte) error { return p.x.send(wire.KindEvent, body) }

// Input gives the next that the controller sent after the plan itself.
func (p *Plan) Input(ctx context.Context) ([]byte, error) {
	for {
		p.mu.Lock()
		if len(p.inputs) > 0 {
			next := p.inputs[0]
			p.inputs = p.inputs[1:]
			p.mu.Unlock()
			return next, nil
		}
		p.mu.Unlock()
		select {
		case <-p.arrived:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (p *Plan) input(body []byte) {
	p.mu.Lock()
	p.inputs = append(p.inputs, body)
	p.mu.Unlock()
	select {
	case p.arrived <- struct{}{}:
	default:
	}
}

// runPlan hands a plan to whoever walks plans.
func (a *Agent) runPlan(x *exchange, body []byte) ([]byte, error) {
	if a.o.Plan == nil {
		return nil, &wire.Fail{Code: wire.CodeFailed, Msg: "this agent cannot walk plans"}
	}
	x.plan.Payload = body
	return a.o.Plan(x.ctx, x.plan)
}

// newPlan makes the plan before anything else can arrive for it.
func (x *exchange) newPlan() {
	x.plan = &Plan{Lookup: x.a.o.Lookup, Call: x.moduleCall, x: x, arrived: make(chan struct{}, 1)}
}
