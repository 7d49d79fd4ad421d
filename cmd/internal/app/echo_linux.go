package app

import "golang.org/x/sys/unix"

const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
	// flushTermios throws away what was typed before.
	flushTermios = unix.TCSETSF
)
