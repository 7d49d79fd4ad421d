package agent

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal gives both ends of a new pseudo terminal, in raw mode: what is
// written on one end arrives unchanged at the other.
func openTerminal() (master, slave *os.File, err error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("open a terminal: %w", err)
	}
	master = os.NewFile(uintptr(fd), "/dev/ptmx")
	fail := func(err error) (*os.File, *os.File, error) {
		master.Close()
		return nil, nil, fmt.Errorf("open a terminal: %w", err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return fail(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return fail(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return fail(err)
	}
	t, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err != nil {
		slave.Close()
		return fail(err)
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(int(slave.Fd()), unix.TCSETS, t); err != nil {
		slave.Close()
		return fail(err)
	}
	return master, slave, nil
}

// echo makes a terminal show what is written to it, as others do.
func echo(master *os.File) {
	terminal(master, func(fd int, t *unix.Termios) bool {
		t.Lflag |= unix.ECHO
		return unix.IoctlSetTermios(fd, unix.TCSETS, t) == nil
	})
}

// echoTime is how long a program that asks for a password may take until it
// listens.
const echoTime = time.Second

// awaitNoEcho waits until what asked for a password has turned the echo off:
// polkit's agent does so after it has asked, and forgets what came before.
func awaitNoEcho(master *os.File) {
	for end := time.Now().Add(echoTime); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if !terminal(master, func(_ int, t *unix.Termios) bool { return t.Lflag&unix.ECHO != 0 }) {
			return
		}
	}
}

func terminal(f *os.File, do func(fd int, t *unix.Termios) bool) (ok bool) {
	c, err := f.SyscallConn()
	if err != nil {
		return false
	}
	_ = c.Control(func(fd uintptr) {
		t, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		ok = err == nil && do(int(fd), t)
	})
	return ok
}
