package xbps

import (
	"strings"
	"testing"
)

func FuzzUpdated(f *testing.F) {
	f.Add("bash-5.2_1 update x86_64 repo 1 2\nnew-1_1 install\n")
	f.Fuzz(func(t *testing.T, text string) {
		for name := range updated(text) {
			if name == "" || !strings.Contains(text, name+"-") {
				t.Errorf("%q of %q", name, text)
			}
		}
	})
}
