package ufw

import (
	"slices"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"all of the rest":         "a quote in a comment is no error here; TestQuotes",
		"the comment has a quote": "quotes of a comment stay in it here; TestQuotes",
	}})
}

func TestQuotes(t *testing.T) {
	a := module.Args{Dict: value.DictOf("rule", value.Str("allow"), "to_ip", value.Str("any"), "comment", value.Str(`it's "why"`))}
	argv, shown := words(a, false, true, 0)
	if want := []string{"allow", "to", "any", "comment", `it's "why"`}; !slices.Equal(argv, want) || shown != `allow to any comment 'it's "why"'` {
		t.Errorf("%q %s", argv, shown)
	}
}

func FuzzStatus(f *testing.F) {
	f.Add("Status: active\nLogging: on (low)\nDefault: deny (incoming), allow (outgoing), disabled (routed)\n[ 1] 22 ALLOW IN Anywhere (v6)\nufw 0.36\n", "first-ipv6", int64(1))
	f.Fuzz(func(t *testing.T, text, from string, offset int64) {
		s := status(text)
		s.policy("")
		s.logging()
		version(text)
		numbered(text, from, offset)
		for _, line := range tupleLines(text) {
			sixth(line)
		}
	})
}
