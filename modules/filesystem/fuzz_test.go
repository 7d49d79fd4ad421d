package filesystem

import (
	"strings"
	"testing"
)

func FuzzAnswers(f *testing.F) {
	f.Add("Block count:              1024\nBlock size:  4096\n", "Block count:")
	f.Add("mkfs.f2fs Ver: 1.15.0 (2022-05-20)\n", "Ver: ")
	f.Add("99999999999999999999.1", "")
	f.Fuzz(func(t *testing.T, text, word string) {
		if v := field(text, word); !strings.Contains(text, v) {
			t.Errorf("%q is not in %q", v, text)
		}
		firstWord(text)
		if word == "" {
			return // modules look for a word always
		}
		if v := versionBehind(text, word); v != nil && (len(v) < 2 || v[0] < 0) {
			t.Errorf("version %v of %q", v, text)
		}
	})
}
