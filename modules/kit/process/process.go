// Package process runs commands for modules: what run_command is in the
// reference. A command ends when its first process has ended and its output is
// closed, or, when it has left something behind that holds the output open,
// when that first process has ended and nothing more comes for a second. The
// whole process group is killed when the context ends.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Command is what to run. Argv, or Shell (a line for Executable, /bin/sh when
// empty). Env nil is the caller's own environment.
type Command struct {
	Argv       []string
	Shell      string
	Executable string
	Dir        string
	Env        []string
	Stdin      []byte
	StdinFrom  io.Reader // streamed instead of Stdin
	// Umask for the command, e.g. 022; -1 or 0 as zero value means: leave it.
	Umask *int
	// Stream is told of output as it comes ("stdout", "stderr"); may be nil.
	Stream func(stream string, chunk []byte)
	// Extra are descriptors for the command, from 3 on.
	Extra []*os.File
}

// Result is how a command ended.
type Result struct {
	RC             int // negative: minus the signal that ended it
	Stdout, Stderr []byte
	Start, End     time.Time
}

// NotStarted is the error of a command that could not be started. RC is the
// errno, which the reference gives as rc; Argv what was to be run.
type NotStarted struct {
	Argv []string
	Err  error
}

func (e *NotStarted) Error() string {
	return fmt.Sprintf("cannot run %s: %v", strings.Join(e.Argv, " "), e.Err)
}
func (e *NotStarted) Unwrap() error { return e.Err }

// RC is the errno.
func (e *NotStarted) RC() int {
	var errno syscall.Errno
	switch {
	case errors.As(e.Err, &errno):
		return int(errno)
	case errors.Is(e.Err, exec.ErrNotFound), errors.Is(e.Err, fs.ErrNotExist):
		return int(syscall.ENOENT)
	}
	return int(syscall.EINVAL)
}

// grace is how long input may still be taken after the process has ended, while
// something it started holds the pipe open.
const grace = 100 * time.Millisecond

// silence is how long nothing may come of a process that has ended, while something
// it started holds the pipes open, until nobody listens any more. It is counted from
// what came last, whole silences at a time, as by the reference, which looks once for each.
const silence = time.Second

// Run runs c. The error is a *NotStarted, or the context's.
func Run(ctx context.Context, c Command) (Result, error) {
	argv := c.argv()
	if len(argv) == 0 {
		return Result{}, &NotStarted{Err: errors.New("no command")}
	}
	path, err := lookPath(argv[0], c.Env, c.Dir)
	if err != nil {
		return Result{}, &NotStarted{argv, err}
	}
	cmd := &exec.Cmd{Path: path, Args: argv, Dir: c.Dir, Env: c.Env, ExtraFiles: c.Extra}
	cmd.SysProcAttr = attr()
	if c.Umask != nil {
		// Only a shell can set a umask for a child of a program with threads.
		cmd.Path = "/bin/sh"
		cmd.Args = append([]string{"/bin/sh", "-c", fmt.Sprintf(`umask %o; exec "$0" "$@"`, *c.Umask), path}, argv[1:]...)
	}
	return run(ctx, cmd, c, argv)
}

func (c *Command) argv() []string {
	if c.Shell == "" {
		return c.Argv
	}
	executable := c.Executable
	if executable == "" {
		executable = "/bin/sh"
	}
	return []string{executable, "-c", c.Shell}
}

func run(ctx context.Context, cmd *exec.Cmd, c Command, argv []string) (Result, error) {
	var res Result
	stdout, outW, err := os.Pipe()
	if err != nil {
		return res, err
	}
	defer stdout.Close()
	stderr, errW, err := os.Pipe()
	if err != nil {
		outW.Close()
		return res, err
	}
	defer stderr.Close()
	cmd.Stdout, cmd.Stderr = outW, errW
	switch {
	case c.StdinFrom != nil:
		cmd.Stdin = c.StdinFrom
	case c.Stdin != nil:
		cmd.Stdin = bytes.NewReader(c.Stdin)
	}
	cmd.WaitDelay = grace
	res.Start = time.Now()
	err = cmd.Start()
	outW.Close()
	errW.Close()
	if err != nil {
		return res, &NotStarted{argv, err}
	}
	stop := context.AfterFunc(ctx, func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	unwatch := watch(ctx, cmd.Process.Pid)
	var heard atomic.Int64
	heard.Store(res.Start.UnixNano())
	out := collect(stdout, "stdout", c.Stream, &heard)
	errs := collect(stderr, "stderr", c.Stream, &heard)
	waitErr := cmd.Wait()
	stop()
	unwatch()
	res.End = time.Now()
	// The pipes may be held open by something in the background.
	closed := make(chan struct{})
	go func() {
		res.Stdout, res.Stderr = <-out, <-errs
		close(closed)
	}()
	for last := int64(0); last != heard.Load(); {
		last = heard.Load()
		select {
		case <-closed:
		case <-ctx.Done():
		case <-time.After(listen(last)):
			continue
		}
		break
	}
	stdout.SetReadDeadline(time.Now())
	stderr.SetReadDeadline(time.Now())
	<-closed
	if err := ctx.Err(); err != nil {
		return res, err
	}
	res.RC = exitCode(cmd.ProcessState)
	var exit *exec.ExitError
	if waitErr != nil && !errors.As(waitErr, &exit) && !errors.Is(waitErr, exec.ErrWaitDelay) && !errors.Is(waitErr, syscall.EPIPE) {
		return res, fmt.Errorf("waiting for %s: %w", argv[0], waitErr)
	}
	return res, nil
}

// listen is how long to wait for more, when the last came at that time.
func listen(last int64) time.Duration {
	since := time.Duration(time.Now().UnixNano() - last)
	return silence - since%silence
}

// collect reads r to its end, or deadline, in a goroutine that gives all it
// read when done; heard is when something came last.
func collect(r io.Reader, name string, stream func(string, []byte), heard *atomic.Int64) <-chan []byte {
	done := make(chan []byte, 1)
	go func() {
		var all bytes.Buffer
		buf := make([]byte, 32<<10)
		for {
			n, err := r.Read(buf)
			all.Write(buf[:n])
			if n > 0 {
				heard.Store(time.Now().UnixNano())
			}
			if n > 0 && stream != nil {
				stream(name, bytes.Clone(buf[:n]))
			}
			if err != nil {
				done <- all.Bytes()
				return
			}
		}
	}()
	return done
}

func exitCode(state *os.ProcessState) int {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return -int(ws.Signal())
	}
	return state.ExitCode()
}

// lookPath finds a program in env's PATH; a name with a slash is taken
// relative to dir.
func lookPath(name string, env []string, dir string) (string, error) {
	if strings.Contains(name, "/") {
		path := name
		if !filepath.IsAbs(path) && dir != "" {
			path = filepath.Join(dir, path)
		}
		return name, executable(path)
	}
	return search(name, filepath.SplitList(plainPath(env)))
}

func executable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return syscall.EACCES
	}
	return nil
}
