package ssh

import (
	"context"
	"errors"
	"io"
	"sync"

	"golang.org/x/crypto/ssh"

	"github.com/churten/churten/strategy/connection"
)

// stream is a command on a host, a connection.Stream.
type stream struct {
	c  *client
	ch ssh.Channel

	once  sync.Once
	ended chan struct{} // closed when the channel has ended
	done  chan struct{} // closed when exit and err are set
	exit  connection.Exit
	err   error
	mine  bool // closed from this side; guarded by mu
	mu    sync.Mutex
}

var errNoStatus = errors.New("the host ended the command without an exit status")

func newStream(c *client, ch ssh.Channel, reqs <-chan *ssh.Request) *stream {
	s := &stream{c: c, ch: ch, done: make(chan struct{}), ended: make(chan struct{})}
	go s.listen(reqs) // ends with the channel
	return s
}

// tie closes the stream when ctx ends.
func (s *stream) tie(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { s.Close() })
	go func() {
		<-s.ended
		stop()
	}()
}

// listen waits for the exit status, which may come before the last output.
func (s *stream) listen(reqs <-chan *ssh.Request) {
	finish := func(exit connection.Exit, err error) {
		s.once.Do(func() {
			s.exit, s.err = exit, err
			close(s.done)
		})
	}
	for r := range reqs {
		switch r.Type {
		case "exit-status":
			var v struct{ Code uint32 }
			if ssh.Unmarshal(r.Payload, &v) == nil {
				finish(connection.Exit{Code: int(v.Code)}, nil)
			}
		case "exit-signal":
			var v struct {
				Name     string
				Core     bool
				Msg, Tag string
			}
			if ssh.Unmarshal(r.Payload, &v) == nil {
				finish(connection.Signalled(v.Name), nil)
			}
		}
		if r.WantReply {
			_ = r.Reply(false, nil)
		}
	}
	close(s.ended)
	s.mu.Lock()
	mine := s.mine
	s.mu.Unlock()
	select {
	case <-s.done:
		return
	default:
	}
	// The channel ends an instant before the session does; whether the link
	// was lost shows in its first failure.
	switch {
	case mine:
		finish(connection.Exit{Code: 255}, errors.New("the command was abandoned"))
	case s.c.link.failure() != nil || s.c.isGone():
		finish(connection.Exit{Code: 255}, s.c.lost(nil))
	default:
		finish(connection.Exit{Code: 255}, errNoStatus)
	}
}

func (s *stream) Stdin() io.WriteCloser { return stdin{s.ch} }
func (s *stream) Stdout() io.Reader     { return s.ch }
func (s *stream) Stderr() io.Reader     { return s.ch.Stderr() }

func (s *stream) Wait() (connection.Exit, error) {
	<-s.done
	return s.exit, s.err
}

// Close closes the channel. sshd hangs up on the command; one that reads its
// input sees its end.
func (s *stream) Close() error {
	s.mu.Lock()
	s.mine = true
	s.mu.Unlock()
	_, _ = s.ch.SendRequest("signal", false, ssh.Marshal(struct{ Name string }{"TERM"}))
	err := s.ch.Close()
	if errors.Is(err, io.EOF) { // closed already
		return nil
	}
	return err
}

// stdin is the channel's writing half.
type stdin struct{ ssh.Channel }

func (s stdin) Close() error {
	if err := s.CloseWrite(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
