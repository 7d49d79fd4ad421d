package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy/connection"
)

// Agent is a running agent, seen from the controller. It is safe for
// concurrent use.
type Agent struct {
	o       Options
	session *wire.Session
	ctx     context.Context // ends with the agent
	cancel  context.CancelCauseFunc
	work    sync.WaitGroup // goroutines: the start, uploads, redialling

	ready   chan struct{} // closed when hello or err is set
	bye     chan struct{} // closed when the agent said goodbye
	byeOnce sync.Once

	mu       sync.Mutex
	hello    *wire.Hello
	started  bool // ready is closed
	err      error
	closing  bool
	nextID   uint64
	pending  map[uint64]*Pending
	users    map[Become]User
	nextUser User
	lost     map[User]error // agents of other users that are gone
	link     *streamLink
	resumed  bool
}

// User is the agent that works as some user on the target: zero is the one
// that was started over the connection.
type User uint32

func newAgent(ctx context.Context, o Options) *Agent {
	if o.Grace == 0 {
		o.Grace = defaultGrace
	}
	a := &Agent{o: o, ready: make(chan struct{}), bye: make(chan struct{}), pending: map[uint64]*Pending{}, users: map[Become]User{}, lost: map[User]error{}}
	a.ctx, a.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	w := wire.Options{Handle: a.handle, Down: a.linkDown}
	if !o.Local { // a network is between us
		w.Beat, w.Patience = wire.BeatTime, wire.Patience
	}
	a.session = wire.NewSession(w)
	a.session.Pack(!o.NoPack)
	return a
}

// Ready waits until the agent is up, or has failed to be.
func (a *Agent) Ready(ctx context.Context) error {
	select {
	case <-a.ready:
		return a.Err()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Hello is what the agent told about itself; it must be Ready.
func (a *Agent) Hello() wire.Hello {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hello == nil {
		return wire.Hello{}
	}
	return *a.hello
}

// Err is why the agent is of no use any more, nil while it is.
func (a *Agent) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// Hold tells the agent to wait for as long as this side is silent, or no longer
// so: for a controller that is about to be stopped and may go on later.
func (a *Agent) Hold(ctx context.Context, on bool) error {
	patience := wire.Patience
	if on {
		patience = 0
	}
	a.session.SetPatience(patience)
	return a.session.Flush(ctx)
}

// Stats counts what went over the wire so far.
func (a *Agent) Stats() wire.Stats { return a.session.Stats() }

// Burst holds what do sends back until it returns, so that it goes out in one
// write. Do must not wait for answers.
func (a *Agent) Burst(do func()) {
	a.session.Cork()
	defer a.session.Uncork()
	do()
}

// fail ends everything because of err: pending requests give it.
func (a *Agent) fail(err error) {
	a.mu.Lock()
	if a.err == nil {
		a.err = err
	}
	err = a.err
	pending := a.pending
	a.pending = map[uint64]*Pending{}
	if !a.started {
		a.started = true
		close(a.ready)
	}
	a.mu.Unlock()
	for _, p := range pending {
		p.finish(nil, err)
	}
	a.cancel(err)
}

// GiveUp ends an agent that has not come up, because of err. Close must follow.
func (a *Agent) GiveUp(err error) { a.fail(err) }

// begin reports whether goroutines may still be started; work.Done must follow.
func (a *Agent) begin() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closing {
		a.work.Add(1)
	}
	return !a.closing
}

// unreachable gives the error that the host cannot be reached because of cause.
func (a *Agent) unreachable(cause error, format string, args ...any) error {
	return &connection.Unreachable{Host: a.o.Host, Msg: fmt.Sprintf(format, args...), Lost: true, Err: cause}
}

// asUnreachable gives err if it is such an error already, in the words of the
// connection.
func (a *Agent) asUnreachable(err error) error {
	var u *connection.Unreachable
	if errors.As(err, &u) {
		return err
	}
	return a.unreachable(err, "%v", err)
}

// request opens an exchange and sends its first frame.
func (a *Agent) request(p *Pending, kind wire.Kind, body []byte) *Pending {
	p.a, p.done = a, make(chan struct{})
	a.mu.Lock()
	err := a.err
	switch {
	case err != nil:
	case a.closing:
		err = ErrClosed
	default:
		err = a.lost[p.user]
	}
	if err != nil {
		a.mu.Unlock()
		p.finish(nil, err)
		return p
	}
	a.nextID++
	p.id = a.nextID
	a.pending[p.id] = p
	a.mu.Unlock()
	if err := a.session.Send(wire.Frame{Kind: kind, Route: uint32(p.user), ID: p.id, Body: body}); err != nil {
		a.take(p.id)
		p.finish(nil, err)
	}
	return p
}

// take removes a pending request.
func (a *Agent) take(id uint64) *Pending {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.pending[id]
	delete(a.pending, id)
	return p
}

// handle gets every frame of the agent and its children, in order.
func (a *Agent) handle(f wire.Frame) {
	switch f.Kind {
	case wire.KindGoodbye:
		a.byeOnce.Do(func() { close(a.bye) })
		return
	case wire.KindDone, wire.KindFail:
		var err error
		if f.Kind == wire.KindFail {
			fail, bad := wire.DecodeFail(f.Body)
			if err = a.inWords(fail); bad != nil {
				err = bad
			}
			if f.ID == 0 && f.Route != 0 {
				a.userGone(User(f.Route), err, Code(err) == wire.CodeRetired)
				return
			}
		}
		if p := a.take(f.ID); p != nil {
			p.finish(f.Body, err)
		}
		return
	}
	a.mu.Lock()
	p := a.pending[f.ID]
	a.mu.Unlock()
	if p != nil {
		p.handle(f)
	}
}

// closeTime is how long the agent may take to end what it runs.
const closeTime = 12 * time.Second

// Close tells the agent to end, with all it started, and waits until it has.
// The connection stays open. It may be called more than once. The error tells
// that the agent did not confirm its end; it ends all the same, at the latest
// after its grace time.
func (a *Agent) Close(ctx context.Context) error {
	a.mu.Lock()
	again := a.closing
	a.closing = true
	up := a.hello != nil && a.err == nil
	a.mu.Unlock()
	var err error
	if up && !again {
		err = a.goodbye(ctx)
	}
	if (err != nil || !up) && a.o.Cut != nil {
		// What was started is told to end first, as far as the host still listens.
		cut := time.AfterFunc(time.Second, a.o.Cut)
		defer cut.Stop()
	}
	a.fail(ErrClosed)
	a.session.Close(ErrClosed)
	a.mu.Lock()
	l := a.link
	a.mu.Unlock()
	if l != nil {
		l.Close()
	}
	a.work.Wait()
	return err
}

func (a *Agent) goodbye(ctx context.Context) error {
	if err := a.session.Send(wire.Frame{Kind: wire.KindGoodbye}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, closeTime, errors.New("the agent did not confirm its end"))
	defer cancel()
	select {
	case <-a.bye:
	case <-a.ctx.Done():
		select {
		case <-a.bye: // and then its link ended, both before we looked
		default:
			return context.Cause(a.ctx)
		}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	a.mu.Lock()
	l := a.link
	a.mu.Unlock()
	// It has said that nothing is left running but itself; give it the moment
	// to go by itself.
	select {
	case <-l.ended:
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
	return nil
}
