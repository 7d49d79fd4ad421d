//go:build !linux

package process

import "syscall"

// attr puts a command in a group of its own.
func attr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
