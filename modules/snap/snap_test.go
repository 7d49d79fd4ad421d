package snap

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	const crash, text, one = "the reference crashes", "the reference compares texts", "snap enables and disables one only; TestOwn"
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"other track":                 "the reference does not ask for stable; TestOwn",
		"track only":                  "the reference does not know that this is stable; TestOwn",
		"other channel and dangerous": "the reference gives snap refresh an option that it has not; TestOwn",
		"file missing":                crash,
		"unknown":                     crash + "; TestOwn",
		"info says nothing":           crash + "; TestOwn",
		"options with null":           crash + "; TestSame",
		"options with a list":         crash + "; TestSame",
		"absent with all":             "the reference gives snap options before the command; TestOwn",
		"enabled with all":            "the reference gives snap options before the command",
		"enabled several":             one,
		"disabled several":            one,
		"options nested":              text,
		"options with a boolean":      text + "; TestSame",
		"options with an equals sign": "the reference takes the last colon before an equals sign; TestParse",
		"options with a newline":      "the reference drops the second line; TestParse",
		"options with an empty snap":  "the reference takes the colon for a part of the key; TestParse",
		"options of a new snap":       "the reference sets them in the next run; TestOwn",
		"list fails":                  "the reference takes it for no snaps; TestOwn",
		"list fails for present":      "the reference takes it for no snaps",
	}})
}

