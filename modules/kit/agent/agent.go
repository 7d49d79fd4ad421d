// Package agent is the program on the target. It serves one controller on one
// link (its own stdin and stdout, as a rule) and runs what that asks for:
// modules, raw commands, reading of files, a lock on the host, child agents
// that work as other users, and tasks that it works out by itself.
//
// The files, along the way of a request:
//
//   - main.go sets the process up: streams, signals, arguments;
//   - agent.go greets, attaches links, waits for the end and cleans up;
//   - resume.go takes a new link when the old one was cut;
//   - exchange.go has the requests that are under way, by ID;
//   - call.go, queue.go and blob.go run modules, python.go those that are not
//     native; raw.go, fetch.go, lock.go and
//     plan.go the rest;
//   - become.go and child.go start agents as other users and pass frames on;
//     groups.go ends those whose users came into other groups.
//
// When the controller says goodbye, or is gone for longer than the grace time,
// requests are cancelled and child agents ended before the agent ends. What a
// finished task left running on purpose (a daemon) is not touched.
package agent

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/python"
	"github.com/churten/churten/modules/kit/wire"
)

// Options of an agent.
type Options struct {
	// Lookup finds a module by the name a call has.
	Lookup func(name string) (*module.Module, bool)
	// Plan works a plan out that the controller sends; nil: plans are refused.
	Plan func(ctx context.Context, p *Plan) ([]byte, error)
	// Build is the hash of the build, "" when not known.
	Build string
	// Grace is how long the agent waits for a new link when one was lost;
	// zero means 30 seconds.
	Grace time.Duration
	// Child is set for an agent that another one started: it has no other
	// way to be reached, and ends with its link.
	Child bool
	// Unlinked, when set, is told that a link was lost which the agent waits
	// for the successor of.
	Unlinked func()
	// Image opens the program's own file, for copies that other users run;
	// nil means /proc/self/exe.
	Image func() (io.ReadCloser, int64, error)
}

const defaultGrace = 30 * time.Second

// endTime bounds how long the agent waits, at its end, for what it cancelled.
const endTime = 5 * time.Second

// Agent serves one controller.
type Agent struct {
	o       Options
	session *wire.Session
	hello   wire.Hello
	ctx     context.Context // of all requests
	cancel  context.CancelCauseFunc
	work    sync.WaitGroup // requests and children

	ended  chan struct{} // closed: the end has come; why says it
	endOne sync.Once
	why    error

	mu        sync.Mutex
	closing   bool // nothing new is begun
	exchanges map[uint64]*exchange
	queues    map[uint64]*queue
	states    states
	children  map[uint32]*child
	retired   map[uint32]string // children that ended because of their groups, and what to say of it
	attaching sync.Mutex        // one link at a time is being attached
	grace     *time.Timer       // runs while there is no link
	lock      *hostLock
	python    python.Pool // of modules that are not native
	keeper    process.Keeper
	accounts  accounts

	buildOnce sync.Once
	buildHash string
}

var (
	// ErrLinkLost is what Serve gives when the controller did not come back.
	ErrLinkLost = errors.New("the link was lost and the controller did not come back")
	errGoodbye  = errors.New("goodbye")
	errEnd      = errors.New("the agent is ending")
)

// New gives an agent that has yet to Serve.
func New(o Options) *Agent {
	if o.Grace == 0 {
		o.Grace = defaultGrace
	}
	a := &Agent{o: o, ended: make(chan struct{}), exchanges: map[uint64]*exchange{}, queues: map[uint64]*queue{}, children: map[uint32]*child{}, retired: map[uint32]string{}}
	a.session = wire.NewSession(wire.Options{Handle: a.handle, Down: a.linkDown, Pieces: func(f wire.Frame) bool { return f.Route != 0 }})
	return a
}

// Serve greets the controller on link and serves it until it says goodbye, the
// link is lost for longer than the grace time, or ctx ends. Nothing the agent
// started for a request still runs when it returns. The error is nil after a
// goodbye.
func (a *Agent) Serve(ctx context.Context, link wire.Link) error {
	a.ctx, a.cancel = context.WithCancelCause(process.WithKeeper(ctx, &a.keeper))
	defer a.cancel(errEnd)
	a.hello = describe()
	a.python.Store.Dir = cacheDir(a.hello.Home)
	a.hello.Protocol, a.hello.Build = wire.Protocol, a.o.Build
	if !a.o.Child {
		stop := a.listen()
		defer stop()
	}
	if err := a.greet(link); err != nil {
		link.Close()
		return err
	}
	select {
	case <-a.ended:
	case <-ctx.Done():
		a.end(context.Cause(ctx))
	}
	a.cleanup()
	if a.why == errGoodbye {
		return nil
	}
	return a.why
}

// greet says hello on the first link. It does not wait for the controller's:
// when that was sent ahead, the link is up at once.
func (a *Agent) greet(link wire.Link) error {
	r := wire.NewReader(link)
	if err := wire.WriteHello(link, &a.hello); err != nil {
		return fmt.Errorf("say hello: %w", err)
	}
	peer, err := wire.ReadHello(r)
	if err != nil {
		return fmt.Errorf("hello of the controller: %w", err)
	}
	if peer.Session != "" {
		return errors.New("hello of the controller: it looks for another session")
	}
	a.session.Pack(peer.Pack)
	if err := a.session.Attach(link, 0, -1); err != nil {
		return err
	}
	return a.session.Listen(r, peer.Received)
}

// end makes Serve return, because of err. The first reason counts.
func (a *Agent) end(err error) {
	a.endOne.Do(func() {
		a.why = err
		close(a.ended)
	})
}

// linkDown is told by the session that there is no link any more.
func (a *Agent) linkDown(err error) {
	if a.o.Child || !a.hello.Resumable {
		a.end(ErrLinkLost)
		return
	}
	a.attaching.Lock()
	defer a.attaching.Unlock()
	if a.session.Linked() {
		return // a new link was faster than this news
	}
	a.awaitLink()
	if a.o.Unlinked != nil {
		a.o.Unlinked()
	}
}

// awaitLink lets the grace time begin. Callers hold attaching.
func (a *Agent) awaitLink() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.grace != nil {
		a.grace.Stop()
	}
	a.grace = time.AfterFunc(a.o.Grace, func() { a.end(ErrLinkLost) })
}

// cleanup cancels everything, waits for it, and tells the controller.
func (a *Agent) cleanup() {
	a.cancel(errEnd)
	a.mu.Lock()
	a.closing = true
	if a.grace != nil {
		a.grace.Stop()
	}
	children := make([]*child, 0, len(a.children))
	for _, c := range a.children {
		children = append(children, c)
	}
	a.mu.Unlock()
	done := make(chan struct{})
	go func() {
		var ending sync.WaitGroup
		for _, c := range children {
			ending.Go(c.end)
		}
		ending.Wait()
		a.work.Wait()
		close(done)
	}()
	timer := time.NewTimer(endTime)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
	a.python.Close()
	a.keeper.Close()
	a.unlock()
	if a.why == errGoodbye {
		ctx, cancel := context.WithTimeout(context.Background(), endTime)
		defer cancel()
		if a.session.Send(wire.Frame{Kind: wire.KindGoodbye}) == nil {
			a.session.Flush(ctx)
		}
	}
	a.session.Close(errEnd)
}

// newSecret gives 128 random bits as text.
func newSecret() string { return rand.Text() }
