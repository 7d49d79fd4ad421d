package remote

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/churten/churten/modules/kit/bootstrap"
	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy/connection"
)

// linkDown is told by the session that the link has ended.
func (a *Agent) linkDown(err error) {
	if a.session.Linked() {
		return // Resume was faster than this news
	}
	a.mu.Lock()
	if a.closing {
		a.mu.Unlock()
		a.fail(ErrClosed)
		return
	}
	l, again := a.link, a.resumed
	canResume := a.o.Redial != nil && a.hello != nil && a.hello.Resumable
	if canResume {
		a.work.Add(1) // under mu: Close waits only after closing is set
	}
	a.mu.Unlock()
	// When the command has ended, so has the agent; when a later link was
	// lost, its command was only passing bytes on.
	exit, lost := l.exit(2 * time.Second)
	l.Close()
	cause := err
	if lost != nil && !errors.Is(lost, errStillRunning) {
		cause = lost
	}
	if canResume {
		go func() {
			defer a.work.Done()
			if lost == nil && !again {
				a.fail(a.ended(exit, l))
				return
			}
			a.redial(cause)
		}()
		return
	}
	if lost == nil {
		a.fail(a.ended(exit, l))
		return
	}
	a.fail(a.asUnreachable(cause))
}

// ended is the error of an agent whose process has ended by itself.
func (a *Agent) ended(exit connection.Exit, l *streamLink) error {
	if said := l.said(); said != "" {
		return a.unreachable(nil, "the agent on the host ended (%v): %s", exit, said)
	}
	return a.unreachable(nil, "the agent on the host ended (%v)", exit)
}

var errGone = errors.New("the agent on the host was not running any more")

// redial tries to take the agent up again until its grace time is over.
func (a *Agent) redial(cause error) {
	a.o.log("the link was cut (%v); connecting again", cause)
	ctx, cancel := context.WithTimeout(a.ctx, a.o.Grace)
	defer cancel()
	pause := 100 * time.Millisecond
	for {
		conn, err := a.o.Redial(ctx)
		if err == nil {
			err = a.resume(ctx, conn)
		}
		if err == nil {
			return
		}
		if errors.Is(err, errGone) || ctx.Err() != nil {
			a.fail(a.unreachable(errors.Join(cause, err), "%v; the run on the host could not be taken up again: %v", cause, err))
			return
		}
		a.o.log("%v; trying again", err)
		select {
		case <-time.After(pause):
			pause = min(2*pause, 3*time.Second)
		case <-ctx.Done():
		}
	}
}

// Resume takes the running agent up again over another connection, as Redial
// does by itself.
func (a *Agent) Resume(ctx context.Context, conn connection.Conn) error {
	a.session.Detach(true)
	return a.resume(ctx, conn)
}

func (a *Agent) resume(ctx context.Context, conn connection.Conn) error {
	build, err := a.o.Agents.Build()
	if err != nil {
		return err
	}
	nonce := rand.Text()
	line := bootstrap.Line(bootstrap.Options{Build: build, Dirs: a.o.dirs(), Nonce: nonce, Args: []string{"resume"}})
	stream, err := conn.Start(a.ctx, line)
	if err != nil {
		return err
	}
	l := newStreamLink(stream)
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	if err := a.takeUp(l, nonce); err != nil {
		l.Close()
		return err
	}
	return nil
}

func (a *Agent) takeUp(l *streamLink, nonce string) error {
	me := a.greeting()
	a.mu.Lock()
	me.Session, me.Secret = a.hello.Session, a.hello.Secret
	a.mu.Unlock()
	me.Received = a.session.Received()
	greet := func() error {
		_, err := l.Write(wire.AppendHello(nil, &me))
		return err
	}
	if err := greet(); err != nil {
		return err
	}
	r := wire.NewReader(l)
	hello, _, err := bootstrap.Handshake(r, l, nonce, func(need bootstrap.Need) (bootstrap.Image, error) {
		return a.image(need)
	})
	if err != nil {
		return err
	}
	if hello.Gone {
		return errGone
	}
	a.mu.Lock()
	closing := a.closing
	a.link, a.resumed = l, true
	a.mu.Unlock()
	if closing {
		return ErrClosed
	}
	if err := a.session.Attach(l, hello.Received, -1); err != nil {
		return fmt.Errorf("take the agent up again: %w", err)
	}
	return a.session.Listen(r, hello.Received)
}
