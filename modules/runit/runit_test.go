package runit

import (
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	// The size of a directory is its file system's.
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Mask: []string{"size"}})
}

func TestRead(t *testing.T) {
	for text, want := range map[string]string{
		"run: a: (pid 42) 7s\n": "started 42 7",
		"run: /var/service/10s: (pid 42) 7s, normally down; run: log: (pid 1) 9s": "started 42 7",
		"down: a: 1s, normally up, want up; run: log: (pid 41) 9s\n":              "stopped  1",
		"finish: a: (pid 42) 0s, want down, got TERM":                             "unknown 42 0",
		"fail: a: runsv not running\n":                                            "unknown  ",
		"warning: a: unable to open supervise/ok: file does not exist\n":          "unknown  ",
		"": "unknown  ",
	} {
		state, pid, age := read(text)
		if got := strings.Join([]string{state, pid, age}, " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
