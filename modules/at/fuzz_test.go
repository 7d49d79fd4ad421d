package at

import (
	"strings"
	"testing"
)

func FuzzJobs(f *testing.F) {
	f.Add("5\tMon Nov 23 15:23:00 2026 a root\n\n6")
	f.Fuzz(func(t *testing.T, text string) {
		for _, n := range jobs(text) {
			if n == "" || strings.ContainsAny(n, " \t\n") {
				t.Errorf("job %q of %q", n, text)
			}
		}
	})
}
