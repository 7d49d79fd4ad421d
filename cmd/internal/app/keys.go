package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/modules/kit/module"
)

// clearLine goes to the line's begin and empties it.
const clearLine = "\r\x1b[K"

// keyWait bounds one wait for a key, so that the end of a task is noticed.
const keyWait = 100 // milliseconds

// Attended reports whether somebody can press keys: there is a terminal, and it
// is this program that is in its foreground.
func (t *terminal) Attended() bool {
	f, ok := t.tty()
	if !ok {
		return false
	}
	front, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err == nil && front == unix.Getpgrp()
}

// Keys waits for a line, or for limit if that is above zero: what is typed
// meanwhile goes nowhere then. Ctrl-C asks whether to go on; if not, the error
// is module.ErrAborted. As on ansible-core 2.19 (module pause), whose clock does not
// go on while it asks.
func (t *terminal) Keys(ctx context.Context, echo bool, limit time.Duration) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.alone != nil {
		defer t.alone()()
	}
	f, ok := t.tty()
	if !ok {
		return "", errNoTerminal
	}
	k := &keyboard{terminal: t, file: f}
	restore, err := k.raw(echo)
	if err != nil {
		return "", fmt.Errorf("the terminal cannot be read by keys: %w", err)
	}
	defer restore()
	timed := ctx
	if limit > 0 {
		var cancel context.CancelFunc
		timed, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	line, err := k.line(timed, limit > 0)
	switch {
	case errors.Is(err, errInterrupted):
		return "", k.goOn(ctx)
	case err != nil && ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.Is(err, context.DeadlineExceeded):
		return "", nil // the time that was asked for
	}
	if !echo && t.hide != nil {
		t.hide(line)
	}
	return line, err
}

var errInterrupted = errors.New("interrupted")

// keyboard reads key by key.
type keyboard struct {
	*terminal
	file             *os.File
	erase, interrupt byte
}

// raw has the terminal hand over each key as it is pressed, Ctrl-C too.
func (k *keyboard) raw(echo bool) (restore func(), err error) {
	fd := int(k.file.Fd())
	was, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	k.erase, k.interrupt = was.Cc[unix.VERASE], was.Cc[unix.VINTR]
	now := *was
	now.Iflag &^= unix.ICRNL | unix.INLCR | unix.IGNCR | unix.IXON
	now.Lflag &^= unix.ICANON | unix.ISIG | unix.IEXTEN | unix.ECHO
	if echo {
		now.Lflag |= unix.ECHO
	}
	now.Cc[unix.VMIN], now.Cc[unix.VTIME] = 1, 0
	// As there, what was typed before nobody asked for goes nowhere.
	if err := unix.IoctlSetTermios(fd, flushTermios, &now); err != nil {
		return nil, err
	}
	if k.reader != nil {
		_, _ = k.reader.Discard(k.reader.Buffered())
	}
	return func() { _ = unix.IoctlSetTermios(fd, setTermios, was) }, nil
}

// line reads to the end of a line; with idle set, it only waits.
func (k *keyboard) line(ctx context.Context, idle bool) (string, error) {
	var typed []byte
	for {
		key, err := k.key(ctx)
		if err != nil {
			return "", err
		}
		switch {
		case key == k.interrupt:
			fmt.Fprint(k.out, clearLine)
			return "", errInterrupted
		case idle:
		case key == '\r' || key == '\n':
			fmt.Fprint(k.out, clearLine)
			return strings.ToValidUTF8(string(typed), "\uFFFD"), nil
		case key == k.erase:
			_, last := utf8.DecodeLastRune(typed)
			typed = typed[:len(typed)-last]
			fmt.Fprint(k.out, clearLine)
			if k.shows() {
				_, _ = k.out.Write(typed)
			}
		default:
			typed = append(typed, key)
		}
	}
}

// shows reports whether keys are shown.
func (k *keyboard) shows() bool {
	now, err := unix.IoctlGetTermios(int(k.file.Fd()), getTermios)
	return err == nil && now.Lflag&unix.ECHO != 0
}

// goOn asks whether the play shall go on.
func (k *keyboard) goOn(ctx context.Context) error {
	fmt.Fprint(k.out, "Press 'C' to continue the play or 'A' to abort \r\n")
	for {
		key, err := k.key(ctx)
		if err != nil {
			return err
		}
		switch key {
		case 'c', 'C':
			fmt.Fprint(k.out, clearLine)
			return nil
		case 'a', 'A':
			fmt.Fprint(k.out, clearLine)
			return module.ErrAborted
		}
	}
}

// key waits for one byte.
func (k *keyboard) key(ctx context.Context) (byte, error) {
	fd := int(k.file.Fd())
	for {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(poll, keyWait)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return 0, fmt.Errorf("waiting for a key: %w", err)
		}
		if n <= 0 {
			continue
		}
		var b [1]byte
		switch n, err := unix.Read(fd, b[:]); {
		case errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN):
		case err != nil:
			return 0, fmt.Errorf("reading a key: %w", err)
		case n == 0:
			return 0, io.EOF
		default:
			return b[0], nil
		}
	}
}
