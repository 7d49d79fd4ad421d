//go:build !linux

package python

import (
	"fmt"
	"os"
)

// memoryFile gives a file without a name, which can be read once where
// /dev/fd gives the descriptor itself: elsewhere than on Linux there are no files in memory.
func memoryFile(text []byte) (*os.File, error) {
	f, err := os.CreateTemp("", ".churten-")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name())
	if _, err = f.Write(text); err == nil {
		_, err = f.Seek(0, 0)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func descriptorPath(fd int) string { return fmt.Sprintf("/dev/fd/%d", fd) }
