package main

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// noTerminal runs the tests without a controlling terminal, so that commands
// that ask for a password there do not wait for whoever runs the tests. Tests
// of questions make terminals of their own.
type noTerminal struct{ *testing.M }

func (n noTerminal) Run() int {
	if tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
		_ = unix.IoctlSetInt(int(tty.Fd()), unix.TIOCNOTTY, 0)
		_ = tty.Close()
	}
	return n.M.Run()
}
