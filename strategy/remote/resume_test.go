package remote

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/strategy/connection"
)

// cuttable is a connection whose streams can be cut: the controller's side
// hears that the link is lost, the command that its pipes are closed, and
// nothing else ends it.
type cuttable struct {
	*connection.Local

	mu     sync.Mutex
	open   []*cutStream
	after  int // bytes to the controller until the next cut; 0: none
	starts int
}

type cutStream struct {
	connection.Stream
	c    *cuttable
	once sync.Once
	cut  chan struct{}
}

func (c *cuttable) Start(ctx context.Context, command string) (connection.Stream, error) {
	s, err := c.Local.Start(context.WithoutCancel(ctx), command)
	if err != nil {
		return nil, err
	}
	cs := &cutStream{Stream: s, c: c, cut: make(chan struct{})}
	c.mu.Lock()
	c.open = append(c.open, cs)
	c.starts++
	c.mu.Unlock()
	return cs, nil
}

func (c *cuttable) Cut() {
	c.mu.Lock()
	open := c.open
	c.open = nil
	c.mu.Unlock()
	for _, s := range open {
		s.drop()
	}
}

func (s *cutStream) drop() {
	s.once.Do(func() {
		close(s.cut)
		s.Stream.Stdin().Close()
		s.Stream.Stdout().(io.Closer).Close()
	})
}

func (s *cutStream) Stdout() io.Reader { return s }

// Read cuts the link in the middle of what it reads, when it is time.
func (s *cutStream) Read(p []byte) (int, error) {
	n, err := s.Stream.Stdout().Read(p)
	s.c.mu.Lock()
	cut := false
	if s.c.after > 0 {
		if s.c.after <= n {
			n, cut = s.c.after, true
			s.c.after = 0
		} else {
			s.c.after -= n
		}
	}
	s.c.mu.Unlock()
	if cut {
		s.drop()
	}
	return n, err
}

func (s *cutStream) Wait() (connection.Exit, error) {
	done := make(chan struct{})
	var exit connection.Exit
	var err error
	go func() { exit, err = s.Stream.Wait(); close(done) }()
	select {
	case <-s.cut:
		return connection.Exit{}, &connection.Unreachable{Host: "h1", Msg: "cut", Lost: true}
	case <-done:
		return exit, err
	}
}

func (s *cutStream) Close() error {
	s.drop()
	return nil
}

func cutting(t *testing.T, env ...string) (*cuttable, Options) {
	local, _ := scratch(t, env...)
	c := &cuttable{Local: local}
	o := options()
	o.Redial = func(context.Context) (connection.Conn, error) { return c, nil }
	return c, o
}

func TestResumeRunsNothingTwice(t *testing.T) {
	c, o := cutting(t)
	a := start(t, c, o)
	var all []*Pending
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		if i%6 == 5 {
			c.mu.Lock()
			c.after = 1 + rnd.IntN(4000)
			c.mu.Unlock()
		}
		all = append(all, a.BeginCall(Call{Module: "count", Args: value.DictOf("pad", value.Str(strings.Repeat("p", rnd.IntN(3000))))}, nil))
		if i%7 == 0 {
			all[len(all)-1].Result(ctxOf(t))
		}
	}
	seen := map[int64]bool{}
	for _, p := range all {
		r, err := p.Result(ctxOf(t))
		if err != nil {
			t.Fatal(err)
		}
		seen[num(r.Dict(), "n")] = true
	}
	if len(seen) != 60 || !seen[60] {
		t.Errorf("60 calls ran as %v", seen)
	}
	if c.starts < 3 {
		t.Errorf("only %d links: the test cut nothing", c.starts)
	}
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestResumeInStreams(t *testing.T) {
	c, o := cutting(t)
	a := start(t, c, o)
	content := bytes.Repeat([]byte("0123456789abcdef\x00\xff"), 400_000)
	for i := range content {
		content[i] ^= byte(i >> 10)
	}
	dest := filepath.Join(c.Dir, "dest")
	p := a.BeginCall(Call{Module: "put", Args: value.DictOf("dest", value.Str(dest)), Blobs: []module.Blob{blobOf(content)}}, nil)
	stop := make(chan struct{})
	var cutter sync.WaitGroup
	cutter.Go(func() {
		for range 4 {
			select {
			case <-time.After(15 * time.Millisecond):
				c.Cut()
			case <-stop:
				return
			}
		}
	})
	if _, err := p.Result(ctxOf(t)); err != nil {
		t.Fatal(err)
	}
	close(stop)
	cutter.Wait()
	if got, _ := os.ReadFile(dest); !bytes.Equal(got, content) {
		t.Error("what arrived is not what was sent")
	}
	c.mu.Lock()
	c.after = 1_000_000
	c.mu.Unlock()
	var back bytes.Buffer
	if _, err := a.Fetch(ctxOf(t), 0, dest, &back); err != nil || !bytes.Equal(back.Bytes(), content) {
		t.Errorf("fetched %d bytes of %d: %v", back.Len(), len(content), err)
	}
	res, err := a.Raw(ctxOf(t), Raw{Command: "seq 1 200000", Stream: func(string, []byte) {
		if rand.IntN(40) == 0 {
			go c.Cut()
		}
	}})
	if err != nil || !bytes.HasSuffix(res.Stdout, []byte("\n200000\n")) || bytes.Count(res.Stdout, []byte("\n")) != 200000 {
		t.Errorf("%d bytes: %v", len(res.Stdout), err)
	}
}

