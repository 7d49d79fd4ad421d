package module

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTidy: directories that nobody holds go, those in use, young ones and
// what is no directory of ours stay.
func TestTidy(t *testing.T) {
	parent := t.TempDir()
	t.Setenv("TMPDIR", parent)
	inUse, remove, err := makeTmp()
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * lockTime)
	for _, name := range []string{tmpPrefix + "left", tmpPrefix + "young", "churten-other"} {
		if err := os.MkdirAll(filepath.Join(parent, name, "in", "it"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(parent, "churten-other"), filepath.Join(parent, tmpPrefix+"link")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{inUse, filepath.Join(parent, tmpPrefix+"left"), filepath.Join(parent, "churten-other")} {
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	there := func(name string, want bool) {
		t.Helper()
		if _, err := os.Lstat(filepath.Join(parent, name)); (err == nil) != want {
			t.Errorf("%s: there is %v, wanted %v", name, err == nil, want)
		}
	}
	tidy(parent, time.Now())
	there(filepath.Base(inUse), true)
	there(tmpPrefix+"left", false)
	there(tmpPrefix+"young", true)
	there(tmpPrefix+"link", true)
	there("churten-other/in/it", true)
	remove()
	there(filepath.Base(inUse), false)
}
