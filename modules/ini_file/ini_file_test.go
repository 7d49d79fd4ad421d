package inifile

import (
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"absent all before the sections":      "the reference removes the first section; here nothing is not everything",
		"option without value gets one":       "the reference adds the line with every run; TestNoValue",
		"section only with a value":           "the reference stumbles over itself the second time",
		"section only there with a value":     "the reference stumbles over itself",
		"section_has_values without sections": "the reference makes a section with a random name; here it is an error",
		"not utf-8":                           "bytes that are no text stay as they are here",
	}})
}

func TestNoValue(t *testing.T) {
	d := parse("[mysqld]\nskip-name\n")
	w := want{section: "mysqld", option: "skip-name", hasOption: true, values: []string{"on"}, exclusive: true, inactive: true, noValue: true, equals: " = "}
	if msg := d.present(w); msg != "option changed" || d.text() != "[mysqld]\nskip-name = on\n" {
		t.Errorf("%q %q", msg, d.text())
	}
	if msg := d.present(w); msg != "" {
		t.Errorf("%q %q", msg, d.text())
	}
}

func FuzzDocument(f *testing.F) {
	f.Add("[a]\nx = 1\n#x=2\n[b]\n", "a", "x", "2", true, true, false)
	f.Fuzz(func(t *testing.T, text, section, option, val string, exclusive, inactive, ignore bool) {
		if strings.ContainsAny(section+option+val, "\n\r[]#;=") || option == "" || strings.TrimSpace(option) != option || strings.TrimSpace(val) != val || strings.TrimSpace(section) != section {
			return
		}
		w := want{section: section, option: option, hasOption: true, values: []string{val}, exclusive: exclusive, inactive: inactive, ignoreSpaces: ignore, equals: "="}
		d := parse(text)
		d.present(w)
		if msg := d.present(w); msg != "" {
			t.Errorf("again: %q %q", msg, d.text())
		}
		d.absent(w)
		if msg := d.absent(w); msg != "" {
			t.Errorf("absent again: %q %q", msg, d.text())
		}
	})
}
