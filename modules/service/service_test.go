package service

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRunitHas(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"etc/sv/defined", "var/service/own"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/nosuch", filepath.Join(root, "var/service/dangling")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"defined": true, "own": true, "dangling": false, "nosuch": false} {
		if got := runitHas(root, name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
