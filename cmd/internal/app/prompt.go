package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

// terminal asks questions where the user sits. It is safe for concurrent use:
// one question stands at a time.
type terminal struct {
	in  io.Reader
	out io.Writer

	mu     sync.Mutex
	reader *bufio.Reader
}

var errNoTerminal = errors.New("there is no terminal to ask on")

func (t *terminal) tty() (*os.File, bool) {
	f, ok := t.in.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// Ask asks; ok is false where nobody sits.
func (t *terminal) Ask(ctx context.Context, text string, echo bool) (answer string, ok bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, isTTY := t.tty()
	if isTTY && !echo {
		restore, err := noEcho(int(f.Fd()))
		if err != nil {
			return "", false, err
		}
		defer func() {
			restore()
			fmt.Fprintln(t.out)
		}()
	}
	fmt.Fprint(t.out, text)
	line, err := t.line(ctx)
	if !isTTY {
		return line, false, nil
	}
	return line, err == nil, err
}

// line reads one line, giving up when ctx ends.
func (t *terminal) line(ctx context.Context) (string, error) {
	if t.reader == nil {
		t.reader = bufio.NewReader(t.in)
	}
	type result struct {
		line string
		err  error
	}
	got := make(chan result, 1)
	go func() { // ends with the input; there is no way to interrupt a read of it
		l, err := t.reader.ReadString('\n')
		got <- result{strings.TrimRight(l, "\r\n"), err}
	}()
	select {
	case r := <-got:
		if errors.Is(r.err, io.EOF) {
			r.err = nil
		}
		return r.line, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// connectionPrompt is Ask for connections: an error where nobody sits.
func (t *terminal) connectionPrompt(ctx context.Context, text string, echo bool) (string, error) {
	if _, ok := t.tty(); !ok {
		return "", errNoTerminal
	}
	answer, _, err := t.Ask(ctx, text, echo)
	return answer, err
}

// Password asks for a vault password.
func (t *terminal) Password(ctx context.Context, prompt string) ([]byte, error) {
	answer, _, err := t.Ask(ctx, prompt, false)
	return []byte(answer), err
}
