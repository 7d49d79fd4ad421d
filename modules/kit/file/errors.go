package file

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
)

// PyError words a system error as Python's str(OSError) does:
// [Errno 2] No such file or directory: '/path'. Other errors give their text.
func PyError(err error, path string) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	text := fmt.Sprintf("[Errno %d] %s", int(errno), Strerror(errno))
	if path != "" {
		text += ": " + fmt.Sprintf("b'%s'", path)
	}
	return text
}

// Strerror gives the C library's text of an errno, which begins with a capital.
func Strerror(errno syscall.Errno) string {
	text := errno.Error()
	if t, ok := cTexts[errno]; ok {
		return t
	}
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// cTexts are those that differ from Go's by more than the first letter.
var cTexts = map[syscall.Errno]string{
	syscall.EXDEV: "Invalid cross-device link",
	syscall.EIO:   "Input/output error",
}

// Umask gives the process's umask without changing it.
var Umask = sync.OnceValue(func() uint32 {
	data, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for line := range strings.Lines(string(data)) {
			var mask uint32
			if n, _ := fmt.Sscanf(line, "Umask:\t%o", &mask); n == 1 {
				return mask
			}
		}
	}
	return 0o022
})

// PyErrorText is PyError with the path as text instead of bytes.
func PyErrorText(err error, path string) string {
	text := PyError(err, "")
	if errors.As(err, new(syscall.Errno)) {
		text += ": '" + path + "'"
	}
	return text
}
