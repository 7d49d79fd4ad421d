package tool

import (
	"errors"
	"slices"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
)

func TestQuote(t *testing.T) {
	for want, argv := range map[string][]string{
		"a b":             {"a", "b"},
		"'a b' ''":        {"a b", ""},
		`'it'"'"'s'`:      {"it's"},
		"/bin/x --y=1,2":  {"/bin/x", "--y=1,2"},
		"'$HOME' '*'":     {"$HOME", "*"},
		"u@h:/p %x 'ü'":   {"u@h:/p", "%x", "ü"},
		`'"' '\'`:         {`"`, `\`},
		"'new\nline' '~'": {"new\nline", "~"},
	} {
		got := Quote(argv...)
		if got != want {
			t.Errorf("%q: %s, want %s", argv, got, want)
		}
		back, err := process.Split(got)
		if err != nil || !slices.Equal(back, argv) {
			t.Errorf("%s is read back as %q, %v", got, back, err)
		}
	}
}

func TestEnviron(t *testing.T) {
	got := Environ([]string{"A=1", "B=2", "AB=3"}, "A=x", "C=y")
	if want := []string{"B=2", "AB=3", "A=x", "C=y"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	env := []string{"A=1", "A=2", "B="}
	for name, want := range map[string]string{"A": "2", "B": ""} {
		if v, ok := Getenv(env, name); !ok || v != want {
			t.Errorf("%s is %q, %t", name, v, ok)
		}
	}
	if _, ok := Getenv(env, "C"); ok {
		t.Error("C is set")
	}
}

func TestRun(t *testing.T) {
	c := &module.Call{Env: []string{"PATH=/usr/bin:/bin", "X=call"}, Dir: "/"}
	out, err := RunWith(t.Context(), c, Options{Env: []string{"Y=own"}, Stdin: []byte("in")}, "/bin/sh", "-c", `cat; echo "$X $Y" >&2; exit 3`)
	if err != nil || out.RC != 3 || out.Stdout != "in" || out.Stderr != "call own\n" {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = Check(t.Context(), c, "/bin/sh", "-c", "echo no >&2; exit 3")
	var f *module.Failure
	if !errors.As(err, &f) || f.Msg != "no" {
		t.Fatalf("error is %v", err)
	}
	want := value.DictOf("cmd", value.Str("/bin/sh -c 'echo no >&2; exit 3'"), "rc", value.Int(3), "stdout", value.Str(""), "stderr", value.Str("no\n"))
	if !value.Equal(f.Values, want) {
		t.Errorf("values are %s", value.Repr(f.Values))
	}
	_, err = Run(t.Context(), c, "/nonexistent/program", "x")
	if !errors.As(err, &f) || f.Msg != "Error executing command." {
		t.Fatalf("error is %v", err)
	}
	if rc, _ := f.Values.GetStr("rc"); rc != value.Value(value.Int(2)) {
		t.Errorf("rc is %v", rc)
	}
}
