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

// What ufw 0.36 printed on Debian 12.
func TestDiffers(t *testing.T) {
	const (
		v4 = "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n"
		v6 = "### tuple ### allow tcp 22 ::/0 any ::/0 in\n"
		n4 = "### tuple ### deny any 9 0.0.0.0/0 any 0.0.0.0/0 in\n"
	)
	for _, c := range []struct {
		name, text, have string
		want             bool
	}{
		{"there", "Skipping adding existing rule\nSkipping adding existing rule (v6)\n", v4 + v6, false},
		{"new of one version", "*filter\n" + v4 + n4 + "COMMIT\n", v4 + v6, true},
		{"delete what is not there", "*filter\n" + v4 + "COMMIT\nCould not delete non-existent rule\n", v4 + v6, false},
		{"there of one version", "Skipping adding existing rule\n*filter\n" + v6 + "COMMIT\n", v4, true},
		{"the last goes", "*filter\nCOMMIT\n", v4, true},
		{"none there, none goes", "*filter\nCOMMIT\n", "", false},
		{"the first", "*filter\n" + v4 + "COMMIT\n", "", true},
	} {
		if got := differs(c.text, tupleLines(c.have)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
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