// While the controller cannot come back the work goes on; the result waits.
func TestResultWaits(t *testing.T) {
	c, o := cutting(t)
	down := make(chan struct{})
	o.Redial = func(ctx context.Context) (connection.Conn, error) {
		select {
		case <-down:
			return c, nil
		case <-time.After(20 * time.Millisecond):
			return nil, errors.New("no route to host")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	a := start(t, c, o)
	file := filepath.Join(c.Dir, "done")
	p := a.BeginCall(Call{Module: "shell", Args: value.DictOf("cmd", value.Str("sleep 0.4; echo x >>"+file+"; echo made"))}, nil)
	eventually(t, "never started", func() bool { return processes(t, "sleep 0.4") > 0 })
	c.Cut()
	eventually(t, "the work stopped", func() bool { _, err := os.Stat(file); return err == nil })
	close(down)
	r, err := p.Result(ctxOf(t))
	if err != nil || str(r.Dict(), "stdout") != "made\n" {
		t.Error(err)
	}
	if b, _ := os.ReadFile(file); string(b) != "x\n" {
		t.Errorf("ran more than once: %q", b)
	}
}

func TestGraceOver(t *testing.T) {
	c, o := cutting(t, "TEST_GRACE=200ms")
	back := make(chan struct{})
	o.Redial = func(context.Context) (connection.Conn, error) { <-back; return c, nil }
	a := start(t, c, o)
	p := a.BeginCall(Call{Module: "shell", Args: value.DictOf("cmd", value.Str("sleep 4711.4"))}, nil)
	eventually(t, "never started", func() bool { return processes(t, "sleep 4711.4") > 0 })
	c.Cut()
	eventually(t, "the agent did not end what it ran", func() bool { return processes(t, "sleep 4711.4") == 0 })
	eventually(t, "the agent did not end", func() bool { return processes(t, c.Dir) == 0 })
	close(back)
	_, err := p.Result(ctxOf(t))
	var u *connection.Unreachable
	if !errors.As(err, &u) || !errors.Is(err, errGone) {
		t.Error(err)
	}
}

func TestLinkLostForGood(t *testing.T) {
	c, o := cutting(t, "TEST_GRACE=200ms")
	o.Redial = nil
	a := start(t, c, o)
	p := a.BeginCall(Call{Module: "shell", Args: value.DictOf("cmd", value.Str("sleep 4711.5"))}, nil)
	eventually(t, "never started", func() bool { return processes(t, "sleep 4711.5") > 0 })
	c.Cut()
	_, err := p.Result(ctxOf(t))
	var u *connection.Unreachable
	if !errors.As(err, &u) || u.Msg != "cut" {
		t.Error(err)
	}
	eventually(t, "the agent did not end what it ran", func() bool { return processes(t, "sleep 4711.5") == 0 })
}

// A stranger who finds the socket, or guesses the session, gets nowhere.
func TestResumeNeedsSecret(t *testing.T) {
	c, o := cutting(t)
	a := start(t, c, o)
	stranger := newAgent(t.Context(), o)
	h := a.Hello()
	h.Secret = "guess"
	stranger.hello = &h
	if err := stranger.resume(ctxOf(t), c); err == nil {
		t.Error("taken up with a wrong secret")
	}
	call(t, a, Call{Module: "echo"})
}
