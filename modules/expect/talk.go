package expect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

// answer is what is said to one question.
type answer struct {
	pattern *pyre.Regexp
	said    []string
	list    bool // each item once
}

// noAnswer is the error of a question for which the list of answers has no more.
type noAnswer struct {
	pattern string
	output  string
}

func (e *noAnswer) Error() string {
	return fmt.Sprintf("No remaining responses for '%s', output was '%s'", e.pattern, value.Repr(value.Bytes(e.output)))
}

func answersOf(d *value.Dict) ([]*answer, error) {
	var all []*answer
	for k, v := range d.All() {
		re, err := pyre.Compile(value.Text(k), pyre.DotAll)
		if err != nil {
			return nil, err
		}
		a := &answer{pattern: re}
		if l, ok := v.(*value.List); ok {
			a.list = true
			for _, item := range l.Items {
				a.said = append(a.said, line(item))
			}
		} else {
			a.said = []string{line(v)}
		}
		all = append(all, a)
	}
	return all, nil
}

// line is an answer with the end of line that sends it off.
func line(v value.Value) string {
	return strings.TrimRight(value.Text(v), "\n") + "\n"
}

// next is what to say now.
func (a *answer) next(output string) (string, error) {
	if !a.list {
		return a.said[0], nil
	}
	if len(a.said) == 0 {
		return "", &noAnswer{a.pattern.Pattern(), output}
	}
	say := a.said[0]
	a.said = a.said[1:]
	return say, nil
}

// session is one command and what is said to it.
type session struct {
	answers []*answer
	timeout time.Duration
	echo    bool
}

// beforeAnswer is how long an answer waits: a program that turns the echo off
// for a password often does so only after it asked.
const beforeAnswer = 50 * time.Millisecond

// run runs the command to its end, or until nothing comes for the time-out. rc
// is -1 where there is no exit status: the time was over, a signal ended it.
func (s *session) run(ctx context.Context, path string, argv, env []string, dir string) (out string, rc int, err error) {
	master, slave, err := openPty(s.echo)
	if err != nil {
		return "", 0, fmt.Errorf("opening a terminal: %w", err)
	}
	defer master.Close()
	cmd := &exec.Cmd{Path: path, Args: argv, Dir: dir, Env: env, Stdin: slave, Stdout: slave, Stderr: slave,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true}}
	err = cmd.Start()
	slave.Close()
	if err != nil {
		return "", 0, fmt.Errorf("starting %s: %w", path, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // what it ended with is in ProcessState
		close(ended)
	}()
	out, talkErr := s.talk(ctx, master)
	if talkErr == nil {
		// The terminal is closed on the other side: the program ends, or has.
		select {
		case <-ended:
		case <-time.After(time.Second):
		}
	}
	end(cmd.Process.Pid, ended)
	var late *timeoutError
	switch {
	case errors.As(talkErr, &late):
		return out, -1, nil
	case talkErr != nil:
		return out, 0, talkErr
	case cmd.ProcessState == nil || !cmd.ProcessState.Exited():
		return out, -1, nil
	}
	return out, cmd.ProcessState.ExitCode(), nil
}

// end ends the program and what is in its group, gently at first.
func end(pid int, ended <-chan struct{}) {
	for _, sig := range []syscall.Signal{0, syscall.SIGHUP, syscall.SIGINT, syscall.SIGKILL} {
		if sig != 0 {
			_ = syscall.Kill(-pid, sig) // it may be gone
		}
		wait := 100 * time.Millisecond
		if sig == syscall.SIGKILL {
			wait = time.Minute
		} else if sig == 0 {
			wait = 0
		}
		select {
		case <-ended:
			return
		case <-time.After(wait):
		}
	}
}

// timeoutError says that nothing came that is known, in time.
type timeoutError struct{}

func (*timeoutError) Error() string { return "nothing more came in time" }

// talk reads the terminal and answers, until its end.
func (s *session) talk(ctx context.Context, tty *os.File) (string, error) {
	chunks := make(chan []byte)
	failed := make(chan error, 1)
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			buf := make([]byte, 2000)
			n, err := tty.Read(buf)
			if n > 0 {
				select {
				case chunks <- buf[:n]:
				case <-done:
					return
				}
			}
			if err != nil {
				failed <- err
				return
			}
		}
	}()
	var all strings.Builder
	pending := "" // what came since the last question
	for {
		var late <-chan time.Time
		if s.timeout > 0 {
			t := time.NewTimer(s.timeout)
			defer t.Stop()
			late = t.C
		}
		for asked := false; !asked; {
			select {
			case <-ctx.Done():
				return all.String() + pending, ctx.Err()
			case <-late:
				return all.String() + pending, &timeoutError{}
			case err := <-failed:
				if errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO) {
					err = nil // the end of a terminal
				}
				return all.String() + pending, err
			case chunk := <-chunks:
				pending += string(chunk)
			}
			for {
				a, upto, err := s.asked(pending)
				if err != nil {
					return "", err
				}
				if a == nil {
					break
				}
				asked = true
				all.WriteString(pending[:upto])
				say, err := a.next(pending[:upto])
				if err != nil {
					return "", err
				}
				pending = pending[upto:]
				time.Sleep(beforeAnswer)
				if _, err := io.WriteString(tty, say); err != nil {
					return all.String() + pending, nil // nobody listens any more: its end comes next
				}
			}
		}
	}
}

// asked finds the question that stands first in text, and where it ends.
func (s *session) asked(text string) (*answer, int, error) {
	var first *answer
	at, end := 0, 0
	for _, a := range s.answers {
		m, err := a.pattern.Search(text)
		if err != nil {
			return nil, 0, err
		}
		if m == nil {
			continue
		}
		if from, to := m.Span(0); first == nil || from < at {
			first, at, end = a, from, to
		}
	}
	return first, end, nil
}
