package consulmaintmode

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/churten/churten/modules/kit/consul"
)

// await stands in the queue until something changes that the decision rests
// on, or time is over.
func (t *task) await(ctx context.Context, w *world, left time.Duration) error {
	if err := t.queue(ctx, w); err != nil {
		return err
	}
	longest := min(left, 10*time.Second)
	for _, v := range w.views {
		for _, h := range v.record.Holders {
			if !v.alive(h, v.maintained[h.Node]) {
				longest = min(longest, time.Second) // a lock delay's end tells nobody
			}
		}
	}
	t.watch(ctx, w, longest)
	if err := ctx.Err(); err != nil {
		return err
	}
	// All who wait wake at once.
	return pause(ctx, time.Duration(rand.IntN(50))*time.Millisecond)
}

// waiting reports whether the session has its ticket for the service.
func (v *view) waiting(session string) bool {
	for _, q := range v.queue {
		if q.session == session {
			return true
		}
	}
	return false
}

// queue takes the tickets, all in one transaction: then all have one index,
// and two nodes cannot stand before each other.
func (t *task) queue(ctx context.Context, w *world) error {
	l, err := t.open(ctx)
	if err != nil {
		return err
	}
	var ops []consul.Op
	for _, v := range w.views {
		if !v.waiting(l.id) {
			ops = append(ops, consul.Op{
				Verb: "lock", Key: t.servicePrefix(v.offered.name) + "queue/" + l.id, Session: l.id,
				Value: encode(waiter{Node: t.me.name, Run: t.run, Since: now()}),
			})
		}
	}
	if len(ops) == 0 {
		return nil
	}
	_, _, _, err = t.client.Txn(ctx, ops) // one that did not go is taken the next time
	return err
}

// unqueue gives the tickets back.
func (t *task) unqueue(ctx context.Context) {
	if t.lease == nil || t.me == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.timeout)
	defer cancel()
	var ops []consul.Op
	for _, o := range t.me.services {
		ops = append(ops, consul.Op{Verb: "delete", Key: t.servicePrefix(o.name) + "queue/" + t.lease.id})
	}
	_, _, _, _ = t.client.Txn(ctx, ops) // else the tickets die with the session
}

// watch blocks until one of what w was made of has changed, or longest is over.
func (t *task) watch(ctx context.Context, w *world, longest time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	woken := make(chan struct{}, 1+2*len(w.views))
	block := func(index uint64, read func(consul.Query) error) {
		q := consul.Query{Index: max(index, 1), Wait: longest}
		all.Go(func() {
			if err := read(q); err != nil && ctx.Err() == nil {
				_ = pause(ctx, time.Second) // an agent that is down is not asked all the time
			}
			woken <- struct{}{}
		})
	}
	block(w.stopIndex, func(q consul.Query) error {
		_, _, err := t.client.Get(ctx, t.stopKey(), q)
		return err
	})
	for _, v := range w.views {
		block(v.seen, func(q consul.Query) error {
			_, _, err := t.client.List(ctx, t.servicePrefix(v.offered.name), q)
			return err
		})
		block(v.healthIndex, func(q consul.Query) error {
			_, _, err := t.client.Health(ctx, v.offered.name, q)
			return err
		})
	}
	select {
	case <-woken:
	case <-ctx.Done():
	}
}
