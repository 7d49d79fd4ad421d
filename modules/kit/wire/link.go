package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"
)

// writeSize is how much goes out in one write at most.
const writeSize = 256 << 10

// link is a Link in use by a session: a goroutine that writes from Attach on,
// and one that reads from Listen on.
type link struct {
	Link
	wake    chan struct{} // buffered, 1
	stop    chan struct{} // closed: the goroutines are to end
	running sync.WaitGroup

	// Guarded by the session's mu.
	writing bool
	wrote   bool // something since the last tick
	beat    bool // one is due
	early   int  // bytes that may be written before Listen; -1: no bound
	stopped bool
	quiet   bool  // Down is not told: the session let go by itself
	err     error // first failure

	silence silence
}

// Attach begins to write to l what the other side has not got: everything
// after frame number received. Until Listen is called no more than early bytes
// are written (none held back when it is negative), whole frames only.
func (s *Session) Attach(l Link, received uint64, early int) error {
	s.Detach(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.next = len(s.queue) // any of them may have arrived
	if err := s.drop(received); err != nil {
		return err
	}
	s.next, s.backlog = 0, s.unacked
	s.link = &link{Link: l, wake: make(chan struct{}, 1), stop: make(chan struct{}), early: early}
	s.link.running.Add(1)
	go s.write(s.link)
	s.wake()
	return nil
}

// Listen begins to read frames from r, which reads from the Link attached. The
// hello was read; received is what it said.
func (s *Session) Listen(r *bufio.Reader, received uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.link
	if s.err != nil || l == nil || l.stopped {
		return errors.Join(s.err, errors.New("link is lost"))
	}
	if err := s.drop(received); err != nil {
		return err
	}
	l.early = -1
	l.beat = s.o.Beat > 0 // so that the watch begins
	s.acked = s.recv      // our hello said so
	l.running.Add(1)
	go s.read(l, r)
	go func() {
		l.running.Wait()
		s.mu.Lock()
		quiet, err := l.quiet, l.err
		if s.link == l {
			s.link = nil
		}
		s.broadcast()
		s.mu.Unlock()
		if !quiet && s.o.Down != nil {
			s.o.Down(err)
		}
	}()
	s.wake()
	return nil
}

// Detach lets the link go without telling Down, and returns when nothing of
// the session uses it any more. With closeLink unset the Link stays open; its
// reader, if Listen was called, must then have come to its end.
func (s *Session) Detach(closeLink bool) {
	s.mu.Lock()
	l := s.link
	if l == nil {
		s.mu.Unlock()
		return
	}
	l.quiet = true
	s.halt(l, nil)
	s.mu.Unlock()
	if closeLink {
		l.Link.Close()
	}
	l.running.Wait()
	s.mu.Lock()
	if s.link == l {
		s.link = nil
	}
	s.mu.Unlock()
}

// Linked reports whether there is a link in use. Down may be late: it can tell
// of a link that another has replaced meanwhile.
func (s *Session) Linked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link != nil && !s.link.stopped
}

// halt makes both goroutines of l end. Callers hold mu.
func (s *Session) halt(l *link, err error) {
	if !l.stopped {
		l.stopped, l.err = true, err
		close(l.stop)
	}
}

// fail ends the link because of err.
func (s *Session) fail(l *link, err error) {
	s.mu.Lock()
	first := !l.stopped
	s.halt(l, err)
	s.mu.Unlock()
	if first {
		l.Link.Close()
	}
}

func (s *Session) write(l *link) {
	defer l.running.Done()
	var tick <-chan time.Time
	if s.o.Beat > 0 {
		ticker := time.NewTicker(s.o.Beat)
		defer ticker.Stop()
		tick = ticker.C
	}
	var buf []byte
	for {
		select {
		case <-l.stop:
			return
		case <-tick:
			s.tick(l)
		case <-l.wake:
		}
		// Whoever queued the first frame may be about to queue more.
		runtime.Gosched()
		for {
			out, frames := s.collect(l, buf[:0])
			if len(out) == 0 {
				break
			}
			_, err := l.Link.Write(out)
			if err != nil {
				s.fail(l, fmt.Errorf("write: %w", err))
				return
			}
			s.counts.wrote(len(out), frames)
			if buf = out; cap(buf) > writeSize/4 {
				buf = nil // an idle session keeps no big buffer
			}
		}
	}
}

// collect takes what can be written now, with an acknowledgement when there is
// something else to write or much to acknowledge.
func (s *Session) collect(l *link, buf []byte) (out []byte, frames int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.writing {
		l.writing = false
		s.broadcast()
	}
	if l.stopped || s.corked > 0 {
		return nil, 0
	}
	for s.next < len(s.queue) {
		enc := s.queue[s.next]
		if len(buf) > 0 && len(buf)+len(enc) > writeSize {
			break
		}
		if l.early >= 0 {
			if len(enc) > l.early {
				break
			}
			l.early -= len(enc)
		}
		buf = append(buf, enc...)
		s.next++
		s.backlog -= len(enc)
		frames++
	}
	due := s.sinceBytes >= ackSize || s.recv-s.acked >= ackFrames
	if s.recv > s.acked && l.early < 0 && (len(buf) > 0 || due) {
		f := Frame{Kind: KindAck, Body: binary.AppendUvarint(nil, s.recv)}
		buf = f.append(buf)
		s.acked, s.sinceBytes = s.recv, 0
	}
	if l.beat && l.early < 0 {
		buf = s.appendBeat(l, buf)
	}
	l.writing = len(buf) > 0
	l.wrote = l.wrote || l.writing
	return buf, frames
}

func (s *Session) read(l *link, r *bufio.Reader) {
	defer l.running.Done()
	defer l.silence.end()
	for {
		f, n, err := readFrame(r, l.silence.heard)
		if err == nil {
			s.counts.read(n)
			err = s.receive(l, f, n)
		}
		if err != nil {
			if err != io.EOF {
				err = fmt.Errorf("read: %w", err)
			}
			s.fail(l, err)
			return
		}
	}
}

// receive handles one frame: each number once, in order.
func (s *Session) receive(l *link, f Frame, size int) error {
	switch f.Kind {
	case KindAck:
		n, w := binary.Uvarint(f.Body)
		if w <= 0 {
			return fmt.Errorf("%w: ack", ErrFrame)
		}
		return s.acknowledged(n)
	case KindBeat:
		patience, err := parseBeat(f.Body)
		if err == nil {
			l.silence.bound(patience, func() { s.fail(l, errSilent) })
		}
		return err
	case KindHello:
		return fmt.Errorf("%w: a hello in the middle", ErrFrame)
	}
	s.mu.Lock()
	last, stopped := s.recv, l.stopped
	s.mu.Unlock()
	switch {
	case stopped:
		return io.ErrClosedPipe
	case f.seq <= last:
		return nil
	case f.seq != last+1:
		return fmt.Errorf("%w: frame %d after %d", ErrFrame, f.seq, last)
	}
	if s.o.Pieces != nil && s.o.Pieces(f) {
		s.o.Handle(f)
	} else if whole, ok, err := s.parts.add(f); err != nil {
		return err
	} else if ok {
		s.counts.frame()
		s.o.Handle(whole)
	}
	s.mu.Lock()
	s.recv++
	s.sinceBytes += size
	if s.sinceBytes >= ackSize || s.recv-s.acked >= ackFrames {
		s.wake()
	}
	s.mu.Unlock()
	return nil
}
