package file

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// A file without a name (O_TMPFILE) goes with the process that writes it, also
// with one that is killed: a transfer that was cut off leaves nothing. It gets
// its name when its content is whole.

// makeTemp makes the temporary file in dir: without a name where the file
// system can do that. pattern is CreateTemp's.
func makeTemp(dir, pattern string) (f *os.File, nameless bool, err error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err == nil {
		if _, err := os.Stat(descriptor(fd)); err == nil { // else there is no /proc, and no way to a name
			return os.NewFile(uintptr(fd), newName(dir, pattern)), true, nil
		}
		unix.Close(fd)
	}
	// Whatever is wrong with dir, CreateTemp says it in the usual words.
	f, err = os.CreateTemp(dir, pattern)
	return f, false, err
}

func descriptor(fd int) string { return fmt.Sprintf("/proc/self/fd/%d", fd) }

// newName puts a random part into pattern, which has one star.
func newName(dir, pattern string) string {
	before, after, _ := strings.Cut(pattern, "*")
	var b [8]byte
	_, _ = unix.Getrandom(b[:], 0)
	return filepath.Join(dir, fmt.Sprintf("%s%x%s", before, b, after))
}

// name gives the file the name that it was to have, if it has none yet.
func (t *Temp) name() error {
	if !t.nameless {
		return nil
	}
	t.nameless = false
	err := unix.Linkat(unix.AT_FDCWD, descriptor(int(t.Fd())), unix.AT_FDCWD, t.Name(), unix.AT_SYMLINK_FOLLOW)
	if err == nil {
		return nil
	}
	// Somebody forbids links, or the name is taken: its content goes to another file.
	f, copyErr := os.CreateTemp(filepath.Dir(t.Name()), t.pattern)
	if copyErr != nil {
		return errors.Join(&os.LinkError{Op: "linkat", Old: "a file without a name", New: t.Name(), Err: err}, copyErr)
	}
	disinherit(f)
	old := t.File
	defer old.Close()
	t.File = f
	if _, err := old.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = io.Copy(f, old)
	return t.failed(err)
}

// Named gives the path under which others can read the file until it is
// committed or discarded.
func (t *Temp) Named() (string, error) {
	err := t.name()
	return t.Name(), err
}
