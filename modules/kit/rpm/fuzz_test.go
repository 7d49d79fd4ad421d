package rpm

import (
	"strings"
	"testing"
)

func FuzzParseLines(f *testing.F) {
	f.Add("bash\t(none)\t5.2\t1.fc40\tx86_64\npackage x is not installed\ngpg-pubkey\t(none)\ta\tb\t(none)\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range ParseLines(text) {
			if strings.ContainsAny(p.Name+p.Epoch+p.Version+p.Release+p.Arch, "\t\n") {
				t.Errorf("%+v", p)
			}
			if !p.Matches(p.Name) && !IsPattern(p.Name) {
				t.Errorf("%+v is not %q", p, p.Name)
			}
		}
	})
}
