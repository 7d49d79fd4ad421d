package strategy

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/churten/churten/strategy/connection"
)

// patience ends the start of an agent on a host that says nothing and takes
// nothing for a while. It goes by silence and not by the whole time, since an
// agent of some megabytes may take long over a slow link.
type patience struct {
	connection.Conn
	limit time.Duration
	timer *time.Timer
	over  atomic.Bool // the agent is up: streams are passed through
}

// withPatience gives conn watched, and a context that ends when limit has
// passed in silence. Stop must be called once the agent is up or has failed.
func withPatience(ctx context.Context, conn connection.Conn, host string, limit time.Duration) (context.Context, *patience) {
	ctx, cancel := context.WithCancelCause(ctx)
	p := &patience{Conn: conn, limit: limit}
	p.timer = time.AfterFunc(limit, func() {
		cancel(&connection.Unreachable{Host: host, Lost: true, Msg: fmt.Sprintf("the agent did not start: nothing was heard of the host for %s", limit)})
	})
	return ctx, p
}

// Stop ends the watch; the connection goes on.
func (p *patience) Stop() {
	p.over.Store(true)
	p.timer.Stop()
}

func (p *patience) progress() {
	if !p.over.Load() {
		p.timer.Reset(p.limit)
	}
}

// Start is Conn's, with the stream watched.
func (p *patience) Start(ctx context.Context, command string) (connection.Stream, error) {
	s, err := p.Conn.Start(ctx, command)
	if err != nil {
		return nil, err
	}
	p.progress()
	return &watched{Stream: s, in: &watchedInput{s.Stdin(), p}, out: &watchedOutput{s.Stdout(), p}}, nil
}

type watched struct {
	connection.Stream
	in  *watchedInput
	out *watchedOutput
}

func (w *watched) Stdin() io.WriteCloser { return w.in }
func (w *watched) Stdout() io.Reader     { return w.out }

type watchedInput struct {
	io.WriteCloser
	p *patience
}

// pieceSize is how much is written before progress is noted.
const pieceSize = 32 << 10

func (w *watchedInput) Write(b []byte) (int, error) {
	if w.p.over.Load() {
		return w.WriteCloser.Write(b)
	}
	written := 0
	for {
		n, err := w.WriteCloser.Write(b[written:min(len(b), written+pieceSize)])
		written += n
		if err != nil || written == len(b) {
			return written, err
		}
		w.p.progress()
	}
}

type watchedOutput struct {
	io.Reader
	p *patience
}

func (w *watchedOutput) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	if n > 0 {
		w.p.progress()
	}
	return n, err
}
