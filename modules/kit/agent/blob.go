package agent

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/wire"
)

// blobWindow is how many bytes of one blob may be on their way: what a far
// link holds in flight at the window of an SSH channel.
const blobWindow = 2 << 20

// blob opens content of the call: what came with it, or a stream of pieces
// that the controller is asked for.
func (x *exchange) blob(ctx context.Context, c *wire.Call, name string) (io.ReadCloser, module.Blob, error) {
	for i := range c.Blobs {
		b := &c.Blobs[i]
		if b.Name != name {
			continue
		}
		info := module.Blob{Name: b.Name, SHA1: b.SHA1, SHA256: b.SHA256, Size: b.Size, Mode: b.Mode}
		if b.Inline {
			return io.NopCloser(bytes.NewReader(b.Content)), info, nil
		}
		r, err := x.want(ctx, int64(i), b)
		return r, info, err
	}
	return nil, module.Blob{}, os.ErrNotExist
}

// blobReader reads a stream of pieces as they come. The controller sends no
// more than it was given credit for, hence the pieces that wait are bounded.
type blobReader struct {
	x      *exchange
	ctx    context.Context
	stream int64
	blob   *wire.Blob
	hash   hash.Hash

	mu      sync.Mutex
	arrived chan struct{} // buffered, 1: something changed
	waiting [][]byte
	held    int // bytes in waiting
	last    bool
	err     error

	read  int64 // bytes given to the reader
	spent int64 // of them not yet given back as credit
}

func (x *exchange) want(ctx context.Context, index int64, b *wire.Blob) (*blobReader, error) {
	r := &blobReader{x: x, ctx: ctx, blob: b, arrived: make(chan struct{}, 1)}
	if b.SHA1 != "" {
		r.hash = sha1.New()
	}
	x.mu.Lock()
	if x.blobs == nil {
		x.blobs = map[int64]*blobReader{}
	}
	r.stream = int64(len(x.blobs))
	x.blobs[r.stream] = r
	x.mu.Unlock()
	w := wire.Want{Stream: r.stream, Index: index, Credit: blobWindow}
	return r, x.send(wire.KindWant, w.Encode())
}

// piece takes a piece that arrived; it does not block.
func (x *exchange) piece(body []byte) {
	p, err := wire.DecodeBlobPiece(body)
	if err != nil {
		x.cancel(err)
		return
	}
	x.mu.Lock()
	r := x.blobs[p.Stream]
	x.mu.Unlock()
	if r != nil {
		r.push(p)
	}
}

func (r *blobReader) push(p *wire.BlobPiece) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	if r.held+len(p.Data) > blobWindow {
		r.err = errors.New("the controller sent more content than it was asked for")
	}
	if len(p.Data) > 0 {
		r.waiting = append(r.waiting, p.Data)
		r.held += len(p.Data)
	}
	r.last = r.last || p.Last
	if p.Err != "" {
		r.err = errors.New(p.Err)
	}
	select {
	case r.arrived <- struct{}{}:
	default:
	}
}

// Read implements io.Reader.
func (r *blobReader) Read(buf []byte) (int, error) {
	for {
		n, err := r.take(buf)
		if n > 0 || err != nil {
			return n, err
		}
		select {
		case <-r.arrived:
		case <-r.ctx.Done():
			return 0, context.Cause(r.ctx)
		}
	}
}

// take gives what is there: nothing and no error when that is nothing yet.
func (r *blobReader) take(buf []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case len(r.waiting) > 0:
	case r.err != nil:
		return 0, r.err
	case r.last:
		return 0, r.verify()
	default:
		return 0, nil
	}
	n := copy(buf, r.waiting[0])
	if r.waiting[0] = r.waiting[0][n:]; len(r.waiting[0]) == 0 {
		r.waiting = r.waiting[1:]
	}
	r.held -= n
	r.read += int64(n)
	r.spent += int64(n)
	if r.hash != nil {
		r.hash.Write(buf[:n])
	}
	if r.spent >= blobWindow/4 && !r.last {
		w := wire.Want{Stream: r.stream, Credit: r.spent}
		r.spent = 0
		return n, r.x.send(wire.KindCredit, w.Encode())
	}
	return n, nil
}

// verify says at the end of the content whether it is what was announced.
func (r *blobReader) verify() error {
	if r.read != r.blob.Size || r.hash != nil && hex.EncodeToString(r.hash.Sum(nil)) != r.blob.SHA1 {
		return fmt.Errorf("content of %s changed on the controller while it was sent", r.blob.Name)
	}
	return io.EOF
}

// Close lets go of the rest: the controller gets no more credit.
func (r *blobReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting, r.held = nil, 0
	if r.err == nil {
		r.err = os.ErrClosed
	}
	return nil
}
