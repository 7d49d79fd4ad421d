package module

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/churten/churten/jinja/value"
)

func TestDictOrder(t *testing.T) {
	dict := func(pairs ...any) *value.Dict { return value.DictOf(pairs...) }
	for _, c := range []struct {
		name string
		r    Result
		want string
	}{
		{"plain", Result{Values: dict("ping", value.Str("pong"))}, "{'changed': False, 'ping': 'pong'}"},
		{"placed", Result{Changed: true, Msg: "m", Values: dict("path", value.Str("/x"), "changed", value.None, "msg", value.None, "z", value.Int(1))},
			"{'path': '/x', 'changed': True, 'msg': 'm', 'z': 1}"},
		{"placed but empty", Result{Values: dict("changed", value.None, "msg", value.None)}, "{'changed': False, 'msg': ''}"},
		{"failed", Result{Failed: true, Msg: "m", Values: dict("rc", value.Int(2))}, "{'rc': 2, 'failed': True, 'msg': 'm', 'changed': False}"},
		{"skipped", Result{Skipped: true, Msg: "m"}, "{'skipped': True, 'msg': 'm', 'changed': False}"},
		{"own msg", Result{Values: dict("msg", value.Strings("a"))}, "{'changed': False, 'msg': ['a']}"},
		{"warnings", Result{Warnings: []string{"w"}, Deprecated: []Deprecation{{Msg: "d", Version: "3"}}},
			"{'changed': False, 'warnings': ['w'], 'deprecations': [{'msg': 'd', 'version': '3'}]}"},
		{"one diff", Result{Diff: []Diff{{Before: value.Str("a"), After: value.Str("b"), BeforeHeader: "h"}}},
			"{'changed': False, 'diff': {'before': 'a', 'after': 'b', 'before_header': 'h'}}"},
		{"diff list", Result{DiffList: true, Diff: []Diff{{DstBinary: true, SrcLarger: 7}}}, "{'changed': False, 'diff': [{'dst_binary': 1, 'src_larger': 7}]}"},
		{"no diff, asked for", Result{DiffList: true, Values: dict("diff", value.None)}, "{'changed': False, 'diff': []}"},
		{"facts", Result{Facts: dict("a", value.Int(1))}, "{'changed': False, 'ansible_facts': {'a': 1}}"},
		{"invocation", Result{Invocation: dict("p", value.Str("q"))}, "{'changed': False, 'invocation': {'module_args': {'p': 'q'}}}"},
	} {
		d := c.r.Dict()
		if got := value.Repr(d); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if got := value.Repr(FromDict(d).Dict()); got != c.want {
			t.Errorf("%s, there and back:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestFromDict(t *testing.T) {
	r := FromDict(value.DictOf("changed", value.True, "failed", value.False, "msg", value.Str("m"), "diff",
		value.NewList(value.DictOf("before", value.Str("x"), "prepared", value.Str("p"), "other", value.Int(1))),
		"warnings", value.Strings("w"), "invocation", value.DictOf("module_args", value.DictOf("a", value.Int(1)))))
	if !r.Changed || r.Failed || r.Msg != "m" || len(r.Warnings) != 1 || r.Invocation.Len() != 1 {
		t.Errorf("%+v", r)
	}
	if len(r.Diff) != 1 || !r.DiffList || r.Diff[0].Prepared != "p" || value.Text(r.Diff[0].Before) != "x" || r.Diff[0].After != nil {
		t.Errorf("%+v", r.Diff)
	}
	if got, _ := r.Dict().GetStr("diff"); value.Repr(got) != "[{'before': 'x', 'prepared': 'p', 'other': 1}]" {
		t.Error(value.Repr(got))
	}
}

func runOf(f func(context.Context, *Call) (*Result, error)) *Module {
	return &Module{Name: "x.y.z", Spec: Spec{Args: []Arg{
		{Name: "path", Type: Path}, {Name: "pw", NoLog: true}, {Name: "inside", Hidden: true},
	}}, Run: f}
}

func TestRun(t *testing.T) {
	ctx := t.Context()
	args := value.DictOf("pw", value.Str("secret"), "inside", value.Str("i"))
	m := runOf(func(_ context.Context, c *Call) (*Result, error) {
		c.Warn("careful with secret")
		c.Secret(value.Str("token"))
		if c.Args.Str("inside") != "i" {
			t.Error("the hidden argument is not there")
		}
		return &Result{Changed: true, Msg: "used secret and token", Values: value.DictOf("pw", c.Args.Value("pw"), "n", value.Int(3))}, nil
	})
	r := Run(ctx, m, args, &Call{})
	want := "{'changed': True, 'pw': 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER', 'n': 3, 'msg': 'used ******** and ********', " +
		"'invocation': {'module_args': {'pw': 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER', 'path': None}}, 'warnings': ['careful with ********']}"
	if got := value.Repr(r.Dict()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}

	r = Run(ctx, m, args, &Call{Check: true, As: "z"})
	if !r.Skipped || r.Msg != "remote module (z) does not support check mode" {
		t.Errorf("check mode: %+v", r)
	}

	r = Run(ctx, m, value.DictOf("no", value.Int(1)), &Call{As: "z"})
	if !r.Failed || !strings.HasPrefix(r.Msg, "Unsupported parameters for (z) module: no. Supported parameters include: path, pw.") {
		t.Errorf("wrong argument: %+v", r)
	}

	r = Run(ctx, runOf(func(context.Context, *Call) (*Result, error) { panic("oops") }), nil, &Call{})
	if !r.Failed || !strings.Contains(r.Msg, "bug in module x.y.z: oops") || !strings.Contains(r.Exception, "result_test.go") {
		t.Errorf("panic: %+v", r)
	}

	r = Run(ctx, runOf(func(context.Context, *Call) (*Result, error) { return nil, nil }), nil, &Call{})
	if r.Failed || r.Changed {
		t.Errorf("nothing: %+v", r)
	}

	cause := errors.New("why")
	r = Run(ctx, runOf(func(context.Context, *Call) (*Result, error) {
		return nil, (&Failure{Msg: "no", Err: cause}).With("rc", value.Int(5))
	}), nil, &Call{})
	if rc, _ := r.Values.GetStr("rc"); !r.Failed || r.Msg != "no" || rc != value.Value(value.Int(5)) {
		t.Errorf("failure: %+v", r)
	}
}

// What a result names as path is described, after everything else.
func TestRunPathInfo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("abc"), 0o640); err != nil {
		t.Fatal(err)
	}
	m := runOf(func(_ context.Context, c *Call) (*Result, error) {
		return nil, (&Failure{Msg: "no"}).With("path", c.Args.Value("path"))
	})
	d := Run(t.Context(), m, value.DictOf("path", value.Str(path)), &Call{}).Dict()
	var keys []string
	for k := range d.All() {
		keys = append(keys, value.Text(k))
	}
	if got := strings.Join(keys, " "); got != "path failed msg uid gid owner group mode state size changed invocation" {
		t.Error(got)
	}
	if mode, _ := d.GetStr("mode"); value.Text(mode) != "0640" {
		t.Error(mode)
	}
}

// The directory of a call is made when asked for, and gone afterwards.
func TestRunTmp(t *testing.T) {
	dir := ""
	m := runOf(func(_ context.Context, c *Call) (*Result, error) {
		var err error
		if dir, err = c.Tmp(); err != nil {
			return nil, err
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%v, %v", info, err)
		}
		again, _ := c.Tmp()
		if again != dir {
			t.Error("two directories")
		}
		return nil, os.WriteFile(filepath.Join(dir, "x"), nil, 0o600)
	})
	if r := Run(t.Context(), m, nil, &Call{}); r.Failed {
		t.Fatal(r.Msg)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there", dir)
	}
}

func FuzzToDict(f *testing.F) {
	for _, s := range []string{"a=b", "{'a': 1}", `{"a": [1, 2]}`, "a='b c', d", "{'a': '\\x41'}", "{1: (2,)}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := toDict(value.Str(s))
		if err != nil || !utf8.ValidString(s) {
			return
		}
		// What was read can be read again from its text.
		again, err := toDict(value.Str(value.Repr(v)))
		if err == nil && value.Repr(again) != value.Repr(v) {
			t.Errorf("%q: %s, then %s", s, value.Repr(v), value.Repr(again))
		}
	})
}
