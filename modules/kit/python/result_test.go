package python

import (
	"testing"

	"github.com/churten/churten/jinja/value"
)

// Texts and forms seen on ansible-core 2.19.14.
func TestResult(t *testing.T) {
	for _, c := range []struct{ name, out, want string }{
		{"plain", `{"a": 1}`, `{'a': 1}`},
		{"warning", `{"warnings": [{"event": {"msg": "w", "__ansible_type": "Event"}, "__ansible_type": "WarningSummary"}]}`, `{'warnings': ['w']}`},
		{"help", `{"warnings": [{"event": {"msg": "w", "help_text": "h", "__ansible_type": "Event"}, "__ansible_type": "WarningSummary"}]}`,
			`{'warnings': ['w'], '_ansible_churten_help_of': {'w': 'h'}}`},
		{"deprecation", `{"deprecations": [{"event": {"msg": "d"}, "deprecator": {"resolved_name": "a.b.c", "type": {"value": "module", "__ansible_type": "PluginType"}, "__ansible_type": "PluginInfo"}, "version": "3.0", "__ansible_type": "DeprecationSummary"}]}`,
			`{'deprecations': [{'msg': 'd', 'version': '3.0', 'collection_name': 'a.b', 'deprecator': {'resolved_name': 'a.b.c', 'type': 'module'}}]}`},
		{"exception", `{"failed": true, "exception": {"event": {"msg": "bad", "__ansible_type": "Event"}, "__ansible_type": "ErrorSummary"}}`,
			`{'failed': True, 'msg': 'Task failed: Module failed: bad'}`},
		{"exception with a cause", `{"failed": true, "msg": "m", "exception": {"event": {"msg": "m", "chain": {"event": {"msg": "c"}}}, "__ansible_type": "ErrorSummary"}}`,
			`{'failed': True, 'msg': 'm', '_ansible_cause': 'c'}`},
		{"traceback of older ones", `{"failed": true, "msg": "m", "exception": "Traceback …"}`, `{'failed': True, 'msg': 'm'}`},
		{"empty lists", `{"warnings": [], "deprecations": []}`, `{}`},
	} {
		d := Result(&Output{Stdout: []byte(c.out)}, "/usr/bin/python3")
		if got := value.Repr(d); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestKeep(t *testing.T) {
	d := value.DictOf("warnings", value.Strings("a"), warningsKey, value.Strings("b"), interpreterKey, value.Str("/usr/bin/python3"), HelpKey, value.Str("h"))
	keep(d)
	want := `{'warnings': ['a', 'b']}`
	if got := value.Repr(d); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// Seen on ansible-core 2.19.14 with modules that raise such chains.
func TestChained(t *testing.T) {
	for _, c := range []struct {
		msgs []string
		want string
	}{
		{[]string{"one"}, "one"},
		{[]string{"a long one", "a long one"}, "a long one"},
		{[]string{"a long one", "long"}, "a long one: long"},
		{[]string{"first", "second", "first"}, "first: second: first"},
		{[]string{"first", "second.", "third"}, "first: second: third"},
		{[]string{"first.", "second.", "third."}, "first: second: third."},
		{[]string{"first: second", "second", "third"}, "first: second: second: third"},
		{[]string{"two..", "second", "second"}, "two: second"},
		{[]string{"the end", "end"}, "the end"},
		{[]string{"the end.", "end"}, "the end: end"},
		{[]string{"first", "", "third"}, "first: : third"},
	} {
		if got := chained(c.msgs); got != c.want {
			t.Errorf("%q: %q, want %q", c.msgs, got, c.want)
		}
	}
}

// Seen on ansible-core 2.19.14 with async modules, apart from the traceback in msg.
func TestJobResult(t *testing.T) {
	for _, c := range []struct{ name, out, err, want string }{
		{"plain", `{"a": 1}`, "", `{'a': 1}`},
		{"stderr", `{"a": 1}`, "e\n", `{'a': 1, 'stderr': 'e\n'}`},
		{"stderr of both kinds", `{"stderr": "own"}`, "e\n", `{'stderr': 'e\n'}`},
		{"junk", "{\"a\": 1}\njunk", "", `{'a': 1, 'warnings': ['Module invocation had junk after the JSON data: junk']}`},
		{"garbage", "nothing\n", "e\n", `{'failed': True, 'cmd': 'ansible.legacy.m', 'data': 'nothing\n', 'stderr': 'e\n', 'msg': 'Module result deserialization failed: No start of json char found'}`},
	} {
		d := jobResult(&Output{Stdout: []byte(c.out), Stderr: []byte(c.err)}, "ansible.legacy.m")
		keep(d)
		if got := value.Repr(d); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func FuzzResult(f *testing.F) {
	for _, s := range []string{`{"a": 1}`, "x\n{\"__ansible_type\": \"Event\"}\ny", `{"exception": {"__ansible_type": "ErrorSummary", "event": {"chain": {"event": null}}}}`,
		`{"warnings": [{"__ansible_type": "WarningSummary"}], "deprecations": {"__ansible_type": "DeprecationSummary"}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, out []byte) {
		d := Result(&Output{Stdout: out}, "python")
		keep(d)
		_ = value.Repr(d)
	})
}
