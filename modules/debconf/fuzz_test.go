package debconf

import (
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
)

func FuzzParse(f *testing.F) {
	f.Add("* tzdata/Areas: Etc\n  tzdata/Zones/Etc: UTC\n:\nx\n")
	f.Fuzz(func(t *testing.T, text string) {
		if d := parse(text); d.Len() > strings.Count(text, "\n")+1 {
			t.Errorf("%s of %q", value.Repr(d), text)
		}
	})
}
