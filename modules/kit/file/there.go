package file

import (
	"os"
	"path/filepath"
)

// Exists reports whether path can be reached, as os.path.exists of Python does: a link that leads nowhere or in a
// circle, a name below a file and one below a directory that may not be searched are not there.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// MakeParent makes the directory that path is in where there is nothing of that name. That a file is in its
// place is told by who writes there, as in the reference.
func MakeParent(path string) error {
	dir := filepath.Dir(path)
	if Exists(dir) {
		return nil
	}
	return os.MkdirAll(dir, 0o777)
}
