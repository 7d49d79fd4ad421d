package connection

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Local runs commands on this machine by /bin/sh, each in a process group of
// its own, in Dir and with Env (both inherited when unset).
type Local struct {
	Dir string
	Env []string

	mu      sync.Mutex
	running map[*localStream]struct{}
	closed  bool
}

// grace is how long a command has to end by itself after its input was closed
// and it got a SIGTERM, before its process group is killed.
const grace = 2 * time.Second

// Describe implements Conn.
func (l *Local) Describe() string { return "local" }

// Start implements Conn.
func (l *Local) Start(ctx context.Context, command string) (Stream, error) {
	return l.StartArgv(ctx, "/bin/sh", "-c", command)
}

// StartArgv runs a program without a shell.
func (l *Local) StartArgv(ctx context.Context, name string, args ...string) (Stream, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = l.Dir, l.Env
	return l.StartCmd(ctx, cmd)
}

// StartCmd runs cmd, whose streams must be unset; Dir and Env are cmd's own.
func (l *Local) StartCmd(ctx context.Context, cmd *exec.Cmd) (Stream, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, err := startProcess(cmd)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		s.Close()
		return nil, errors.New("local connection is closed")
	}
	if l.running == nil {
		l.running = map[*localStream]struct{}{}
	}
	l.running[s] = struct{}{}
	l.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { s.Close() })
	go func() {
		<-s.done
		stop()
		l.mu.Lock()
		delete(l.running, s)
		l.mu.Unlock()
	}()
	return s, nil
}

// Close implements Conn.
func (l *Local) Close() error {
	l.mu.Lock()
	l.closed = true
	var all []*localStream
	for s := range l.running {
		all = append(all, s)
	}
	l.mu.Unlock()
	var wait sync.WaitGroup
	for _, s := range all {
		wait.Go(func() { s.Close() })
	}
	wait.Wait()
	return nil
}

// localStream is a process in its own process group. The parent's ends of the
// pipes are ours, not exec.Cmd's, so that Wait does not take output away from
// a reader that is still at it.
type localStream struct {
	cmd                   *exec.Cmd
	stdin, stdout, stderr *os.File

	done chan struct{} // closed once exit and err are set
	exit Exit
	err  error
}

// startProcess starts cmd with three pipes and owns the goroutine that reaps it.
func startProcess(cmd *exec.Cmd) (*localStream, error) {
	s := &localStream{cmd: cmd, done: make(chan struct{})}
	var theirs []*os.File
	pipe := func(write bool) (ours, their *os.File, err error) {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, nil, err
		}
		if write {
			return w, r, nil
		}
		return r, w, nil
	}
	fail := func(err error) (*localStream, error) {
		for _, f := range append(theirs, s.stdin, s.stdout, s.stderr) {
			if f != nil {
				f.Close()
			}
		}
		return nil, err
	}
	for i, ours := range []**os.File{&s.stdin, &s.stdout, &s.stderr} {
		our, their, err := pipe(i == 0)
		if err != nil {
			return fail(err)
		}
		*ours = our
		theirs = append(theirs, their)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs[0], theirs[1], theirs[2]
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	if !cmd.SysProcAttr.Setsid {
		cmd.SysProcAttr.Setpgid = true
	}
	if err := cmd.Start(); err != nil {
		return fail(err)
	}
	for _, f := range theirs {
		f.Close()
	}
	go func() {
		defer close(s.done)
		s.exit, s.err = exitOf(cmd.Wait())
	}()
	return s, nil
}

// StartProcess runs cmd, whose streams must be unset, as a Stream. It serves
// kinds of connection that are programs of this machine (ssh, docker …).
func StartProcess(cmd *exec.Cmd) (Stream, error) { return startProcess(cmd) }

func exitOf(err error) (Exit, error) {
	var ee *exec.ExitError
	switch {
	case err == nil:
		return Exit{}, nil
	case !errors.As(err, &ee):
		return Exit{Code: 255}, err
	}
	ws, ok := ee.Sys().(syscall.WaitStatus)
	if ok && ws.Signaled() {
		for name, n := range signals {
			if n == int(ws.Signal()) {
				return Signalled(name), nil
			}
		}
		return Exit{Code: 128 + int(ws.Signal()), Signal: fmt.Sprint(int(ws.Signal()))}, nil
	}
	return Exit{Code: ee.ExitCode()}, nil
}

func (s *localStream) Stdin() io.WriteCloser { return s.stdin }
func (s *localStream) Stdout() io.Reader     { return s.stdout }
func (s *localStream) Stderr() io.Reader     { return s.stderr }

func (s *localStream) Wait() (Exit, error) {
	<-s.done
	return s.exit, s.err
}

// Close ends the process group: TERM first, KILL after a grace time.
func (s *localStream) Close() error {
	s.stdin.Close()
	select {
	case <-s.done:
	default:
		s.signal(syscall.SIGTERM)
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-s.done:
		case <-timer.C:
			s.signal(syscall.SIGKILL)
			<-s.done
		}
	}
	s.stdout.Close()
	s.stderr.Close()
	return nil
}

// signal goes to the group. The leader is not yet reaped when done is open,
// save for an instant in which ESRCH is the worst that can come back.
func (s *localStream) signal(sig syscall.Signal) {
	_ = syscall.Kill(-s.cmd.Process.Pid, sig)
}
