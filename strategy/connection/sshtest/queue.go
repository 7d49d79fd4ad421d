package sshtest

import (
	"sync"
	"time"
)

// piece is some bytes and when they arrive; nil bytes are the end.
type piece struct {
	data []byte
	due  time.Time
}

// queue carries pieces from one reader to one writer, bounded in bytes.
type queue struct {
	mu     sync.Mutex
	change sync.Cond
	pieces []piece
	bytes  int
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.change.L = &q.mu
	return q
}

// push waits for room; false means that nobody will read it.
func (q *queue) push(x piece) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.bytes > queueBytes && !q.closed {
		q.change.Wait()
	}
	if q.closed {
		return false
	}
	q.pieces = append(q.pieces, x)
	q.bytes += len(x.data)
	q.change.Broadcast()
	return true
}

// pop waits for a piece. After close it still gives out what is there.
func (q *queue) pop() (piece, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.pieces) == 0 && !q.closed {
		q.change.Wait()
	}
	if len(q.pieces) == 0 {
		return piece{}, false
	}
	x := q.pieces[0]
	q.pieces[0] = piece{}
	q.pieces = q.pieces[1:]
	q.bytes -= len(x.data)
	q.change.Broadcast()
	return x, true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.change.Broadcast()
}
