package sysvinit

import (
	"testing"

	"github.com/churten/churten/modules/kit/tool"
)

func FuzzSays(f *testing.F) {
	f.Add("cron is running.\n", 0)
	f.Add("x is not running\n", 3)
	f.Fuzz(func(t *testing.T, text string, rc int) {
		if says(tool.Output{Stdout: text + "\nmore\n", RC: rc}) != (rc == 0) {
			t.Errorf("more than one line is read as words: %q", text)
		}
		says(tool.Output{Stdout: text, RC: rc})
	})
}
