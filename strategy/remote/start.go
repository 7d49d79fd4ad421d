package remote

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/churten/churten/modules/kit/bootstrap"
	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy/connection"
)

// Start brings an agent up over conn and waits until it is.
func Start(ctx context.Context, conn connection.Conn, o Options) (*Agent, error) {
	a := Begin(ctx, conn, o)
	if err := a.Ready(ctx); err != nil {
		a.Close(ctx)
		return nil, err
	}
	return a, nil
}

// Begin is Start without waiting: see Ready. Close must be called also when
// the agent never comes up.
func Begin(ctx context.Context, conn connection.Conn, o Options) *Agent {
	a := newAgent(ctx, o)
	a.work.Go(func() {
		if err := a.start(conn); err != nil {
			a.fail(err)
		}
	})
	return a
}

// earlySize is how much is sent before the agent has answered. A shell without
// an agent to start has to read through it, byte by byte.
const earlySize = 32 << 10

// start brings the agent up, trying one directory after the other when it
// turns out that the agent cannot be written there (a full disk).
func (a *Agent) start(conn connection.Conn) error {
	dirs := a.o.dirs()
	for {
		err := a.startIn(conn, dirs)
		var install *bootstrap.InstallError
		if !errors.As(err, &install) || len(dirs) == 1 {
			return err
		}
		a.o.log("%v; trying the next directory", err)
		dirs = dirs[1:]
	}
}

func (a *Agent) startIn(conn connection.Conn, dirs []string) error {
	build, err := a.o.Agents.Build()
	if err != nil {
		return err
	}
	nonce := rand.Text()
	line := bootstrap.Line(bootstrap.Options{Build: build, Dirs: dirs, Nonce: nonce})
	stream, err := conn.Start(a.ctx, line)
	if err != nil {
		return a.asUnreachable(err)
	}
	l := newStreamLink(stream)
	err = a.bringUp(l, nonce, build)
	if err == nil {
		return nil
	}
	err = a.startError(l, err)
	stream.Close()
	a.session.Detach(true)
	return err
}

// bringUp greets the agent on l. What was called already goes along.
func (a *Agent) bringUp(l *streamLink, nonce, build string) error {
	a.mu.Lock()
	a.link = l
	a.mu.Unlock()
	me := a.greeting()
	r := wire.NewReader(l)
	_, err := l.Write(wire.AppendHello(nil, &me))
	if err == nil {
		err = a.session.Attach(l, 0, earlySize)
	}
	if err != nil {
		return lastWords(l, r, err)
	}
	hello, installed, err := bootstrap.Handshake(r, l, nonce, func(need bootstrap.Need) (bootstrap.Image, error) {
		// The shell throws away what it was sent so far.
		a.session.Detach(false)
		return a.image(need)
	})
	if err != nil {
		return err
	}
	if build != "" && hello.Build != "" && hello.Build != build {
		return fmt.Errorf("agent of another build: %s, not %s", hello.Build, build)
	}
	if installed {
		if _, err := l.Write(wire.AppendHello(nil, &me)); err != nil {
			return err
		}
		if err := a.session.Attach(l, 0, -1); err != nil {
			return err
		}
	}
	a.mu.Lock()
	a.hello = hello
	if !a.started {
		a.started = true
		close(a.ready)
	}
	a.mu.Unlock()
	a.o.log("agent %s runs as %s, process %d, installed: %v", hello.Exe, hello.User, hello.PID, installed)
	return a.session.Listen(r, 0)
}

func (a *Agent) greeting() wire.Hello {
	return wire.Hello{Protocol: wire.Protocol, Pack: !a.o.NoPack}
}

// image gives the agent that the target needs.
func (a *Agent) image(need bootstrap.Need) (bootstrap.Image, error) {
	goos, goarch, ok := need.Platform()
	if !ok {
		return bootstrap.Image{}, &NoAgent{Host: a.o.Host, OS: need.OS, Machine: need.Machine, Err: errors.New("no agent is made for that")}
	}
	img, err := a.o.Agents.Image(goos, goarch, need.Packings)
	if err != nil {
		return img, &NoAgent{Host: a.o.Host, OS: need.OS, Machine: need.Machine, Err: err}
	}
	a.o.log("sending the agent to %s: %d bytes", need.Dir, img.Size)
	return img, nil
}

