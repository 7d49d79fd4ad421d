package python

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// memoryFile gives a file without a name that holds text; whoever opens its
// descriptor's path reads it from its start.
func memoryFile(text []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("churten", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("a file in memory for the module: %w", err)
	}
	f := os.NewFile(uintptr(fd), "churten")
	if _, err := f.Write(text); err != nil {
		f.Close()
		return nil, fmt.Errorf("a file in memory for the module: %w", err)
	}
	if _, err := f.Seek(0, 0); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func descriptorPath(fd int) string { return fmt.Sprintf("/proc/self/fd/%d", fd) }
