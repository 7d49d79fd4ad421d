package agent

import (
	"sync"
	"time"
)

// live hands on the output of a running command to those who look on. It comes
// with the result too, hence what a command says that ends at once is not sent
// twice, and of what others say only so much.
type live struct {
	send func(name string, chunk []byte)

	mu    sync.Mutex
	held  []heard
	size  int // of all that was heard
	timer *time.Timer
	over  bool
}

// heard is a piece of output.
type heard struct {
	name string
	text []byte
}

const (
	liveEvery = 200 * time.Millisecond
	liveMost  = 1 << 20 // bytes of one command
	liveRest  = "\n[more is in the result]\n"
)

// hear takes output, and keeps it until the next time it is sent.
func (l *live) hear(name string, chunk []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.size > liveMost {
		return
	}
	if l.size += len(chunk); l.size > liveMost {
		chunk = []byte(liveRest)
	}
	if n := len(l.held); n > 0 && l.held[n-1].name == name {
		l.held[n-1].text = append(l.held[n-1].text, chunk...)
	} else {
		l.held = append(l.held, heard{name, append([]byte(nil), chunk...)})
	}
	if l.timer == nil {
		l.timer = time.AfterFunc(liveEvery, l.flush)
	}
}

// flush sends what is kept.
func (l *live) flush() {
	l.mu.Lock()
	held := l.held
	l.held, l.timer = nil, nil
	over := l.over
	l.mu.Unlock()
	if over {
		return
	}
	for _, s := range held {
		l.send(s.name, s.text)
	}
}

// stop ends it: the result is about to be sent.
func (l *live) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over, l.held = true, nil
	if l.timer != nil {
		l.timer.Stop()
	}
}