// What is left different from the reference.
func TestOwn(t *testing.T) {
	bin, err := filepath.Abs("testdata/bin")
	if err != nil {
		t.Fatal(err)
	}
	words := value.Strings
	arg := func(pairs ...any) *value.Dict { return value.DictOf(pairs...) }
	for _, c := range []struct {
		name    string
		say     map[string]string
		args    *value.Dict
		changed bool
		log     string
		msg     string
	}{
		{name: "back to stable", args: arg("name", words("lts"), "channel", value.Str("stable")), changed: true, log: "refresh --channel stable lts\n"},
		{name: "track", args: arg("name", words("lts"), "channel", value.Str("5.0"))},
		{name: "dangerous refresh", args: arg("name", words("foo"), "channel", value.Str("edge"), "dangerous", value.True), changed: true, log: "refresh --channel edge foo\n"},
		{name: "unknown", args: arg("name", words("nope")), msg: `Snaps not found: ['"nope"'].`},
		{name: "no words", say: map[string]string{"info": ""}, args: arg("name", words("foo")), msg: "snap info names 0 snaps of 1 asked for"},
		{name: "no daemon", say: map[string]string{"list.rc": "1", "list.err": "error: cannot list snaps\n"}, args: arg("name", words("foo"), "state", value.Str("absent")), msg: "snap list failed: error: cannot list snaps"},
		{name: "absent with all", args: arg("name", words("foo"), "state", value.Str("absent"), "classic", value.True, "channel", value.Str("edge")), changed: true, log: "remove foo\n"},
		{name: "enabled", args: arg("name", words("bar", "foo", "two"), "state", value.Str("enabled")), changed: true, log: "enable bar\nenable two\n"},
		{name: "disabled", args: arg("name", words("foo", "bar", "lts"), "state", value.Str("disabled")), changed: true, log: "disable foo\ndisable lts\n"},
		{name: "options of a new snap", args: arg("name", words("new"), "options", words("a=1", "b=2")), changed: true, log: "install new\nset new b=2\n"},
		{name: "option that is wrong", args: arg("name", words("new"), "options", words("a=1", "b")), msg: "Cannot parse set option 'b'"},
		{name: "option for a name", args: arg("name", words("--x")), msg: "'--x' is no name of a snap"},
	} {
		root := t.TempDir()
		for name, content := range map[string]string{
			"snaps/foo": "1 33 latest/stable me -\n", "snaps/bar": "1 1 latest/stable me disabled\n", "snaps/two": "1 1 latest/stable me disabled\n",
			"snaps/lts": "1 1 5.0/stable me -\n", "store/new": "1\n", "conf/new": `{"a": 1}`,
		} {
			write(t, filepath.Join(root, name), content)
		}
		for name, content := range c.say {
			write(t, filepath.Join(root, "say", name), content)
		}
		for _, check := range []bool{true, false} {
			res := module.Run(t.Context(), &Module, c.args, &module.Call{Check: check, Env: []string{"PATH=" + bin + ":/usr/bin:/bin", "ROOT=" + root}})
			log, err := os.ReadFile(filepath.Join(root, "log"))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			want := c.log
			if check {
				want = ""
			}
			if res.Failed != (c.msg != "") || !strings.HasPrefix(res.Msg, c.msg) || res.Changed != c.changed || string(log) != want {
				t.Errorf("%s, check %t: failed %t, changed %t, %q, log %q", c.name, check, res.Failed, res.Changed, res.Msg, log)
			}
		}
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]option{
		"a=1":         {"", "a", "1"},
		"a = 1 ":      {"", "a", "1"},
		"a=b=c":       {"", "a", "b=c"},
		"foo:a=x:y=z": {"foo", "a", "x:y=z"},
		"a=1\nb":      {"", "a", "1\nb"},
		"foo:a.b=1":   {"foo", "a.b", "1"},
	} {
		if got, ok := parse(text); !ok || got != want {
			t.Errorf("%q is %+v, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "a", "a=", "=1", ":a=1", "x y=1", "foo:=1", "-t=1", "a:b"} {
		if got, ok := parse(text); ok {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func TestSame(t *testing.T) {
	v, err := value.ParseJSON(`{"t": true, "one": 1, "f": 1.5, "s": "x", "n": "1", "z": null, "l": ["a", 1], "d": {"e": {"k": "v"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"t=true": true, "t=True": true, "t=false": false, "t=1": false, "one=1": true, "one=true": false, "one=2": false, "f=1.5": true, "f=1.50": true,
		"s=x": true, `s="x"`: true, "s=y": false, "n=1": true, "z=null": true, "z=1": false, `l=["a", 1]`: true, "l=a": false,
		"d.e.k=v": true, "d.e=v": false, `d={"e":{"k":"v"}}`: true, "d.x=1": false, "s.x=1": false, "new=1": false,
	} {
		o, ok := parse(text)
		if got := same(v.(*value.Dict), o); !ok || got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}

// Texts of snap 2.57.
func TestTexts(t *testing.T) {
	have := table("Name    Version  Rev  Tracking       Publisher    Notes\nbar     1.2      33   latest/edge    me           disabled,classic\n" +
		"core20  1.2      33   latest/stable  canonical**  base\ndev     1.2      x1   -              -            devmode\nold 1 2 edge me -\n")
	want := map[string]installed{"bar": {"latest/edge", true}, "core20": {"latest/stable", false}, "dev": {"-", false}, "old": {"latest/edge", false}}
	for name, s := range want {
		if have[name] != s {
			t.Errorf("%s is %+v", name, have[name])
		}
	}
	if len(have) != len(want) {
		t.Error(have)
	}
	found, unknown := named("name:      foo\nsummary:   A foo\ndescription: |\n  \n  name: not this\nsnap-id: 1\n---\nwarning: no snap found for \"nope\"\n---\npath:      \"/x.snap\"\nname:      bar\n")
	if !slices.Equal(found, []string{"foo", "bar"}) || !slices.Equal(unknown, []string{`"nope"`}) {
		t.Error(found, unknown)
	}
	for channel, want := range map[string]string{"edge": "latest/edge", "5.0": "5.0/stable", "5.0/beta": "5.0/beta", "edge/fix": "latest/edge/fix", "latest/stable": "latest/stable"} {
		if got := full(channel); got != want {
			t.Errorf("%s is %s", channel, got)
		}
	}
}
