package pacman

import (
	"strings"
	"testing"
)

func FuzzAnswers(f *testing.F) {
	f.Add("loading packages...\nresolving dependencies...\nacl 2.3.1-3\n")
	f.Add("acl 2.3.1-2 -> 2.3.1-3\nx 1 -> 2 [ignored]\n there is nothing to do\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range transaction(text) {
			if r[0] == "" || r[1] == "" || strings.HasSuffix(r[1], "...") {
				t.Errorf("%q in %q", r, text)
			}
		}
		for _, u := range upgrades(rows(text)) {
			if u.name == "" || u.from == "" || u.to == "" {
				t.Errorf("%+v in %q", u, text)
			}
		}
		if l := last(text); strings.Contains(l, "\n") {
			t.Errorf("last line %q of %q", l, text)
		}
	})
}
