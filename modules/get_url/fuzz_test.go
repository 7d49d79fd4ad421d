package geturl

import (
	"strings"
	"testing"
)

func FuzzPick(f *testing.F) {
	f.Add("0123  a.tar\n4567 *b.tar\nSHA256 (c.tar) = 89ab\n", "b.tar")
	f.Add("0123\n", "a")
	f.Add(") = x (", "")
	f.Fuzz(func(t *testing.T, text, name string) {
		if sum, ok := pick(text, name); ok && !strings.Contains(text, sum) {
			t.Errorf("%q for %q of %q", sum, name, text)
		}
	})
}
