package snap

import (
	"strings"
	"testing"
)

func FuzzAnswers(f *testing.F) {
	f.Add("Name  Version  Rev  Tracking  Publisher  Notes\ncore 16 1 latest/stable canonical core,disabled\nx 1 2 - y\n")
	f.Add("name:      core\nwarning: no snap found for \"x\"\n")
	f.Add("x:a.b=c")
	f.Fuzz(func(t *testing.T, text string) {
		if have := table(text); len(have) > strings.Count(text, "\n")+1 {
			t.Errorf("%d snaps in %q", len(have), text)
		}
		found, unknown := named(text)
		if len(found)+len(unknown) > strings.Count(text, "\n")+1 {
			t.Errorf("%q, %q in %q", found, unknown, text)
		}
		if o, ok := parse(text); ok && (o.key == "" || o.value == "" || strings.HasPrefix(o.key, "-")) {
			t.Errorf("%+v of %q", o, text)
		}
	})
}
