package sshconfig

import (
	"reflect"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{
		Mask: []string{"hosts_change_diff"}, // TestDiff
		Skip: map[string]string{
			"new file in check mode":          "the reference makes the file",
			"absent and no file":              "the reference makes the file",
			"changed again":                   "the reference says changed at every run",
			"same":                            "the reference says changed at every run",
			"empty values":                    "the reference says changed at every run",
			"only a host that is there":       "the reference says changed at every run",
			"two blanks asked for":            "the reference adds the host at every run",
			"host star there":                 "the reference adds the host at every run",
			"quoted host":                     "the reference does not know the host by its name without quotes",
			"options before the first host":   "the reference gives them a Host *, which then is one that can be removed",
			"a match":                         "the reference takes it for an option of the host before it",
			"repeated options of other kinds": "the reference loses them, and changes those with an equals sign",
			"twice the same host absent":      "the reference fails",
		},
	})
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"Host a\n\tPort = 1\n# c\nUser=x y\n", "Host a\n    port 1\n    user x y\n# c\n"},
		{"port 1\n# c\nHost *\n", "port 1\n# c\nHost *\n"},
		{"host a\nProxyCommand ssh -o A=b gw\nMatch host=x\n  User u", "Host a\n    proxycommand ssh -o A=b gw\nMatch host=x\n    user u\n"},
		{"Host \"a  b\"  c\n", "Host \"a  b\"  c\n"},
	} {
		d, err := parse(c.text)
		if err != nil || d.text() != c.want {
			t.Errorf("%q: %v %q", c.text, err, d.text())
		}
	}
	for _, bad := range []string{"Host\n", "Port\n", "Port =\n"} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"a  b\tc": {"a", "b", "c"}, "\"a b\" c": {"a b", "c"}, "a # b": {"a"}, "\"a": {"\"a"}, "'x'": {"x"}, " ": nil, "a#b": {"a#b"},
	} {
		if got := words(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestDiff(t *testing.T) {
	d, err := parse("Host a\nPort 1\nIdentityFile x\nIdentityFile y\nUser u\n")
	if err != nil {
		t.Fatal(err)
	}
	did := change(d, "a", "present", []line{{"port", "2"}, {"identityfile", "z"}})
	want := "[{'a': {'old': {'port': '1', 'identityfile': ['x', 'y'], 'user': 'u'}, 'new': {'port': '2', 'identityfile': ['z'], 'user': 'u'}}}]"
	if got := value.Repr(value.NewList(did.diff...)); got != want {
		t.Error(got)
	}
	if did := change(d, "a", "present", []line{{"port", "2"}, {"identityfile", "z"}}); did.changed() {
		t.Error("again:", did)
	}
}

// The files of a play that the reference has no good answer for.
func TestBlocks(t *testing.T) {
	const text = "Port 9\nHost *\n  Port 1\nHost a\n  User u\n# about b\nMatch user x\n  Port 3\nHost a\n  User v\n"
	for _, c := range []struct{ host, state, want string }{
		{"*", "absent", "port 9\nHost a\n    user u\n# about b\nMatch user x\n    port 3\nHost a\n    user v\n"},
		{"a", "absent", "port 9\nHost *\n    port 1\n# about b\nMatch user x\n    port 3\n"},
		{"a", "present", "port 9\nHost *\n    port 1\nHost a\n    user w\n# about b\nMatch user x\n    port 3\nHost a\n    user w\n"},
	} {
		d, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if did := change(d, c.host, c.state, []line{{"user", "w"}}); !did.changed() || d.text() != c.want {
			t.Errorf("%s %s: %q", c.host, c.state, d.text())
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ key, text string }{{"host", ""}, {"host", "a\nPort 1"}, {"hostname", "x\nPort 1"}, {"user", "no such user"}} {
		args := value.DictOf("host", value.Str("a"), c.key, value.Str(c.text))
		if res := module.Run(t.Context(), &Module, args, &module.Call{Check: true}); !res.Failed {
			t.Errorf("%s %q: %+v", c.key, c.text, res)
		}
	}
}

func FuzzDocument(f *testing.F) {
	f.Add("# x\nPort 1\nHost a b\n  User=u\nMatch all\n", "a b", "port", "2")
	f.Fuzz(func(t *testing.T, text, host, key, val string) {
		key, val = strings.ToLower(key), strings.TrimSpace(val)
		if len(words(host)) == 0 || strings.ContainsAny(host+val, "\r\n") || val == "" || val[0] == '=' || key == "" || strings.ContainsAny(key, " \t\r\n=#\"\v\f\u0085\u00a0") || key == "host" || key == "match" {
			return
		}
		d, err := parse(text)
		if err != nil {
			return
		}
		change(d, host, "present", []line{{key, val}})
		if did := change(d, host, "present", []line{{key, val}}); did.changed() {
			t.Errorf("again: %q", d.text())
		}
		change(d, host, "absent", nil)
		if len(d.find(host)) > 0 {
			t.Errorf("still there: %q", d.text())
		}
	})
}
