package remote

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/strategy/connection"
)

// AgentArg makes a program the agent when it is its first argument.
const AgentArg = "__agent"

// StartLocal runs exe, this program as a rule, as the agent of this machine.
func StartLocal(ctx context.Context, exe string, o Options) (*Agent, error) {
	local := &connection.Local{}
	return startDirect(ctx, o, func(ctx context.Context) (connection.Stream, error) {
		return local.StartArgv(ctx, exe, AgentArg)
	})
}

// StartInProcess runs an agent inside this process, for local hosts: it takes
// no time to start and shares memory, and its end, with the controller.
func StartInProcess(ctx context.Context, ao agent.Options, o Options) (*Agent, error) {
	ao.Child = true // nobody else can reach it
	return startDirect(ctx, o, func(ctx context.Context) (connection.Stream, error) {
		return newPipeStream(ctx, agent.New(ao))
	})
}

// startDirect starts an agent that needs no bootstrap.
func startDirect(ctx context.Context, o Options, start func(context.Context) (connection.Stream, error)) (*Agent, error) {
	o.NoPack, o.Local, o.Redial = true, true, nil
	a := newAgent(ctx, o)
	stream, err := start(a.ctx)
	if err == nil {
		l := newStreamLink(stream)
		if err = a.bringUp(l, "", ""); err != nil {
			err = a.startError(l, err)
			stream.Close()
		}
	}
	if err != nil {
		a.fail(err)
		a.Close(ctx)
		return nil, err
	}
	return a, nil
}

// pipeStream is an agent in this process as a connection.Stream. The pipes are
// the kernel's: both sides write before they read.
type pipeStream struct {
	in, out *os.File // ours
	done    chan struct{}
	err     error
}

// pipeLink is the agent's side.
type pipeLink struct{ in, out *os.File }

func (l pipeLink) Read(p []byte) (int, error)  { return l.in.Read(p) }
func (l pipeLink) Write(p []byte) (int, error) { return l.out.Write(p) }
func (l pipeLink) Close() error                { return errors.Join(l.in.Close(), l.out.Close()) }

func newPipeStream(ctx context.Context, a *agent.Agent) (*pipeStream, error) {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		theirIn.Close()
		in.Close()
		return nil, err
	}
	s := &pipeStream{in: in, out: out, done: make(chan struct{})}
	go func() { // ends with the stream, which Close waits for
		defer close(s.done)
		link := pipeLink{theirIn, theirOut}
		s.err = a.Serve(ctx, link)
		link.Close()
	}()
	return s, nil
}

func (s *pipeStream) Stdin() io.WriteCloser { return s.in }
func (s *pipeStream) Stdout() io.Reader     { return s.out }
func (s *pipeStream) Stderr() io.Reader     { return eof{} }

func (s *pipeStream) Wait() (connection.Exit, error) {
	<-s.done
	if s.err != nil && !errors.Is(s.err, agent.ErrLinkLost) {
		return connection.Exit{Code: 1}, nil
	}
	return connection.Exit{}, nil
}

func (s *pipeStream) Close() error {
	s.in.Close()
	<-s.done
	return s.out.Close()
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }
