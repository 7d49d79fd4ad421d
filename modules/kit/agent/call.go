package agent

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/wire"
)

// call takes a request to run a module: at once, or in its queue.
func (a *Agent) call(f wire.Frame) {
	x := a.open(f.ID)
	c, err := wire.DecodeCall(f.Body)
	if err != nil {
		x.finish(nil, err)
		return
	}
	run := func() (end ran) {
		body, err := x.guard(func() (body []byte, err error) {
			body, end, err = x.call(c)
			return body, err
		})
		x.finish(body, err)
		return end
	}
	if c.Queue == 0 {
		a.work.Go(func() { run() })
		return
	}
	a.enqueue(c.Queue, queued{x: x, run: run, stop: c.StopQueue, task: c.Task, notifies: c.Notifies, flush: c.Flush})
}

// call runs the module.
func (x *exchange) call(c *wire.Call) (body []byte, end ran, err error) {
	if err := context.Cause(x.ctx); err != nil {
		return nil, ran{}, err
	}
	m, found := x.a.o.find(c)
	if !found {
		return nil, ran{}, &wire.Fail{Code: wire.CodeUnknownModule, Msg: fmt.Sprintf("the agent has no module %s", c.Module)}
	}
	if c.Async > 0 {
		res, err := x.startJob(c)
		if err != nil {
			return nil, ran{}, err
		}
		body, err = wire.EncodeDict(res.Dict())
		return body, ran{ok: err == nil}, err
	}
	ctx := x.ctx
	if c.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.Timeout, &wire.Fail{Code: wire.CodeTimeout, Msg: fmt.Sprintf("Timed out after %v", c.Timeout)})
		defer cancel()
	}
	res, err := x.run(ctx, m, c)
	if err != nil {
		return nil, ran{}, err
	}
	// A module that was cut short has only told how that looked to it.
	if res.Failed && ctx.Err() != nil {
		return nil, ran{}, context.Cause(ctx)
	}
	d := res.Dict()
	if body, err = wire.EncodeDict(d); err != nil {
		return nil, ran{}, err
	}
	// Judged is what the controller reads, as it does so, too.
	r := module.FromDict(d)
	return body, ran{ok: !r.Stops(!c.FailuresPass), changed: r.Changed}, nil
}

// abandonTime is how long a module may take to end after it was cancelled.
const abandonTime = 3 * time.Second

// run runs m, and leaves it behind if it does not heed the end of ctx.
func (x *exchange) run(ctx context.Context, m *module.Module, c *wire.Call) (*module.Result, error) {
	done := make(chan *module.Result, 1)
	x.a.work.Go(func() { done <- runModule(ctx, &x.a.python, m, c, x.moduleCall(c)) })
	select {
	case res := <-done:
		return res, nil
	case <-ctx.Done():
	}
	timer := time.NewTimer(abandonTime)
	defer timer.Stop()
	select {
	case res := <-done:
		return res, nil
	case <-timer.C:
		return nil, context.Cause(ctx)
	}
}

// moduleCall gives what a module of this exchange may use.
func (x *exchange) moduleCall(c *wire.Call) *module.Call {
	return moduleCall(x.a.o.Lookup, c, func(ctx context.Context, name string) (io.ReadCloser, module.Blob, error) {
		return x.blob(ctx, c, name)
	}, x.watched(c))
}

// watched gives where a module's commands tell of their output, nil where
// nobody looks on.
func (x *exchange) watched(c *wire.Call) func(string, []byte) {
	if !c.Live || c.NoLog {
		return nil
	}
	l := &live{send: x.stream}
	x.mu.Lock()
	x.live = l
	x.mu.Unlock()
	return l.hear
}

// moduleCall gives what a module may use. content opens what came with the call.
func moduleCall(lookup func(string) (*module.Module, bool), c *wire.Call, content func(context.Context, string) (io.ReadCloser, module.Blob, error),
	stream func(string, []byte)) *module.Call {
	env := os.Environ()
	if len(c.Env) > 0 {
		env = mergeEnv(env, c.Env)
	}
	mc := &module.Call{As: c.As, Check: c.Check, Diff: c.Diff, NoLog: c.NoLog, Verbosity: int(c.Verbosity), Env: env, Dir: startDir(c.Dir), Stream: stream, Blob: content}
	mc.Sub = func(ctx context.Context, name string, args *value.Dict) (*module.Result, error) {
		m, ok := lookup(name)
		if !ok {
			return nil, &wire.Fail{Code: wire.CodeUnknownModule, Msg: fmt.Sprintf("the agent has no module %s", name)}
		}
		sub := *c
		sub.As = name
		return module.Run(ctx, m, args, moduleCall(lookup, &sub, content, stream)), nil
	}
	return mc
}

// startDir gives dir, or where the reference's modules go when their user may
// not be in it: the user's home, else where temporary files are.
func startDir(dir string) string {
	if dir == "" {
		return ""
	}
	for _, d := range []string{dir, os.Getenv("HOME"), os.TempDir()} {
		if f, err := os.Open(d + "/."); err == nil {
			f.Close()
			return d
		}
	}
	return dir
}

// mergeEnv gives base with the settings of over, which are NAME=value.
func mergeEnv(base, over []string) []string {
	index := make(map[string]int, len(base))
	out := append([]string(nil), base...)
	for i, kv := range out {
		index[envName(kv)] = i
	}
	for _, kv := range over {
		name := envName(kv)
		if i, ok := index[name]; ok {
			out[i] = kv
			continue
		}
		index[name] = len(out)
		out = append(out, kv)
	}
	return out
}

func envName(kv string) string {
	for i := 0; i < len(kv); i++ {
		if kv[i] == '=' {
			return kv[:i]
		}
	}
	return kv
}
