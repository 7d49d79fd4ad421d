package cronvar

import (
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{
		Mask: []string{"backup_file"},
		Skip: map[string]string{
			"a value with blanks":                      "the reference changes it at every run",
			"a value with blanks there without quotes": "the reference says it changes, with the same text",
			"a value with a hash":                      "the reference changes it at every run",
			"a value with signs":                       "the reference changes it at every run",
			"an unclosed quote":                        "the reference fails",
			"after what is not there":                  "the reference says changed and does nothing",
			"before what is not there":                 "the reference says changed and does nothing",
			"a name with blanks":                       "the reference adds a line at every run",
		},
	})
}

func TestSet(t *testing.T) {
	for _, c := range []struct{ text, name, value, want string }{
		{"", "A", "b c", "A=b c\n"},
		{"A=b c\n", "A", "b c", ""},
		{"A = b # c\nX=\"\n", "A", "b # c", ""},
		{"A=b\n", "A", `x=y;z "e"`, "A=x=y;z \"e\"\n"},
		{"A=\"\"\n", "A", "", ""},
	} {
		tab := table{value.SplitLines(c.text, false)}
		changed, err := tab.set(c.name, c.value, "", "")
		if err != nil || changed != (c.want != "") || changed && tab.text() != c.want {
			t.Errorf("%q %s=%s: %v %v %q", c.text, c.name, c.value, changed, err, tab.text())
		}
	}
	tab := table{lines: []string{"A=1"}}
	if _, err := tab.set("X", "1", "Q", ""); err == nil {
		t.Error("a variable that is not there was found")
	}
}

func FuzzTable(f *testing.F) {
	f.Add("# x\nA=1\n*/5 * * * * root B=2 true\n", "A")
	f.Fuzz(func(t *testing.T, text, name string) {
		tab := table{value.SplitLines(text, false)}
		tab.remove(name)
		if tab.find(name) >= 0 {
			t.Errorf("%q is still in %q", name, tab.text())
		}
	})
}
