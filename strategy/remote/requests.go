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

// Plan is a plan that the agent walks by itself. What the bytes mean is the
// business of those at both ends.
type Plan struct{ p *Pending }

// BeginPlan sends a plan; event hears what it tells, under the rules of Stream.
func (a *Agent) BeginPlan(user User, payload []byte, event func([]byte)) *Plan {
	return &Plan{a.request(&Pending{user: user, event: event}, wire.KindPlan, payload)}
}

// Input sends the plan something while it runs.
func (p *Plan) Input(body []byte) { p.p.send(wire.KindInput, body) }

// Cancel asks the agent to end the plan.
func (p *Plan) Cancel() { p.p.Cancel() }

// Wait gives what the plan ended with.
func (p *Plan) Wait(ctx context.Context) ([]byte, error) { return p.p.wait(ctx) }
