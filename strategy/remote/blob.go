package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/wire"
)

// upload sends the content of a blob that the agent asked for, as far as it
// has credit.
type upload struct {
	p      *Pending
	stream int64
	blob   module.Blob
	ctx    context.Context
	cancel context.CancelFunc

	mu     sync.Mutex
	credit int64
	more   chan struct{} // buffered, 1: credit came
}

func errChanged(name string) error {
	return fmt.Errorf("content of %s changed while it was sent", name)
}

// want takes a Want or Credit frame; it does not block.
func (p *Pending) want(kind wire.Kind, w *wire.Want) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	if kind == wire.KindCredit {
		if u := p.uploads[w.Stream]; u != nil {
			u.mu.Lock()
			u.credit += w.Credit
			u.mu.Unlock()
			select {
			case u.more <- struct{}{}:
			default:
			}
		}
		return
	}
	if !p.a.begin() {
		return
	}
	defer p.a.work.Done()
	if w.Index >= int64(len(p.blobs)) || p.uploads[w.Stream] != nil {
		return
	}
	u := &upload{p: p, stream: w.Stream, blob: p.blobs[w.Index], credit: w.Credit, more: make(chan struct{}, 1)}
	u.ctx, u.cancel = context.WithCancel(p.a.ctx)
	if p.uploads == nil {
		p.uploads = map[int64]*upload{}
	}
	p.uploads[w.Stream] = u
	p.a.work.Go(u.run)
}

func (u *upload) run() {
	err := u.copy()
	last := wire.BlobPiece{Stream: u.stream, Last: true}
	if err != nil {
		if u.ctx.Err() != nil {
			return // the request has ended: nobody reads on
		}
		last.Err = err.Error()
	}
	_ = u.send(&last) // fails only when nobody reads on
}

func (u *upload) copy() error {
	r, err := u.blob.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		n, err := u.allowed()
		if err != nil {
			return err
		}
		buf := make([]byte, min(n, wire.PieceSize))
		got, err := io.ReadFull(r, buf)
		if got > 0 {
			u.mu.Lock()
			u.credit -= int64(got)
			u.mu.Unlock()
			if err := u.send(&wire.BlobPiece{Stream: u.stream, Data: buf[:got]}); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// allowed waits until there is credit.
func (u *upload) allowed() (int64, error) {
	for {
		u.mu.Lock()
		n := u.credit
		u.mu.Unlock()
		if n > 0 {
			return n, nil
		}
		select {
		case <-u.more:
		case <-u.ctx.Done():
			return 0, u.ctx.Err()
		}
	}
}

func (u *upload) send(p *wire.BlobPiece) error {
	return u.p.a.session.SendBulk(u.ctx, wire.Frame{Kind: wire.KindBlob, Route: uint32(u.p.user), ID: u.p.id, Body: p.Encode()})
}
