package blockinfile

import (
	"strings"
	"testing"
)

func FuzzSplit(f *testing.F) {
	f.Add("a\r\nb\rc\n\nd")
	f.Fuzz(func(t *testing.T, text string) {
		lines := split(text)
		if strings.Join(lines, "") != text {
			t.Errorf("%q of %q", lines, text)
		}
		for _, l := range lines {
			if l == "" {
				t.Errorf("an empty line in %q of %q", lines, text)
			}
		}
	})
}
