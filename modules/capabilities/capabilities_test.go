package capabilities

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{})
}

func TestParse(t *testing.T) {
	for text, want := range map[string]capability{"cap_a=ep": {"cap_a", "=", "ep"}, "cap_a+p": {"cap_a", "+", "p"}, "cap_a-": {"cap_a", "-", ""}, "cap_a": {"cap_a", "", ""}} {
		if got, err := parse(text, false); err != nil || got != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, text := range []string{"cap_a", "", "a=b=c"} {
		if got, err := parse(text, true); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func FuzzTold(f *testing.F) {
	f.Add("/f cap_a,cap_b=ep")
	f.Add("/f = cap_a+p cap_b=ep")
	f.Fuzz(func(t *testing.T, text string) {
		if list, err := told(text); err != nil && list != nil {
			t.Errorf("%q: %v and %v", text, list, err)
		}
	})
}
