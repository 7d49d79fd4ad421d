package remote

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/churten/churten/modules/kit/wire"
)

// Raw is a command to run as it is, without a module.
type Raw struct {
	Agent      User
	Argv       []string // or:
	Command    string   // a line for Executable, or for the user's login shell
	Executable string
	Stdin      []byte
	Env        []string
	Dir        string
	Timeout    time.Duration
	Stream     Stream
}

// RawResult is how it ended.
type RawResult struct {
	RC             int // 128 + signal number when a signal ended it
	Signal         string
	Stdout, Stderr []byte
}

// Raw runs a command and waits for its end.
func (a *Agent) Raw(ctx context.Context, r Raw) (*RawResult, error) {
	var stdout, stderr bytes.Buffer
	p := &Pending{user: r.Agent, stream: func(name string, chunk []byte) {
		if name == "stdout" {
			stdout.Write(chunk)
		} else {
			stderr.Write(chunk)
		}
		if r.Stream != nil {
			r.Stream(name, chunk)
		}
	}}
	req := wire.Raw{Argv: r.Argv, Command: r.Command, Executable: r.Executable, Stdin: r.Stdin, Env: r.Env, Dir: r.Dir, Timeout: r.Timeout}
	body, err := a.request(p, wire.KindRaw, req.Encode()).wait(ctx)
	if err != nil {
		return nil, err
	}
	res, err := wire.DecodeRawResult(body)
	if err != nil {
		return nil, err
	}
	return &RawResult{RC: int(res.RC), Signal: res.Signal, Stdout: stdout.Bytes(), Stderr: stderr.Bytes()}, nil
}

// Fetch reads a file of the target into w, and tells its SHA-1, size and mode.
// The codes of its errors: wire.CodeNoFile, CodeIsDir, CodeDenied.
func (a *Agent) Fetch(ctx context.Context, user User, path string, w io.Writer) (*wire.FetchResult, error) {
	p := &Pending{user: user, data: func(chunk []byte) error {
		_, err := w.Write(chunk)
		return err
	}}
	req := wire.Fetch{Path: path}
	a.request(p, wire.KindFetch, req.Encode())
	body, err := p.wait(ctx)
	if ctx.Err() != nil {
		// w is the caller's again only when nothing more is written to it.
		select {
		case <-p.done:
		case <-a.ctx.Done():
			<-p.done
		}
	}
	if err != nil {
		return nil, err
	}
	return wire.DecodeFetchResult(body)
}

// Lock takes the target's lock for this agent, waiting for it as long as wait
// says. The code of the error is wire.CodeLocked, its text names the holder.
// The lock is free again after Unlock or the agent's end.
func (a *Agent) Lock(ctx context.Context, owner string, wait time.Duration) error {
	req := wire.Lock{Owner: owner, Since: time.Now(), Wait: wait}
	_, err := a.request(&Pending{}, wire.KindLock, req.Encode()).wait(ctx)
	return err
}

// Unlock gives the lock back.
func (a *Agent) Unlock(ctx context.Context) error {
	_, err := a.request(&Pending{}, wire.KindUnlock, nil).wait(ctx)
	return err
}

// Plan is a task that the agent works out by itself. What the payload and the
// answer mean is the business of those at both ends. See Call for the rest.
type Plan struct {
	Agent       User
	Queue, Task uint64
	Notifies    bool
	Flush       int64
	Payload     []byte
}

// BeginPlan sends a plan.
func (a *Agent) BeginPlan(p Plan) *Pending {
	w := wire.Plan{Queue: p.Queue, Task: p.Task, Notifies: p.Notifies, Flush: p.Flush, Payload: p.Payload}
	return a.request(&Pending{user: p.Agent}, wire.KindPlan, w.Encode())
}

// Answer waits for what a plan ended with.
func (p *Pending) Answer(ctx context.Context) ([]byte, error) { return p.wait(ctx) }
