package file

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Mask: []string{"mtime", "atime"}})
}

// What is behind a link to a directory stays, with a slash behind the link's name, too: Module.Differs.
func TestLinkWithSlash(t *testing.T) {
	dir := t.TempDir()
	inside := filepath.Join(dir, "d", "x")
	if err := os.Mkdir(filepath.Dir(inside), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(inside, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("d", filepath.Join(dir, "l")); err != nil {
		t.Fatal(err)
	}
	j := &job{path: filepath.Join(dir, "l") + "/", prev: "directory"}
	if err := j.remove(); err == nil {
		t.Error("a directory behind a link was removed")
	}
	if _, err := os.Stat(inside); err != nil {
		t.Error(err)
	}
}
