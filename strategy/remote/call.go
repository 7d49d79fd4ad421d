package remote

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/wire"
)

// Call is one call of a module.
type Call struct {
	Module             string
	As                 string // the name the task used, for messages; "": Module
	Agent              User   // who runs it
	Args               *value.Dict
	Blobs              []module.Blob
	Check, Diff, NoLog bool
	Verbosity          int
	Env                []string // NAME=value, over the agent's own environment
	Dir                string
	Timeout            time.Duration
	Queue              uint64        // calls of one queue run in order; 0: at once
	Async              time.Duration // above zero: a job of its own, ended after that time
	AsyncDir           string        // of job files; "": ~/.ansible_async
	Task               uint64        // calls of one task do not stop each other; 0: a call by itself
	StopQueue          bool          // when this call fails, or finds facts, calls of other tasks behind it in its queue fail with wire.CodeNotRun
	FailuresPass       bool          // with StopQueue: only facts stop the queue
	Notifies           bool          // something follows from it if it changes anything
	Flush              int64         // see wire.Call
}

// Stream hears the output of a running command ("stdout", "stderr"). It must
// not call the agent, nor block for long: nothing else comes in meanwhile.
type Stream func(name string, chunk []byte)

// Pending is a request that was sent.
type Pending struct {
	a      *Agent
	id     uint64
	user   User
	stream Stream
	data   func([]byte) error
	event  func([]byte)
	blobs  []module.Blob
	onEnd  func(err error)

	done chan struct{} // closed when body and err are set
	body []byte
	err  error

	once    sync.Once
	mu      sync.Mutex
	over    bool
	uploads map[int64]*upload
	dataErr error
}

// Call calls a module and waits for its result. The error is a *wire.Fail when
// the call was not run, or not to its end, and tells that the host cannot be
// reached when it is a *connection.Unreachable.
func (a *Agent) Call(ctx context.Context, c Call, stream Stream) (*module.Result, error) {
	return a.BeginCall(c, stream).Result(ctx)
}

// BeginCall sends a call.
func (a *Agent) BeginCall(c Call, stream Stream) *Pending {
	p := &Pending{user: c.Agent, stream: stream, blobs: c.Blobs}
	body, err := encodeCall(&c, stream != nil)
	if err != nil {
		p.done = make(chan struct{})
		p.finish(nil, err)
		return p
	}
	return a.request(p, wire.KindCall, body)
}

func encodeCall(c *Call, live bool) ([]byte, error) {
	w := wire.Call{Module: c.Module, As: c.As, Args: c.Args, Check: c.Check, Diff: c.Diff, NoLog: c.NoLog, Verbosity: int64(c.Verbosity),
		Env: c.Env, Dir: c.Dir, Timeout: c.Timeout, Queue: c.Queue, Task: c.Task, StopQueue: c.StopQueue, FailuresPass: c.FailuresPass, Notifies: c.Notifies, Flush: c.Flush, Live: live,
		Async: c.Async, AsyncDir: c.AsyncDir}
	room := int64(inlineTotal)
	for _, b := range c.Blobs {
		wb := wire.Blob{Name: b.Name, SHA1: b.SHA1, SHA256: b.SHA256, Size: b.Size, Mode: b.Mode}
		if b.Size <= wire.InlineSize && b.Size <= room && !b.Cached {
			content, err := readBlob(&b)
			if err != nil {
				return nil, err
			}
			wb.Inline, wb.Content = true, content
			room -= b.Size
		}
		w.Blobs = append(w.Blobs, wb)
	}
	return w.Encode()
}

// finish ends p. Only the first time counts.
func (p *Pending) finish(body []byte, err error) {
	p.once.Do(func() {
		p.mu.Lock()
		p.over = true
		if err == nil {
			err = p.dataErr
		}
		for _, u := range p.uploads {
			u.cancel()
		}
		p.body, p.err = body, err
		p.mu.Unlock()
		if p.onEnd != nil {
			p.onEnd(err)
		}
		close(p.done)
	})
}

// handle gets a frame of the exchange other than its last.
func (p *Pending) handle(f wire.Frame) {
	switch f.Kind {
	case wire.KindStream:
		if piece, err := wire.DecodeStreamPiece(f.Body); err == nil && p.stream != nil {
			p.stream(piece.Name, piece.Data)
		}
	case wire.KindData:
		if p.data != nil && p.dataErr == nil {
			if err := p.data(f.Body); err != nil {
				p.mu.Lock()
				p.dataErr = err
				p.mu.Unlock()
				p.Cancel()
			}
		}
	case wire.KindEvent:
		if p.event != nil {
			p.event(f.Body)
		}
	case wire.KindWant, wire.KindCredit:
		if w, err := wire.DecodeWant(f.Body); err == nil {
			p.want(f.Kind, w)
		}
	}
}

// Cancel asks the agent to end the request; its end is still to be waited for.
func (p *Pending) Cancel() { p.send(wire.KindCancel, nil) }

func (p *Pending) send(kind wire.Kind, body []byte) {
	select {
	case <-p.done:
		return
	default:
	}
	p.a.session.Send(wire.Frame{Kind: kind, Route: uint32(p.user), ID: p.id, Body: body})
}

// Done is closed when the request has ended.
func (p *Pending) Done() <-chan struct{} { return p.done }

// wait waits for the end. When ctx ends first the request is cancelled, and
// its end no longer waited for.
func (p *Pending) wait(ctx context.Context) ([]byte, error) {
	select {
	case <-p.done:
	case <-ctx.Done():
		select {
		case <-p.done:
		default:
			p.Cancel()
			return nil, context.Cause(ctx)
		}
	}
	return p.body, p.err
}

// Result waits for the result of a call.
func (p *Pending) Result(ctx context.Context) (*module.Result, error) {
	body, err := p.wait(ctx)
	if err != nil {
		return nil, err
	}
	d, err := wire.DecodeDict(body)
	if err != nil {
		return nil, err
	}
	if d == nil {
		d = value.NewDict(0)
	}
	return module.FromDict(d), nil
}

// Code gives the code of a failure that the agent told; "" for other errors.
func Code(err error) wire.Code {
	var f *wire.Fail
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}

// inlineTotal bounds the content that one call carries inside.
const inlineTotal = 1 << 20

func readBlob(b *module.Blob) ([]byte, error) {
	r, err := b.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content := make([]byte, b.Size)
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, errChanged(b.Name)
	}
	if n, _ := r.Read(make([]byte, 1)); n > 0 {
		return nil, errChanged(b.Name)
	}
	return content, nil
}
