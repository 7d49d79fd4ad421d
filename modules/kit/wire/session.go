package wire

import (
	"bufio"
	"context"
	"errors"
	"sync"
	"time"
)

// Link is one pair of byte streams between the two ends. Close makes a Read or
// Write under way return.
type Link interface {
	Read([]byte) (int, error)
	Write([]byte) (int, error)
	Close() error
}

// Options of a Session.
type Options struct {
	// Handle gets what arrives, in order, from one goroutine. It may block
	// only to slow the other side down; nothing else arrives meanwhile.
	Handle func(Frame)
	// Down is told once for each link that was lost or ended by the other
	// side (io.EOF), when nothing of the session uses the link any more.
	Down func(error)
	// Beat is how often something is written when there is nothing to say, and
	// Patience how long the other side is told to wait for more; 0: no beats.
	Beat, Patience time.Duration
	// Pieces says which frames are on the way to somewhere else: they are
	// handed on in pieces, as they come. Nil: none are.
	Pieces func(Frame) bool
}

// Session is one end of the conversation. It is safe for concurrent use.
type Session struct {
	o Options

	mu      sync.Mutex
	changed chan struct{} // closed when room or state changes; nil when nobody waits
	queue   [][]byte      // frames not acknowledged yet, encoded, in order
	base    uint64        // number of queue[0]
	next    int           // index in queue of the first not written to link
	unacked int           // bytes in queue
	backlog int           // bytes in queue[next:]
	corked  int
	packing bool

	recv       uint64 // number of the last frame handled
	acked      uint64 // number of the last frame we acknowledged
	sinceBytes int    // received since

	patience time.Duration // that beats promise

	link *link
	err  error // why the session is closed

	parts assembler // of the goroutine that reads, one at a time

	counts counters
}

// ErrClosed is what sending on a closed session gives, if Close named no reason.
var ErrClosed = errors.New("session is closed")

// NewSession gives a session without a link: what is sent waits for one.
func NewSession(o Options) *Session {
	return &Session{o: o, base: 1, patience: o.Patience}
}

// Send queues a frame. It does not wait, whatever the frame's size.
func (s *Session) Send(f Frame) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.enqueue(f)
}

// SendBulk queues a frame once there is room for it, so that streams take no
// more memory than their window and leave the line free for calls.
func (s *Session) SendBulk(ctx context.Context, f Frame) error {
	s.mu.Lock()
	for s.err == nil && (s.backlog >= backlogSize || s.unacked >= windowSize) {
		changed := s.change()
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	return s.enqueue(f)
}

// enqueue cuts the body in pieces, numbers and encodes them.
func (s *Session) enqueue(f Frame) error {
	if s.err != nil {
		return s.err
	}
	body, more := f.Body, f.More
	for {
		piece := f
		piece.Body, piece.More = body[:min(len(body), FrameSize)], more
		if body = body[len(piece.Body):]; len(body) > 0 {
			piece.More = true
		}
		if s.packing && !piece.packed {
			piece.Body, piece.packed = pack(piece.Body)
		}
		piece.seq = s.base + uint64(len(s.queue))
		enc := piece.append(make([]byte, 0, len(piece.Body)+32))
		s.queue = append(s.queue, enc)
		s.unacked += len(enc)
		s.backlog += len(enc)
		if len(body) == 0 {
			break
		}
	}
	s.wake()
	return nil
}

// Cork holds frames back until Uncork, so that all go out in one write. Corks
// nest.
func (s *Session) Cork() {
	s.mu.Lock()
	s.corked++
	s.mu.Unlock()
}

// Uncork ends what Cork began.
func (s *Session) Uncork() {
	s.mu.Lock()
	s.corked--
	s.wake()
	s.mu.Unlock()
}

// Flush waits until all that was queued is written to a link.
func (s *Session) Flush(ctx context.Context) error {
	s.mu.Lock()
	for s.err == nil && (s.backlog > 0 || s.link != nil && (s.link.writing || s.link.beat && s.link.early < 0 && !s.link.stopped)) {
		changed := s.change()
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	return s.err
}

// Pack says whether to compress what is sent from now on. What arrives is
// decompressed where it needs to be, whatever is set.
func (s *Session) Pack(on bool) {
	s.mu.Lock()
	s.packing = on
	s.mu.Unlock()
}

// Received is the number of the last frame handled, for a Hello. It stands
// still only while there is no link.
func (s *Session) Received() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.recv
}

// Close ends the session for good: its link is closed, senders get err.
func (s *Session) Close(err error) {
	if err == nil {
		err = ErrClosed
	}
	s.mu.Lock()
	if s.err == nil {
		s.err = err
		s.broadcast()
	}
	s.mu.Unlock()
	s.Detach(true)
}

// Err is why the session is closed, nil while it is not.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// acknowledged drops the frames up to number n from the queue.
func (s *Session) acknowledged(n uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drop(n)
}

var errAck = errors.New("other side acknowledged what it was not sent")

func (s *Session) drop(n uint64) error {
	if n+1 < s.base {
		return nil
	}
	if n >= s.base+uint64(len(s.queue)) {
		return errAck
	}
	count := int(n + 1 - s.base)
	if count > s.next {
		return errAck
	}
	for i := range count {
		s.unacked -= len(s.queue[i])
		s.queue[i] = nil
	}
	if s.queue = s.queue[count:]; len(s.queue) == 0 {
		s.queue = nil
	}
	s.base += uint64(count)
	s.next -= count
	s.broadcast()
	return nil
}

// change gives what broadcast closes next. Callers hold mu.
func (s *Session) change() <-chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// broadcast wakes those who wait for room or for the end. Callers hold mu.
func (s *Session) broadcast() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// wake tells the writer of the link to look again. Callers hold mu.
func (s *Session) wake() {
	if s.link != nil {
		select {
		case s.link.wake <- struct{}{}:
		default:
		}
	}
}

// NewReader gives a reader of the size links are read with, for those who read
// the Hello themselves.
func NewReader(l Link) *bufio.Reader { return bufio.NewReaderSize(l, 32<<10) }
