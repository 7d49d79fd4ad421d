package process

import "syscall"

// attr puts a command in a group of its own, and ends it with the one who
// started it. The parent meant is the thread, but those of a Go program end only
// where one is locked, which nobody does here.
func attr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
