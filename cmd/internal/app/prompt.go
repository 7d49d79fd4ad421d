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
	// hide hears of answers that nobody is to see; may be nil.
	hide func(string)
	// alone takes away what else stands on the terminal while it asks; may be nil.
	alone func() (over func())

	mu     sync.Mutex
	reader *bufio.Reader
}

var errNoTerminal = errors.New("there is no terminal to ask on")

func (t *terminal) tty() (*os.File, bool) {
	f, ok := t.in.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// Interactive reports whether somebody sits there.
func (t *terminal) Interactive() bool {
	_, yes := t.tty()
	return yes
}

// errEnded is Ctrl-D in place of an answer.
var errEnded = errors.New("the input ended where an answer was waited for")

// Ask asks; ok is false where nobody sits. An input that ends is an error.
func (t *terminal) Ask(ctx context.Context, text string, echo bool) (answer string, ok bool, err error) {
	answer, ok, err = t.ask(ctx, text, echo)
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%s%w", text, errEnded)
	}
	return answer, ok && err == nil, err
}

// orNothing is Ask where the end of the input is an empty answer.
func (t *terminal) orNothing(ctx context.Context, text string, echo bool) (string, error) {
	answer, _, err := t.ask(ctx, text, echo)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return answer, err
}

// ask tells of an end of the input as io.EOF, unless something stood before it
// or nobody sits there.
func (t *terminal) ask(ctx context.Context, text string, echo bool) (answer string, ok bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.alone != nil {
		defer t.alone()()
	}
	f, isTTY := t.tty()
	out := t.out
	if isTTY && !echo {
		// As getpass: questions for passwords stand on the terminal, wherever the
		// errors go.
		if o, ok := t.out.(*os.File); !ok || !term.IsTerminal(int(o.Fd())) {
			if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
				defer tty.Close()
				out = tty
			}
		}
		restore, noErr := noEcho(int(f.Fd()))
		if noErr != nil {
			return "", false, noErr
		}
		defer func() {
			restore()
			if err == nil { // else no Enter was pressed
				fmt.Fprintln(out)
			}
		}()
	}
	fmt.Fprint(out, text)
	line, err := t.line(ctx)
	if !echo && t.hide != nil {
		t.hide(line)
	}
	if errors.Is(err, io.EOF) && (line != "" || !isTTY) {
		err = nil
	}
	if !isTTY {
		return line, false, nil
	}
	return line, err == nil, err
}

// loginPassword is Ask for a password that a login needs: on the terminal of
// this process where it has one, whatever its input is.
func (t *terminal) loginPassword(ctx context.Context, text string) (string, error) {
	if _, ok := t.tty(); !ok {
		if tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
			defer tty.Close()
			t = &terminal{in: tty, out: tty, hide: t.hide, alone: t.alone}
		}
	}
	return t.orNothing(ctx, text, false)
}

// line reads one line, giving up when ctx ends. With io.EOF comes what stood
// before the end.
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
	return t.orNothing(ctx, text, echo)
}

// Password asks for a vault password: on the terminal of this process where
// it has one, whatever its input is, else from the input.
func (t *terminal) Password(ctx context.Context, prompt string) ([]byte, error) {
	who := t
	if _, ok := t.tty(); !ok {
		if tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
			defer tty.Close()
			who = &terminal{in: tty, out: tty}
		}
	}
	answer, err := who.secret(ctx, prompt)
	if errors.Is(err, io.EOF) {
		id := "default"
		if _, rest, ok := strings.Cut(prompt, "("); ok {
			id, _, _ = strings.Cut(rest, ")")
		}
		err = fmt.Errorf("EOFError (ctrl-d) on prompt for (%s)", id)
	}
	return []byte(answer), err
}

// secret asks for what must not be seen; io.EOF is no answer at all.
func (t *terminal) secret(ctx context.Context, prompt string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f, ok := t.tty(); ok {
		restore, err := noEcho(int(f.Fd()))
		if err != nil {
			return "", err
		}
		defer restore()
	}
	fmt.Fprint(t.out, prompt)
	answer, err := t.line(ctx)
	if err == nil || answer != "" {
		fmt.Fprintln(t.out)
	}
	if answer != "" && errors.Is(err, io.EOF) {
		err = nil
	}
	return answer, err
}
