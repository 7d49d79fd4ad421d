package agent

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/jobfile"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/python"
	"github.com/churten/churten/modules/kit/wire"
)

// A job is a call that outlives the agent and the connection: `async`. It is a
// process of its own, in a session of its own, started by one that ends at
// once, so that nobody here waits for it. What came out of it lies in a file
// that async_status reads, of the reference's form: in it may be what the
// module gave, hence it is its owner's alone.

// maxJob bounds what a job reads from the agent that starts it.
const maxJob = 64 << 20

// startJob starts c as a job and gives what the task is told of it.
func (x *exchange) startJob(c *wire.Call) (*module.Result, error) {
	told := value.NewDict(0)
	args := c.Args
	if c.Module == python.Name {
		if err := x.carry(c); err != nil {
			return nil, &wire.Fail{Code: wire.CodeFailed, Msg: err.Error()}
		}
		var err error
		if args, err = x.a.python.Interpret(c.Args, moduleCall(x.a.o.Lookup, c, nil, nil).Env, told); err != nil {
			return nil, &wire.Fail{Code: wire.CodeFailed, Msg: err.Error()}
		}
	}
	for i := range c.Blobs {
		if !c.Blobs[i].Inline {
			return nil, &wire.Fail{Code: wire.CodeFailed, Msg: fmt.Sprintf("%s cannot run as a job: its content is too large to be handed over", c.Module)}
		}
	}
	dir, err := x.a.jobDir(c.AsyncDir)
	if err != nil {
		return nil, &wire.Fail{Code: wire.CodeFailed, Msg: err.Error()}
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1e12))
	if err != nil {
		return nil, err
	}
	j := wire.Job{ID: fmt.Sprintf("j%d.%d", n, os.Getpid()), Limit: c.Async}
	j.File = filepath.Join(dir, j.ID)
	inner := *c
	inner.Args = args
	inner.Async, inner.Queue, inner.Env = 0, 0, append(append([]string(nil), c.Env...), "ANSIBLE_ASYNC_DIR="+first(c.AsyncDir, jobfile.Default))
	if j.Call, err = inner.Encode(); err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("the agent's own program: %w", err)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(x.ctx, exe, "__agent", ArgJob)
	cmd.Stdin, cmd.Stderr, cmd.Dir = bytes.NewReader(j.Encode()), &said, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Run(); err != nil {
		return nil, &wire.Fail{Code: wire.CodeFailed, Msg: strings.TrimSpace(fmt.Sprintf("the job could not be started (%v) %s", err, said.String()))}
	}
	values := value.DictOf("failed", value.False, "started", value.True, "finished", value.False,
		"ansible_job_id", value.Str(j.ID), "results_file", value.Str(j.File), "changed", value.True)
	for k, v := range told.All() {
		values.Set(k, v)
	}
	return &module.Result{Changed: true, Values: values}, nil
}

// jobDir makes the folder of job files.
func (a *Agent) jobDir(dir string) (string, error) {
	dir = jobfile.Dir(dir, a.hello.Home)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("could not create directory for job files: %w", err)
	}
	return dir, nil
}

// jobMain is the process that startJob starts: it writes the file by which the
// job is known and hands the job to the process that carries it out.
func jobMain(in io.Reader) error {
	body, err := io.ReadAll(io.LimitReader(in, maxJob))
	if err != nil {
		return err
	}
	j, err := wire.DecodeJob(body)
	if err != nil {
		return err
	}
	if err := jobfile.Write(j.File, value.DictOf("started", value.True, "finished", value.False, "ansible_job_id", value.Str(j.ID))); err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(exe, "__agent", ArgJobRun)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	to, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if _, err := to.Write(body); err != nil {
		return err
	}
	return to.Close()
}

// jobRun carries a job out.
func jobRun(ctx context.Context, o Options, in io.Reader) error {
	body, err := io.ReadAll(io.LimitReader(in, maxJob))
	if err != nil {
		return err
	}
	j, err := wire.DecodeJob(body)
	if err != nil {
		return err
	}
	c, err := wire.DecodeCall(j.Call)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, j.Limit)
	defer cancel()
	done := make(chan *value.Dict, 1)
	go func() { done <- runJob(ctx, o, c) }()
	select {
	case d := <-done:
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return jobfile.Write(j.File, d)
		}
	case <-ctx.Done():
	}
	late := value.DictOf("failed", value.True, "finished", value.True, "ansible_job_id", value.Str(j.ID),
		"msg", value.Str("Timeout exceeded"), "child_pid", value.Int(os.Getpid()))
	err = jobfile.Write(j.File, late)
	select { // the module's processes are being ended
	case <-done:
	case <-time.After(abandonTime):
	}
	return err
}

func runJob(ctx context.Context, o Options, c *wire.Call) *value.Dict {
	m, ok := o.find(c)
	if !ok {
		return value.DictOf("failed", value.True, "msg", value.Str("the agent has no module "+c.Module))
	}
	content := func(_ context.Context, name string) (io.ReadCloser, module.Blob, error) {
		for i := range c.Blobs {
			if b := &c.Blobs[i]; b.Name == name {
				return io.NopCloser(bytes.NewReader(b.Content)), module.Blob{Name: b.Name, SHA1: b.SHA1, SHA256: b.SHA256, Size: b.Size, Mode: b.Mode}, nil
			}
		}
		return nil, module.Blob{}, os.ErrNotExist
	}
	pool := &python.Pool{Store: python.Store{Dir: cacheDir(describe().Home)}}
	defer pool.Close()
	call := moduleCall(o.Lookup, c, content, nil)
	if m != nil {
		return runModule(ctx, pool, m, c, call).Dict()
	}
	d, err := pool.RunJob(ctx, c.Args, call)
	if err != nil {
		return value.DictOf("failed", value.True, "msg", value.Str(err.Error()))
	}
	return d
}
