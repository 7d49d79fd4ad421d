package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// memLink is one side of a link in memory: writes never block. The link breaks
// for both sides when a direction has carried as many bytes as it may; those
// before arrive.
type memLink struct {
	in, out *memPipe
}

type memPipe struct {
	mu     sync.Mutex
	cond   *sync.Cond
	buf    []byte
	total  int
	limit  int // -1: none
	broken bool
	lost   bool // what is written vanishes, and nobody hears of it
	both   []*memPipe
}

func memLinks(limitAB, limitBA int) (a, b *memLink) {
	ab, ba := &memPipe{limit: limitAB}, &memPipe{limit: limitBA}
	for _, p := range []*memPipe{ab, ba} {
		p.cond = sync.NewCond(&p.mu)
		p.both = []*memPipe{ab, ba}
	}
	return &memLink{in: ba, out: ab}, &memLink{in: ab, out: ba}
}

func (p *memPipe) breakAll() {
	for _, p := range p.both {
		p.mu.Lock()
		p.broken = true
		p.cond.Broadcast()
		p.mu.Unlock()
	}
}

func (l *memLink) Read(b []byte) (int, error) {
	p := l.in
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.buf) == 0 {
		if p.broken {
			return 0, io.EOF
		}
		p.cond.Wait()
	}
	n := copy(b, p.buf)
	p.buf = p.buf[n:]
	return n, nil
}

func (l *memLink) Write(b []byte) (int, error) {
	p := l.out
	p.mu.Lock()
	if p.lost {
		p.mu.Unlock()
		return len(b), nil
	}
	n := len(b)
	if p.broken {
		n = 0
	} else if p.limit >= 0 {
		n = min(n, p.limit-p.total)
	}
	p.buf = append(p.buf, b[:n]...)
	p.total += n
	p.cond.Broadcast()
	p.mu.Unlock()
	if n < len(b) {
		p.breakAll()
		return n, errors.New("cut")
	}
	return n, nil
}

func (l *memLink) Close() error {
	l.in.breakAll()
	return nil
}

// pair is two sessions that are linked again after each cut.
type pair struct {
	t     *testing.T
	s     [2]*Session
	links int
	down  chan struct{}
}

func newPair(t *testing.T, handle func(side int, f Frame)) *pair {
	p := &pair{t: t, down: make(chan struct{}, 1000)}
	for side := range p.s {
		p.s[side] = NewSession(Options{Handle: func(f Frame) { handle(side, f) }, Down: func(error) { p.down <- struct{}{} }})
	}
	return p
}

// link joins the two as a controller and an agent would, by what each has got.
func (p *pair) link(limitAB, limitBA int) {
	p.links++
	for _, s := range p.s {
		s.Detach(true)
	}
	got := [2]uint64{p.s[0].Received(), p.s[1].Received()}
	var l [2]*memLink
	l[0], l[1] = memLinks(limitAB, limitBA)
	for i, s := range p.s {
		if err := s.Attach(l[i], got[1-i], -1); err != nil {
			p.t.Fatal(err)
		}
		if err := s.Listen(NewReader(l[i]), got[1-i]); err != nil && limitAB < 0 && limitBA < 0 {
			p.t.Fatal(err)
		}
	}
}

func (p *pair) close() {
	for _, s := range p.s {
		s.Close(nil)
	}
}

