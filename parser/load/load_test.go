package load

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/parser/vault"
)

var secrets = &vault.Secrets{List: []vault.Secret{{Password: []byte("pw")}}}

func encrypted(t *testing.T, text string) string {
	t.Helper()
	out, err := vault.Encrypt([]byte(text), secrets.List[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vars.yml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTemplatesAreMadeHere(t *testing.T) {
	path := write(t, "a: '{{ x }}'\nb: plain\nc: !unsafe '{{ x }}'\nd: {e: [1, '{{ y }}']}\nf: [1]\ng: '{{ x'\n")
	vars, err := New(nil, nil).Vars(path)
	if err != nil {
		t.Fatal(err)
	}
	get := func(name string) value.Value { v, _ := vars.GetStr(name); return v }
	tmpl, ok := get("a").(*expr.Template)
	if !ok {
		t.Fatalf("a is %T", get("a"))
	}
	if at := tmpl.Pos(); at != (source.Pos{File: path, Line: 1, Col: 4}) {
		t.Errorf("a stands at %v", at)
	}
	if c, err := value.Force(get("c")); get("b") != value.Str("plain") || err != nil || c != value.Str("{{ x }}") {
		t.Errorf("b is %v, c is %v", get("b"), get("c"))
	}
	d := get("d").(*value.Dict)
	e, _ := d.GetStr("e")
	if !vars.Lazy || !d.Lazy || !e.(*value.List).Lazy || get("f").(*value.List).Lazy {
		t.Error("Lazy is wrong")
	}
	if _, err := value.Force(get("g")); err == nil {
		t.Error("a template with a fault in it gives no error when used")
	}
}

func TestVaults(t *testing.T) {
	whole := write(t, encrypted(t, "a: 1\n"))
	scalar := write(t, "a: !vault |\n  "+strings.ReplaceAll(strings.TrimSpace(encrypted(t, "{{ no }}")), "\n", "\n  ")+"\n")
	l := New(secrets, nil)
	doc, err := l.File(whole)
	if err != nil || !doc.Vaulted {
		t.Errorf("%v, vaulted %v", err, doc.Vaulted)
	}
	vars, err := l.Vars(scalar)
	if err != nil || !vars.Lazy {
		t.Fatalf("%v, lazy %v", err, vars.Lazy)
	}
	v, _ := vars.GetStr("a")
	if v, err = value.Force(v); err != nil || v != value.Str("{{ no }}") {
		t.Errorf("%v, %v", v, err)
	}
	if _, err := New(nil, nil).File(whole); err == nil || !errors.Is(err, vault.ErrNoSecrets) {
		t.Errorf("without secrets: %v", err)
	}
}

func TestJSONIsReadAsJSON(t *testing.T) {
	doc, err := New(nil, nil).Parse([]byte("{\"a\": 1e3, \"t\": \"{{ x }}\",\n \"b\": [true, null, 12345678901234567890], \"a\": 2.0}"), "f.json")
	if err != nil {
		t.Fatal(err)
	}
	d := doc.Value.(*value.Dict)
	if a, _ := d.GetStr("a"); a != value.Float(2) {
		t.Errorf("a is %v", a)
	}
	if b, _ := d.GetStr("b"); value.Repr(b) != "[True, None, 12345678901234567890]" {
		t.Errorf("b is %v", value.Repr(b))
	}
	if v, _ := d.GetStr("t"); v.Type() != "template" {
		t.Errorf("t is %T", v)
	}
	if at := doc.Root.Get("b").Pos.String(); at != "f.json" { // as the reference has it
		t.Errorf("b stands at %s", at)
	}
}

func TestVarsOfOtherShapes(t *testing.T) {
	if v, err := New(nil, nil).Vars(write(t, "---\n")); err != nil || v.Len() != 0 {
		t.Errorf("empty: %v, %v", v, err)
	}
	var not *NotMapping
	if _, err := New(nil, nil).Vars(write(t, "- 1\n")); !errors.As(err, &not) {
		t.Errorf("a list: %v", err)
	}
	if _, err := New(nil, nil).Vars("/no/such/file"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestFilesAreReadOnceAndWarnOnce(t *testing.T) {
	warned := 0
	l := New(nil, func(yaml.Warning) { warned++ })
	path := write(t, "a: 1\na: 2\n")
	first, err := l.File(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("a: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, _ := l.File(path)
	if first != again || warned != 1 {
		t.Errorf("read again, or %d warnings", warned)
	}
	l.Forget(path)
	if later, _ := l.File(path); later == first {
		t.Error("not read again after Forget")
	}
}
