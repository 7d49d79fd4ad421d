package agent

import (
	"path/filepath"
	"testing"
)

func TestStartDir(t *testing.T) {
	home, work := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	for dir, want := range map[string]string{"": "", work: work, filepath.Join(work, "gone"): home} {
		if got := startDir(dir); got != want {
			t.Errorf("startDir(%q) = %q, want %q", dir, got, want)
		}
	}
}
