package jinja_test

import (
	"context"
	"testing"

	"github.com/churten/churten/jinja"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// TestEnv holds that what each package adds can be reached by both its names.
func TestEnv(t *testing.T) {
	env := jinja.NewEnv(jinja.Options{})
	for _, c := range []struct{ src, want string }{
		{"{{ [1, 2] | to_nice_yaml }}", "- 1\n- 2\n"},
		{"{{ 'a' | ansible.builtin.upper }}", "A"},
		{"{{ '1.10' is version('1.9', '>') }}", "True"},
		{"{{ '1.10' is ansible.builtin.version('1.9', '>') }}", "True"},
		{"{{ range(3) | join }}", "012"},
		{"{{ omit is defined }}", "True"},
	} {
		x, err := expr.CompileTemplate(c.src, source.Pos{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := x.Eval(expr.NewCtx(context.Background(), env, nil))
		if err != nil || value.Text(v) != c.want {
			t.Errorf("%s = %v, %v; want %q", c.src, v, err, c.want)
		}
	}
}

func TestMissing(t *testing.T) {
	env := jinja.NewEnv(jinja.Options{Missing: func(kind, name string) *expr.Func {
		if kind != "filter" || name != "my.coll.twice" {
			return nil
		}
		return &expr.Func{Name: name, Fn: func(c *expr.Call) (value.Value, error) {
			return value.Arith(value.Mul, c.Args[0], value.Int(2))
		}}
	}})
	for _, c := range []struct{ src, want, err string }{
		{"{{ 4 | my.coll.twice }}", "8", ""},
		{"{{ 4 | my.coll.thrice }}", "", "Syntax error in template: No filter named 'my.coll.thrice'."},
		{"{{ 4 is my.coll.twice }}", "", "Syntax error in template: No test named 'my.coll.twice'."},
	} {
		x, err := expr.CompileTemplate(c.src, source.Pos{})
		if err != nil {
			t.Fatal(err)
		}
		got, msg := "", ""
		if v, err := x.Eval(expr.NewCtx(context.Background(), env, nil)); err != nil {
			msg = err.Error()
		} else {
			got = value.Text(v)
		}
		if got != c.want || msg != c.err {
			t.Errorf("%s = %q, %q; want %q, %q", c.src, got, msg, c.want, c.err)
		}
	}
}
