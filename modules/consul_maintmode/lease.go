package consulmaintmode

import (
	"context"
	"sync"
	"time"

	"github.com/churten/churten/modules/kit/consul"
	"github.com/churten/churten/modules/kit/module"
)

// lease is a session and the time until which it is certain to last. A
// goroutine renews it until end is called.
type lease struct {
	id     string
	client *consul.Client
	ttl    time.Duration
	stop   context.CancelFunc
	done   sync.WaitGroup

	mu    sync.Mutex
	until time.Time // on the monotonic clock
	lost  bool
}

// open makes the session of this call, once.
func (t *task) open(ctx context.Context) (*lease, error) {
	if t.lease != nil && !t.lease.gone() {
		return t.lease, nil
	}
	if t.lease != nil {
		t.lease.end()
	}
	// The time counts from before the request: the server's begins later.
	begun := time.Now()
	id, err := t.client.CreateSession(ctx, consul.NewSession{
		Name: "churten maintmode " + t.me.name, TTL: t.sessionTTL.String(), LockDelay: t.lockDelay, Behavior: "release",
	})
	if err != nil {
		return nil, err
	}
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &lease{id: id, client: t.client, ttl: t.sessionTTL, stop: stop, until: begun.Add(t.sessionTTL)}
	l.done.Go(func() { l.keep(renewing) })
	t.lease = l
	return l, nil
}

// keep renews three times in each TTL.
func (l *lease) keep(ctx context.Context) {
	tick := time.NewTicker(l.ttl / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if ok, err := l.renew(ctx); err == nil && !ok {
				return
			}
		}
	}
}

// renew makes the TTL begin anew; ok is false when the session is no more.
func (l *lease) renew(ctx context.Context) (ok bool, err error) {
	begun := time.Now()
	ok, err = l.client.RenewSession(ctx, l.id)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil && ok:
		if until := begun.Add(l.ttl); until.After(l.until) {
			l.until = until
		}
	case err == nil:
		l.lost = true
	}
	return ok, err
}

// gone reports whether the session may have ended.
func (l *lease) gone() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost || !time.Now().Before(l.until)
}

// fresh renews the session now and gives a context that ends when half of its
// TTL is over: what is done in it is done while the session is certain to live.
func (l *lease) fresh(ctx context.Context) (context.Context, context.CancelFunc, error) {
	begun := time.Now()
	ok, err := l.renew(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, module.Failf("the session in Consul has ended while the node was asking: nothing was done")
	}
	ctx, cancel := context.WithDeadline(ctx, begun.Add(l.ttl/2))
	return ctx, cancel, nil
}

// end stops renewing; the session ends by itself after its TTL.
func (l *lease) end() {
	l.stop()
	l.done.Wait()
}

// close ends the lease and its session. It works also when ctx is done, for
// what is left behind costs others the session's TTL and the lock delay.
func (t *task) close(ctx context.Context) {
	l := t.lease
	if l == nil {
		return
	}
	t.lease = nil
	l.end()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = t.client.DestroySession(ctx, l.id) // else it ends by its TTL
}
