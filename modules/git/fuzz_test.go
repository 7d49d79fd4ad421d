package git

import (
	"strings"
	"testing"
)

func FuzzAnswers(f *testing.F) {
	f.Add("0123\trefs/tags/v1\n4567\trefs/tags/v1^{}\n", "refs/tags/v1")
	f.Add("[GNUPG:] VALIDSIG AB 2024 1 2 3 4 5 6 7 CD\n", "HEAD")
	f.Fuzz(func(t *testing.T, text, ref string) {
		if commit, ok := refCommit(text, ref); ok && !strings.Contains(text, commit+"\t"+ref) {
			t.Errorf("%q for %q of %q", commit, ref, text)
		}
		if key := fingerprint(text); strings.ContainsAny(key, " \n") {
			t.Errorf("key %q", key)
		}
	})
}