// conversation lets side 0 ask n questions that side 1 answers at twice the
// length, and checks that each comes once and in order, whatever breaks.
func conversation(t *testing.T, n int, size func(i int) int, pack bool, limits func(link int) (int, int)) (links int) {
	t.Helper()
	body := func(i, times int) []byte { return bytes.Repeat([]byte{byte(i), byte(i >> 8), 'x'}, times*(1+size(i))) }
	answered := make(chan error, n+1)
	var p *pair
	asked, got := 0, 0
	p = newPair(t, func(side int, f Frame) {
		i := int(f.ID)
		if side == 1 {
			if i != asked || !bytes.Equal(f.Body, body(i, 1)) {
				answered <- fmt.Errorf("question %d with %d bytes came as number %d", i, len(f.Body), asked)
			}
			asked++
			p.s[1].Send(Frame{Kind: KindDone, ID: f.ID, Body: body(i, 2)})
			return
		}
		if i != got || !bytes.Equal(f.Body, body(i, 2)) {
			answered <- fmt.Errorf("answer %d with %d bytes came as number %d", i, len(f.Body), got)
		}
		got++
		answered <- nil
	})
	defer p.close()
	p.s[0].Pack(pack)
	p.s[1].Pack(pack)
	p.link(limits(0))
	for i := range n {
		if err := p.s[0].Send(Frame{Kind: KindCall, ID: uint64(i), Body: body(i, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	timeout := time.After(20 * time.Second)
	for done := 0; done < n; {
		select {
		case err := <-answered:
			if err != nil {
				t.Fatal(err)
			}
			done++
		case <-p.down:
			if !p.s[0].Linked() || !p.s[1].Linked() { // else it is late
				p.link(limits(p.links))
			}
		case <-timeout:
			t.Fatalf("%d of %d answers after %d links", done, n, p.links)
		}
	}
	return p.links
}

// Each direction is cut after each number of bytes that a small conversation
// has, and then once more shortly after.
func TestCutAtEveryByte(t *testing.T) {
	size := func(i int) int { return i % 3 }
	for at := range 160 {
		for side := range 2 {
			conversation(t, 5, size, false, func(link int) (int, int) {
				limit := []int{at, at / 3, -1, -1, -1}[min(link, 4)]
				if side == 0 {
					return limit, -1
				}
				return -1, limit
			})
		}
	}
}

// Longer ones, whose bodies go in pieces, are cut at random.
func TestCutAtRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for round := range 12 {
		links := conversation(t, 40, func(i int) int { return (i * 7919) % 120_000 }, round%2 == 0, func(link int) (int, int) {
			if link > 12 {
				return -1, -1
			}
			return rnd.IntN(900_000), rnd.IntN(900_000)
		})
		if links < 3 && round%2 == 1 {
			t.Errorf("round %d needed %d links only", round, links)
		}
	}
}

// A queue that nobody reads does not grow: streams wait for room, calls go on.
func TestBulkWaits(t *testing.T) {
	s := NewSession(Options{Handle: func(Frame) {}})
	defer s.Close(nil)
	chunk := make([]byte, 64<<10)
	sent := 0
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		err := s.SendBulk(ctx, Frame{Kind: KindData, ID: 1, Body: chunk})
		cancel()
		if err != nil {
			break
		}
		if sent += len(chunk); sent > 2*windowSize {
			t.Fatal("nothing ever waited")
		}
	}
	if sent < backlogSize-len(chunk) || sent > backlogSize+len(chunk) {
		t.Errorf("%d bytes wait to be written", sent)
	}
	if err := s.Send(Frame{Kind: KindDone, ID: 2}); err != nil {
		t.Error(err)
	}
	end := make(chan error)
	go func() { end <- s.SendBulk(context.Background(), Frame{Kind: KindData}) }()
	s.Close(io.ErrClosedPipe)
	if err := <-end; err != io.ErrClosedPipe {
		t.Error(err)
	}
}

// What is queued in one go is one write.
func TestCoalescing(t *testing.T) {
	got := make(chan struct{}, 1000)
	p := newPair(t, func(side int, f Frame) { got <- struct{}{} })
	defer p.close()
	p.link(-1, -1)
	p.s[0].Cork()
	for i := range 200 {
		p.s[0].Send(Frame{Kind: KindCall, ID: uint64(i), Body: []byte("small")})
	}
	p.s[0].Uncork()
	for range 200 {
		<-got
	}
	if s := p.s[0].Stats(); s.Writes != 1 || s.Bursts != 1 || s.FramesOut != 200 {
		t.Errorf("%+v", s)
	}
}

// A session whose other side acknowledges nothing it was not sent.
func TestLiars(t *testing.T) {
	for name, write := range map[string]func() []byte{
		"ack of the future": func() []byte { f := Frame{Kind: KindAck, Body: []byte{50}}; return f.append(nil) },
		"gap in numbers":    func() []byte { f := Frame{Kind: KindCall, seq: 3}; return f.append(nil) },
		"second hello":      func() []byte { return AppendHello(nil, &Hello{Protocol: Protocol}) },
		"garbage":           func() []byte { return []byte("Connection closed\r\n") },
	} {
		down := make(chan error, 1)
		s := NewSession(Options{Handle: func(f Frame) { t.Errorf("%s: %v was handled", name, f.Kind) }, Down: func(err error) { down <- err }})
		a, b := memLinks(-1, -1)
		if err := errors.Join(s.Attach(a, 0, -1), s.Listen(NewReader(a), 0)); err != nil {
			t.Fatal(err)
		}
		b.Write(write())
		if err := <-down; err == nil || err == io.EOF {
			t.Errorf("%s: %v", name, err)
		}
		s.Close(nil)
	}
	s := NewSession(Options{Handle: func(Frame) {}})
	a, _ := memLinks(-1, -1)
	if err := s.Attach(a, 7, -1); err == nil {
		t.Error("attached to one that has got more than was sent")
	}
	s.Close(nil)
}

// Before the hello no more goes out than was allowed.
func TestEarly(t *testing.T) {
	s := NewSession(Options{Handle: func(Frame) {}})
	defer s.Close(nil)
	for i := range 100 {
		s.Send(Frame{Kind: KindCall, ID: uint64(i), Body: make([]byte, 100)})
	}
	a, b := memLinks(-1, -1)
	if err := s.Attach(a, 0, 1000); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // nothing tells that a writer has nothing more to do
	b.in.mu.Lock()
	n := b.in.total
	b.in.mu.Unlock()
	if n == 0 || n > 1000 || n%108 > 10 {
		t.Errorf("%d bytes went ahead", n)
	}
	s.Detach(false)
	c, d := memLinks(-1, -1)
	if err := errors.Join(s.Attach(c, 0, -1), s.Listen(NewReader(c), 0)); err != nil {
		t.Fatal(err)
	}
	r := NewReader(d)
	for i := range 100 {
		f, _, err := readFrame(r, nil)
		if err != nil || f.ID != uint64(i) || f.seq != uint64(i+1) {
			t.Fatalf("frame %d: %+v %v", i, f, err)
		}
	}
}
