package strategy

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
)

// bareRaw runs a command line over a connection of its own, for hosts on which
// no agent can run: that is what raw is for.
func (t *place) bareRaw(ctx context.Context, command, executable string) (rc int, stdout, stderr []byte, err error) {
	conn, err := t.world.run.Hosts.Conn(ctx, t.address)
	if err != nil {
		return 0, nil, nil, err
	}
	defer conn.Close()
	if executable != "" {
		command = executable + " -c " + quote(command)
	}
	s, err := conn.Start(ctx, command)
	if err != nil {
		return 0, nil, nil, err
	}
	defer s.Close()
	s.Stdin().Close()
	var out, errOut bytes.Buffer
	var wg sync.WaitGroup
	for _, pipe := range []struct {
		to   *bytes.Buffer
		from io.Reader
	}{{&out, s.Stdout()}, {&errOut, s.Stderr()}} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			io.Copy(pipe.to, pipe.from)
		}()
	}
	exit, err := s.Wait()
	wg.Wait()
	return exit.Code, out.Bytes(), errOut.Bytes(), err
}

// quote makes one word of s for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'" }
