package runit

import (
	"strings"
	"testing"
)

func FuzzRead(f *testing.F) {
	f.Add("run: sshd: (pid 5) 9s; run: log: (pid 4) 9s")
	f.Add("down: sshd: 1s, normally up")
	f.Add("fail: x: unable to change to service directory: file does not exist")
	f.Fuzz(func(t *testing.T, text string) {
		state, pid, age := read(text)
		if state != "started" && state != "stopped" && state != "unknown" {
			t.Errorf("state %q", state)
		}
		if strings.Trim(pid+age, "0123456789") != "" {
			t.Errorf("pid %q, age %q", pid, age)
		}
	})
}
