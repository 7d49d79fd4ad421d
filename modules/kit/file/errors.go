package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
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

// PyWriteError is PyError of who opens path and writes to it: a file system that is full is met when
// writing, and Python does not tell the path then.
func PyWriteError(err error, path string) string {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		path = ""
	}
	return PyError(err, path)
}

// PyWriteErrorText is PyWriteError with the path as text instead of bytes.
func PyWriteErrorText(err error, path string) string {
	if text := PyWriteError(err, path); path == "" || !strings.HasSuffix(text, "b'"+path+"'") {
		return text
	}
	return PyErrorText(err, path)
}

// Refused is the system's refusal to put a file in its place, worded as the
// reference does, where it is an exception that no module expects.
type Refused struct {
	msg string
	err error
}

func (r *Refused) Error() string { return r.msg }

// Unwrap gives the system's error.
func (r *Refused) Unwrap() error { return r.err }

// refused words err, which is about the paths as Python shows them.
func refused(err error, paths, format string, args ...any) error {
	return &Refused{msg: fmt.Sprintf(format, args...) + ": " + PyError(err, "") + ": " + paths, err: err}
}

// NotWritable is the Refused of a directory that takes no new file for dest.
func NotWritable(dest string, err error) error {
	dir := filepath.Dir(dest)
	return refused(err, fmt.Sprintf("b'%s'", filepath.Join(dir, tempPrefix+"_"+filepath.Base(dest))), "The destination directory '%s' is not writable by the current user", dir)
}

// NotStarted is what run_command fails with for a program that cannot be started; shown is its command line.
func NotStarted(none *process.NotStarted, argv []string, shown string) *module.Failure {
	name := ""
	if len(argv) > 0 {
		name = argv[0]
	}
	f := &module.Failure{Msg: "Error executing command.", Err: errors.New(PyError(syscall.Errno(none.RC()), name))}
	return f.With("rc", value.Int(none.RC()), "stdout", value.Str(""), "stderr", value.Str(""), "cmd", value.Str(shown))
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
