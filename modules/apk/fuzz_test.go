package apk

import (
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
)

func FuzzAnswers(f *testing.F) {
	f.Add("(1/2) Installing foo (1.0-r0)\n", "foo")
	f.Add("foo-1.0-r0      < 1.1-r0\n", "foo")
	f.Fuzz(func(t *testing.T, text, name string) {
		list := packages(text).(*value.List)
		if lines := strings.Count(text, "\n") + 1; len(list.Items) > lines {
			t.Errorf("%d packages of %d lines", len(list.Items), lines)
		}
		if older(text, name) && !strings.Contains(text, name+"-") {
			t.Errorf("%q is older by %q, which does not name it", name, text)
		}
		if world := strings.Fields(text); inWorld(world, name) && !strings.Contains(text, name) {
			t.Errorf("%q is in %q", name, world)
		}
	})
}
