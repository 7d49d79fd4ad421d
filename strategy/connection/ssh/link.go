package ssh

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// link is the socket under a session. It remembers what messages and the watch
// over a silent host need: what came, when, and how it ended.
type link struct {
	net.Conn

	mu    sync.Mutex // guards the rest
	head  []byte     // the first bytes that came
	bytes int64
	last  time.Time
	err   error // first failure of reading
	late  bool  // closed by a timer
	timer *time.Timer
}

func (l *link) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	l.mu.Lock()
	defer l.mu.Unlock()
	if n > 0 {
		if len(l.head) < 255 {
			l.head = append(l.head, b[:min(n, 255)]...)
		}
		l.bytes += int64(n)
		l.last = time.Now()
	}
	if err != nil && l.err == nil {
		l.err = err
	}
	return n, err
}

// Write takes a broken pipe for the end that a Read would have met.
func (l *link) Write(b []byte) (int, error) {
	n, err := l.Conn.Write(b)
	if errors.Is(err, syscall.EPIPE) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.err == nil {
			l.err = io.EOF
		}
	}
	return n, err
}

// limit closes the socket after d, unless called again before; 0 is no limit.
func (l *link) limit(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	if d <= 0 {
		return
	}
	var mine *time.Timer
	mine = time.AfterFunc(d, func() {
		l.mu.Lock()
		if l.timer != mine { // limited anew at the last moment
			l.mu.Unlock()
			return
		}
		l.late = true
		l.mu.Unlock()
		l.Conn.Close()
	})
	l.timer = mine
}

func (l *link) timedOut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.late
}

func (l *link) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l *link) received() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}

// spoke says whether the other end said that it speaks SSH.
func (l *link) spoke() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := bytes.Index(l.head, []byte("SSH-"))
	return i >= 0 && bytes.IndexByte(l.head[i:], '\n') >= 0
}

// silence is how long nothing came.
func (l *link) silence() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.last)
}
