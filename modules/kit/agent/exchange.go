package agent

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/churten/churten/modules/kit/wire"
)

// exchange is a request under way.
type exchange struct {
	a      *Agent
	id     uint64
	ctx    context.Context
	cancel context.CancelCauseFunc

	child *child // of a become; set before anything can use it

	mu    sync.Mutex
	blobs map[int64]*blobReader
	live  *live // of a module; nil where nobody looks on
}

var errCancelled = errors.New("cancelled")

// handle gets every frame of the session, in order; it does not block.
func (a *Agent) handle(f wire.Frame) {
	if !a.begin() {
		return
	}
	defer a.work.Done()
	if f.Route != 0 {
		a.toChild(f)
		return
	}
	switch f.Kind {
	case wire.KindGoodbye:
		a.end(errGoodbye)
	case wire.KindCall:
		a.call(f)
	case wire.KindRaw:
		a.request(f, a.raw)
	case wire.KindFetch:
		a.request(f, a.fetch)
	case wire.KindBecome:
		a.become(f)
	case wire.KindLock:
		a.request(f, a.takeLock)
	case wire.KindUnlock:
		a.request(f, func(x *exchange, body []byte) ([]byte, error) { a.unlock(); return nil, nil })
	case wire.KindPlan:
		a.plan(f)
	default:
		a.mu.Lock()
		x := a.exchanges[f.ID]
		a.mu.Unlock()
		if x != nil { // else it has ended, and the frame crossed its end
			x.handle(f)
		}
	}
}

// begin reports whether anything new may be begun; work.Done must follow.
func (a *Agent) begin() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closing {
		a.work.Add(1)
	}
	return !a.closing
}

// handle gets the frames of the controller that belong to x.
func (x *exchange) handle(f wire.Frame) {
	switch f.Kind {
	case wire.KindCancel:
		x.cancel(errCancelled)
	case wire.KindBlob:
		x.piece(f.Body)
	case wire.KindInput:
		if x.child != nil {
			x.child.verdict(f.Body)
		}
	}
}

// open notes that a request is under way.
func (a *Agent) open(id uint64) *exchange {
	x := &exchange{a: a, id: id}
	x.ctx, x.cancel = context.WithCancelCause(a.ctx)
	a.mu.Lock()
	a.exchanges[id] = x
	a.mu.Unlock()
	return x
}

// request runs a request by do in a goroutine of its own.
func (a *Agent) request(f wire.Frame, do func(x *exchange, body []byte) ([]byte, error)) {
	x := a.open(f.ID)
	a.work.Go(func() {
		body, err := x.guard(func() ([]byte, error) { return do(x, f.Body) })
		x.finish(body, err)
	})
}

// guard is the border at which a bug of ours becomes a failed request.
func (x *exchange) guard(do func() ([]byte, error)) (body []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &wire.Fail{Code: wire.CodePanic, Msg: fmt.Sprintf("churten: bug in the agent: %v\n%s", p, debug.Stack())}
		}
	}()
	return do()
}

// finish ends x with body, or with err.
func (x *exchange) finish(body []byte, err error) {
	x.a.mu.Lock()
	delete(x.a.exchanges, x.id)
	x.a.mu.Unlock()
	x.mu.Lock()
	if x.live != nil {
		x.live.stop()
	}
	x.mu.Unlock()
	f := wire.Frame{Kind: wire.KindDone, ID: x.id, Body: body}
	if err != nil {
		f.Kind, f.Body = wire.KindFail, x.failure(err).Encode()
	}
	x.cancel(errEnd)
	x.a.regroup()
	x.a.session.Send(f) // fails only when the session is closed: nobody is there to tell
}

// failure says what err is to the controller.
func (x *exchange) failure(err error) *wire.Fail {
	var fail *wire.Fail
	switch {
	case errors.As(err, &fail):
		return fail
	case errors.Is(err, errCancelled), errors.Is(err, errEnd), errors.Is(err, context.Canceled):
		return &wire.Fail{Code: wire.CodeCancelled, Msg: err.Error()}
	case errors.Is(err, context.DeadlineExceeded):
		return &wire.Fail{Code: wire.CodeTimeout, Msg: err.Error()}
	}
	return &wire.Fail{Code: wire.CodeFailed, Msg: err.Error()}
}

// send queues a frame of x; bulk waits for room.
func (x *exchange) send(kind wire.Kind, body []byte) error {
	f := wire.Frame{Kind: kind, ID: x.id, Body: body}
	if kind.Bulk() {
		return x.a.session.SendBulk(x.ctx, f)
	}
	return x.a.session.Send(f)
}

// stream hands on output of a command.
func (x *exchange) stream(name string, chunk []byte) {
	for len(chunk) > 0 {
		n := min(len(chunk), wire.PieceSize)
		p := wire.StreamPiece{Name: name, Data: chunk[:n]}
		if x.send(wire.KindStream, p.Encode()) != nil {
			return
		}
		chunk = chunk[n:]
	}
}
