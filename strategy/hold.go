package strategy

import (
	"context"
	"sync"
)

// Hold tells all agents to wait for this side however long it is silent, or no
// longer so; see remote.Agent.Hold. Agents that do not hear it in time are left
// to their patience.
func (p *Pool) Hold(ctx context.Context, on bool) {
	p.mu.Lock()
	var open []*pooled
	for _, e := range p.entries {
		select {
		case <-e.ready:
			if e.agent != nil {
				open = append(open, e)
			}
		default:
		}
	}
	p.mu.Unlock()
	var wg sync.WaitGroup
	for _, e := range open {
		wg.Go(func() { _ = e.agent.Hold(ctx, on) })
	}
	wg.Wait()
}
