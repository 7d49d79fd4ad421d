package strategy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/remote"
)

// Login runs a command line as raw does: over SSH by the user's login shell, with
// a terminal unless use_tty says no, so that a host needs nothing but a shell;
// elsewhere, and as another user, with the agent's help where there can be one.
func (t *place) Login(ctx context.Context, command, executable string) (rc int, stdout, stderr []byte, err error) {
	if t.address.Kind == "ssh" && t.become == nil {
		rc, stdout, stderr, err = t.bareRaw(ctx, command, executable)
		return rc, stdout, stderr, cutOff(err)
	}
	return t.Raw(ctx, command, executable)
}

// bareRaw runs a command line without an agent, for hosts on which none can
// run: that is what raw is for.
func (t *place) bareRaw(ctx context.Context, command, executable string) (rc int, stdout, stderr []byte, err error) {
	var way *remote.Escalation
	if t.become != nil {
		if way, err = t.become.Escalation(command); err != nil {
			return 0, nil, nil, err
		}
		command = way.Line
	}
	if executable != "" {
		command = executable + " -c " + quote(command)
	}
	var out, errOut bytes.Buffer
	var exit connection.Exit
	var farewell string
	err = t.world.run.Hosts.Start(ctx, t.address, func(conn connection.Conn) error {
		out.Reset()
		errOut.Reset()
		start := conn.Start
		if terminal, ok := conn.(connection.Terminal); ok {
			errOut.WriteString(terminal.Said())
			if !t.address.NoTTY {
				start, farewell = terminal.StartTerminal, terminal.Farewell()
			}
		}
		s, err := start(ctx, command)
		if err != nil {
			return err
		}
		defer s.Close()
		if way == nil {
			s.Stdin().Close()
		}
		exit, err = run(s, &out, &errOut, way)
		return err
	})
	if err != nil {
		return 0, nil, nil, err
	}
	errOut.WriteString(farewell)
	if exit.Code == 255 && exit.Signal == "" && t.address.Kind == "ssh" {
		// ssh's own status for having failed, which is how the reference takes it.
		return 0, nil, nil, &connection.Unreachable{Host: t.host, Msg: "Failed to connect to the host via ssh: " + strings.TrimRight(errOut.String(), "\r\n")}
	}
	return exit.Code, out.Bytes(), errOut.Bytes(), nil
}

// run reads a command's outputs to their end, and sees to its becoming someone.
func run(s connection.Stream, out, errOut *bytes.Buffer, way *remote.Escalation) (connection.Exit, error) {
	var wg sync.WaitGroup
	var mu sync.Mutex // of way
	for _, pipe := range []struct {
		to   *bytes.Buffer
		from io.Reader
	}{{out, s.Stdout()}, {errOut, s.Stderr()}} {
		wg.Go(func() {
			buf := make([]byte, 32<<10)
			for {
				n, err := pipe.from.Read(buf)
				pipe.to.Write(buf[:n])
				if way != nil && n > 0 {
					mu.Lock()
					way.Hear(s.Stdin(), buf[:n])
					mu.Unlock()
				}
				if err != nil {
					return
				}
			}
		})
	}
	exit, err := s.Wait()
	wg.Wait()
	if err != nil || way == nil {
		return exit, err
	}
	if err := way.Err(exit.Code); err != nil {
		return exit, err
	}
	for _, b := range []*bytes.Buffer{out, errOut} {
		kept := way.Without(b.Bytes())
		b.Reset()
		b.Write(kept)
	}
	return exit, nil
}

// notThere reports whether a host was reached and yet has no agent, for whatever
// reason.
func notThere(err error) bool {
	var lost *connection.Unreachable
	return noAgentThere(err) || errors.As(err, &lost) && lost.NoAgent
}

// quote makes one word of s for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'" }
