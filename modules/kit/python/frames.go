package python

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"sync/atomic"
	"time"
)

// frames writes what an interpreter reads: one frame at a time, and no longer
// than a context allows, for an interpreter that is stopped reads nothing and
// its pipe fills.
type frames struct {
	w    *os.File
	turn chan struct{} // held by who writes

	// Of who has the turn.
	began bool            // the script was sent
	sent  map[string]bool // parts it has

	broken atomic.Bool // a frame was left unfinished
}

var errBroken = errors.New("a frame was left unfinished")

func newFrames(w *os.File) frames {
	return frames{w: w, turn: make(chan struct{}, 1), sent: map[string]bool{}}
}

// call sends a call, and before it the script and the parts that the interpreter
// does not have. It fails where ctx ends, or ended another's frame; that the
// interpreter is gone is no error, it is seen when its output ends.
func (f *frames) call(ctx context.Context, id uint32, parts []part, body []byte) error {
	if err := f.take(ctx); err != nil {
		return err
	}
	defer f.give()
	if !f.began {
		if err := f.write(ctx, []byte(script)); err != nil {
			return ignoreGone(err)
		}
		f.began = true
	}
	for _, p := range parts {
		if f.sent[p.hash] {
			continue
		}
		if err := f.write(ctx, frameOf('P', 0, append([]byte(p.hash+"\n"), p.content...))); err != nil {
			return ignoreGone(err)
		}
		f.sent[p.hash] = true
	}
	return ignoreGone(f.write(ctx, frameOf('R', id, body)))
}

// end asks for the end of a call.
func (f *frames) end(ctx context.Context, id uint32) error {
	if err := f.take(ctx); err != nil {
		return err
	}
	defer f.give()
	return f.write(ctx, frameOf('K', id, nil))
}

func (f *frames) take(ctx context.Context) error {
	select {
	case f.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if f.broken.Load() {
		f.give()
		return errBroken
	}
	return nil
}

func (f *frames) give() { <-f.turn }

// write needs the turn.
func (f *frames) write(ctx context.Context, frame []byte) error {
	n, err := Write(ctx, f.w, frame)
	if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		f.broken.Store(true)
	}
	return err
}

// Write writes b to a pipe for as long as ctx lasts, with the error
// os.ErrDeadlineExceeded then; n bytes of it are in the pipe. No other writes meanwhile.
func Write(ctx context.Context, w *os.File, b []byte) (n int, err error) {
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = w.SetWriteDeadline(time.Unix(1, 0)) // fails where it is closed, and so does the write
		close(fired)
	})
	n, err = w.Write(b)
	if !stop() {
		<-fired
		_ = w.SetWriteDeadline(time.Time{})
	}
	return n, err
}

// ignoreGone leaves the errors of a time that is over.
func ignoreGone(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return nil
}

func frameOf(kind byte, id uint32, body []byte) []byte {
	frame := make([]byte, 9, 9+len(body))
	frame[0] = kind
	binary.BigEndian.PutUint32(frame[1:], id)
	binary.BigEndian.PutUint32(frame[5:], uint32(len(body)))
	return append(frame, body...)
}
