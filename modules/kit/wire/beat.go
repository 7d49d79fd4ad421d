package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A link whose network is cut says nothing: no end, no error. The controller
// notices by asking (ssh does that for it), the agent only by hearing nothing
// of one that would have said something. Hence the controller beats while it
// has nothing else to write, and says in each beat how long it may be silent.

// BeatTime is how often a controller beats, and Patience how long its agent
// waits: longer than the controller itself waits for a host (ssh's four times
// 15 s), so that it does not give a run up that would still be taken up again.
const (
	BeatTime = 10 * time.Second
	Patience = 75 * time.Second
)

var errSilent = errors.New("the other side is silent")

// tick lets a beat go out where nothing was written since the last tick.
func (s *Session) tick(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.beat = l.beat || !l.wrote // one that SetPatience asked for stays due
	l.wrote = false
}

// appendBeat adds one. Callers hold mu.
func (s *Session) appendBeat(l *link, buf []byte) []byte {
	l.beat = false
	f := Frame{Kind: KindBeat, Body: binary.AppendUvarint(nil, uint64(s.patience/time.Millisecond))}
	return f.append(buf)
}

// SetPatience changes what beats promise, and beats at once; 0 is no bound: for
// a controller that is about to stop for as long as its user pleases.
func (s *Session) SetPatience(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.patience = d
	if s.link != nil {
		s.link.beat = true
		s.wake()
	}
}

func parseBeat(body []byte) (time.Duration, error) {
	ms, n := binary.Uvarint(body)
	if n <= 0 || ms > uint64(24*time.Hour/time.Millisecond) {
		return 0, fmt.Errorf("%w: beat", ErrFrame)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// silence ends a link on which nothing comes for too long.
type silence struct {
	mu       sync.Mutex
	timer    *time.Timer // nil: unbounded
	patience time.Duration
	since    time.Time // the last time something came
	over     bool
}

// frozen is how late a timer may be. Later, it was this process that stood
// still (stopped by a signal, swapped out, its machine paused), and what came
// meanwhile has yet to be read.
const frozen = 5 * time.Second

// bound sets how long it may last, and what is done then; 0: for ever.
func (q *silence) bound(patience time.Duration, late func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.patience, q.since = patience, time.Now()
	switch {
	case q.over:
	case q.timer != nil && patience == 0:
		q.timer.Stop()
		q.timer = nil
	case q.timer != nil:
		q.timer.Reset(patience)
	case patience > 0:
		q.timer = time.AfterFunc(patience, func() { q.fire(late) })
	}
}

// heard is told that something came.
func (q *silence) heard() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.timer != nil && !q.over {
		q.since = time.Now()
		q.timer.Reset(q.patience)
	}
}

// fire is called when the time is over.
func (q *silence) fire(late func()) {
	q.mu.Lock()
	again := q.timer != nil && !q.over && time.Since(q.since) > q.patience+frozen
	if again {
		q.since = time.Now()
		q.timer.Reset(q.patience)
	}
	q.mu.Unlock()
	if !again {
		late()
	}
}

// end ends the watch.
func (q *silence) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.over = true
	if q.timer != nil {
		q.timer.Stop()
	}
}
