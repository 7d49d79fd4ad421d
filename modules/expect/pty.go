package expect

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openPty gives the two ends of a new terminal of 24 lines and 80 columns
// (pty(7)). Reads of the master have deadlines and end when it is closed.
func openPty(echo bool) (master, slave *os.File, err error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, &os.PathError{Op: "open", Path: "/dev/ptmx", Err: err}
	}
	master = os.NewFile(uintptr(fd), "/dev/ptmx")
	defer func() {
		if err != nil {
			master.Close()
		}
	}()
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, fmt.Errorf("unlocking the terminal: %w", err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, nil, fmt.Errorf("asking for the terminal's number: %w", err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	in := int(slave.Fd())
	if err := unix.IoctlSetWinsize(in, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err == nil && !echo {
		var t *unix.Termios
		if t, err = unix.IoctlGetTermios(in, unix.TCGETS); err == nil {
			t.Lflag &^= unix.ECHO
			err = unix.IoctlSetTermios(in, unix.TCSETS, t)
		}
		if err != nil {
			slave.Close()
			return nil, nil, fmt.Errorf("turning the terminal's echo off: %w", err)
		}
	}
	return master, slave, nil
}
