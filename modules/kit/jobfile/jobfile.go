// Package jobfile has the files by which jobs (tasks with async) are known: one
// JSON text each, named after the job, in a folder of the user's. The form is
// the reference's, so that either reads the other's.
package jobfile

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// Default is where the reference keeps them.
const Default = "~/.ansible_async"

// Dir gives the folder for a user whose home is home; dir may begin with ~, and
// "" is Default.
func Dir(dir, home string) string {
	if dir == "" {
		dir = Default
	}
	if rest, ok := strings.CutPrefix(dir, "~"); ok && (rest == "" || rest[0] == '/') {
		dir = home + rest
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(home, dir)
	}
	return filepath.Clean(dir)
}

// Write puts a file in place, whole, readable for its owner alone: it may hold
// whatever a module gave.
func Write(path string, d *value.Dict) error {
	text, err := value.Compact.Append(nil, d)
	if err != nil {
		text, err = value.Compact.Append(nil, value.DictOf("failed", value.True, "msg", value.Str("the result cannot be written as JSON: "+err.Error())))
		if err != nil {
			return err
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	_, err = f.Write(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
