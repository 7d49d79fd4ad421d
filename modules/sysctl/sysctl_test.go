package sysctl

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{})
}

func FuzzTable(f *testing.F) {
	f.Add("a = 1\n# c\na=2\nb\n", "a", "3")
	f.Fuzz(func(t *testing.T, text, key, val string) {
		k, v, ok := setting(key + "=" + val)
		if !ok || k != key || v != val || k == "" {
			return
		}
		if _, there := parse(parse(text).with(key, nil)).get(key); there {
			t.Error("still there")
		}
		after := parse(text).with(key, &val)
		if len(parse(val).lines) > 1 {
			return
		}
		if got, ok := parse(after).get(key); !ok || got != val {
			t.Errorf("%q %v in %q", got, ok, after)
		}
	})
}
