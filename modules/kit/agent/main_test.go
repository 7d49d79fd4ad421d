package agent

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestBuildOfName(t *testing.T) {
	for path, want := range map[string]string{
		"/home/a/.cache/churten/agent-0123abcd-x86_64": "0123abcd", "agent-1-armv7l": "1", "/usr/bin/churten": "", "/tmp/agent": "",
	} {
		if got := buildOfName(path); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestTidy(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	for name, age := range map[string]time.Duration{"agent-new-x": 0, "agent-used-x": 29 * 24 * time.Hour, "agent-old-x": 31 * 24 * time.Hour, "other": 9999 * time.Hour,
		".agent-new-x.NONCE": time.Hour, ".agent-new-x.OTHER": 25 * time.Hour, ".probe-OTHER": 25 * time.Hour} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, nil, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	left := func() []string {
		var names []string
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	tidy(filepath.Join(dir, "agent-used-x"), now)
	if got := left(); len(got) != 7 {
		t.Errorf("an agent that is not new left %v", got)
	}
	tidy(filepath.Join(dir, "agent-new-x"), now)
	if got := left(); !slices.Equal(got, []string{".agent-new-x.NONCE", "agent-new-x", "agent-used-x", "other"}) {
		t.Errorf("left %v", got)
	}
}

func TestMergeEnv(t *testing.T) {
	base := []string{"A=1", "B=2", "EMPTY="}
	got := mergeEnv(base, []string{"B=x=y", "C=3", "C=4"})
	if !slices.Equal(got, []string{"A=1", "B=x=y", "EMPTY=", "C=4"}) || base[1] != "B=2" {
		t.Errorf("%q %q", got, base)
	}
}