// startError says what it means that the agent did not come up.
func (a *Agent) startError(l *streamLink, err error) error {
	switch {
	case errors.Is(err, bootstrap.ErrNoDir):
		return &NoExecDir{Host: a.o.Host, Dirs: a.o.dirs()}
	case errors.As(err, new(*NoAgent)), errors.As(err, new(*bootstrap.InstallError)), errors.Is(err, wire.ErrProtocol):
		return err
	}
	exit, gone := l.exit(time.Second)
	var noise *bootstrap.NoiseError
	switch said := l.said(); {
	case errors.Is(gone, errStillRunning):
		return a.unreachable(err, "the agent did not start: %v", err)
	case gone != nil:
		return a.asUnreachable(gone)
	case said != "":
		return a.notStarted(err, "the agent did not start (%v): %s", exit, said)
	case errors.As(err, &noise):
		return a.notStarted(err, "the agent did not start (%v): %v", exit, err)
	}
	return a.notStarted(err, "the agent did not start (%v): no answer from the agent", exit)
}

// notStarted is for a host that was reached.
func (a *Agent) notStarted(cause error, format string, args ...any) error {
	return &connection.Unreachable{Host: a.o.Host, Msg: fmt.Sprintf(format, args...), Lost: true, NoAgent: true, Err: cause}
}

// lastWords gives what the other end said before it went away, which tells
// more than that nothing can be written to it any more.
func lastWords(l *streamLink, r *bufio.Reader, err error) error {
	if _, gone := l.exit(time.Second); errors.Is(gone, errStillRunning) {
		return err
	}
	_, _, said := bootstrap.Handshake(r, io.Discard, "", func(bootstrap.Need) (bootstrap.Image, error) {
		return bootstrap.Image{}, err
	})
	if said != nil {
		return said
	}
	return err
}

// streamLink is a wire.Link over a connection's stream. It keeps the last of
// what comes on stderr.
type streamLink struct {
	s     connection.Stream
	ended chan struct{} // closed once result and waitErr are set

	result  connection.Exit
	waitErr error

	mu     sync.Mutex
	stderr []byte
	heard  chan struct{} // closed when stderr has ended
}

const keepStderr = 4 << 10

func newStreamLink(s connection.Stream) *streamLink {
	l := &streamLink{s: s, ended: make(chan struct{}), heard: make(chan struct{})}
	go func() { // ends with the stream
		defer close(l.heard)
		buf := make([]byte, 1<<10)
		for {
			n, err := s.Stderr().Read(buf)
			l.mu.Lock()
			l.stderr = append(l.stderr, buf[:n]...)
			if len(l.stderr) > keepStderr {
				l.stderr = append(l.stderr[:0], l.stderr[len(l.stderr)-keepStderr:]...)
			}
			l.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	go func() {
		defer close(l.ended)
		l.result, l.waitErr = s.Wait()
	}()
	return l
}

func (l *streamLink) Read(p []byte) (int, error)  { return l.s.Stdout().Read(p) }
func (l *streamLink) Write(p []byte) (int, error) { return l.s.Stdin().Write(p) }

// closePatience is how long Close waits to learn why the stream ended.
const closePatience = 500 * time.Millisecond

// Close closes the stream, once it has told how the command ended if it is
// about to: closed before, it would only say that we closed it.
func (l *streamLink) Close() error {
	select {
	case <-l.ended:
	case <-time.After(closePatience):
	}
	return l.s.Close()
}

var errStillRunning = errors.New("the connection was closed")

// exit tells how the command ended; the error is that the link was lost.
func (l *streamLink) exit(patience time.Duration) (connection.Exit, error) {
	select {
	case <-l.ended:
		return l.result, l.waitErr
	case <-time.After(patience):
		return connection.Exit{}, errStillRunning
	}
}

// said gives the last of stderr.
func (l *streamLink) said() string {
	select {
	case <-l.heard:
	case <-time.After(100 * time.Millisecond):
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(strings.ToValidUTF8(string(l.stderr), "?"))
}

var _ io.ReadWriteCloser = (*streamLink)(nil)
