package app

import "golang.org/x/sys/unix"

// noEcho stops the terminal from showing what is typed until restore is
// called. It must be called before the question is shown: whoever types at
// once would see the password otherwise.
func noEcho(fd int) (restore func(), err error) {
	was, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	now := *was
	now.Lflag &^= unix.ECHO
	now.Lflag |= unix.ICANON | unix.ISIG
	if err := unix.IoctlSetTermios(fd, setTermios, &now); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(fd, setTermios, was) }, nil
}
