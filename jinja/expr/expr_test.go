package expr_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

func template(t testing.TB, src string) *expr.Template {
	t.Helper()
	x, err := expr.CompileTemplate(src, source.Pos{File: "v.yml", Line: 1, Col: 1})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestReads(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"1 + 2", ""},
		{"a.b.c", "a"},
		{"a[b] and c is d(e)", "a b c e"},
		{"a | f(b, k=c, *d, **e)", "a b c d e"},
		{"a if b else c", "b a c"},
		{"{a: b, 'x': [c, (d, e)]}", "a b c d e"},
		{"a ~ b ~ a", "a b"},
		{"a[b:c:d] < -e", "a b c d e"},
		{"lookup('file', path)", "lookup path"},
		{"true and none", ""},
	} {
		x, err := expr.CompileExpr(c.src, source.Pos{})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(x.Reads(), " "); got != c.want {
			t.Errorf("%s reads %q, want %q", c.src, got, c.want)
		}
	}
	if got := strings.Join(template(t, "{{ a }}-{{ b.c }}{{ a }}").Reads(), " "); got != "a b" {
		t.Errorf("template reads %q", got)
	}
	x, err := expr.CompileCondition(`"{{ a }}" == b`, source.Pos{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(x.Reads(), " "); got != "b a" {
		t.Errorf("condition reads %q", got)
	}
}

func TestPlaces(t *testing.T) {
	pos := source.Pos{File: "site.yml", Line: 10, Col: 7}
	vars := expr.Vars{"v": template(t, "{{ nope }}")}
	for _, c := range []struct{ src, pos, at string }{
		{"{{ nope }}", "site.yml:10:7", "site.yml:10:10"},
		{"line\n  {{ nope }}", "site.yml:10:7", "site.yml:11:6"},
		{"{{ v }}", "v.yml:1:1", "v.yml:1:4"},
		{"é {{ 1 ! }}", "site.yml:10:7", "site.yml:10:14"},
		{"{{ 1 | nosuch }}", "site.yml:10:7", "site.yml:10:14"},
		{"{{ 1/0 }}", "site.yml:10:7", ""},
	} {
		tmpl, err := expr.CompileTemplate(c.src, pos)
		if err == nil {
			_, err = tmpl.Eval(expr.NewCtx(context.Background(), testEnv(), vars))
		}
		var u *expr.UndefinedError
		var s *expr.SyntaxError
		at := ""
		switch {
		case err == nil:
			t.Fatalf("%s: no error", c.src)
		case errors.As(err, &u):
			at = u.At.String()
		case errors.As(err, &s):
			at = s.At.String()
		}
		if got := expr.PosOf(err).String(); got != c.pos || at != c.at {
			t.Errorf("%q: error at %s, %s; want %s, %s", c.src, got, at, c.pos, c.at)
		}
	}
}

// counting is a scope that keeps its memo, and an environment whose tick()
// counts its calls.
type counting struct {
	expr.Vars
	memo expr.Memo
}

func (c *counting) Memo() *expr.Memo { return &c.memo }

func tickEnv(n *int, volatile bool) *expr.Env {
	env := testEnv()
	env.Globals["tick"] = &expr.Func{Name: "tick", Volatile: volatile, Fn: func(*expr.Call) (value.Value, error) {
		*n++
		return value.Int(*n), nil
	}}
	return env
}

func TestMemo(t *testing.T) {
	for _, c := range []struct {
		volatile    bool
		src         string
		want        string
		again       string
		callsBefore int
	}{
		{false, "{{ v }} {{ v }} {{ w }}", "1 1 1!", "1 1 1!", 1},
		// A name has one value within a template; v is asked anew by w, and by
		// the next template. Seen with lookup('pipe', 'date +%N').
		{true, "{{ v }} {{ v }} {{ w }}", "1 1 2!", "3 3 4!", 2},
		{false, "{{ d.x }} {{ d.x }}", "1 1", "1 1", 1},
		{false, "{{ d.y }}", "y", "y", 0},
	} {
		n := 0
		scope := &counting{Vars: expr.Vars{
			"v": template(t, "{{ tick() }}"), "w": template(t, "{{ v }}!"),
			"d": lazyDict("x", template(t, "{{ tick() }}"), "y", value.Str("y")),
		}}
		ctx := expr.NewCtx(context.Background(), tickEnv(&n, c.volatile), scope)
		got, err := expr.EvalText(ctx, template(t, c.src))
		if err != nil || got != c.want || n != c.callsBefore {
			t.Errorf("%s: %q after %d calls, %v; want %q after %d", c.src, got, n, err, c.want, c.callsBefore)
		}
		ctx = expr.NewCtx(context.Background(), ctx.Env, scope)
		if got, err := expr.EvalText(ctx, template(t, c.src)); err != nil || got != c.again {
			t.Errorf("%s again: %q, %v; want %q", c.src, got, err, c.again)
		}
	}
}

func TestMemoReset(t *testing.T) {
	scope := &counting{Vars: expr.Vars{"item": value.Int(1), "v": template(t, "{{ item }}")}}
	ctx := expr.NewCtx(context.Background(), testEnv(), scope)
	x := template(t, "<{{ v }}>")
	for i := range 3 {
		scope.Vars["item"] = value.Int(i)
		scope.memo.Reset()
		if got, err := expr.EvalText(ctx, x); err != nil || got != fmt.Sprintf("<%d>", i) {
			t.Errorf("item %d: %q, %v", i, got, err)
		}
	}
}

func lazyDict(pairs ...any) *value.Dict {
	d := value.DictOf(pairs...)
	d.Lazy = true
	return d
}

// TestVariablesStay holds that methods which change lists and dicts change what
// the template sees, and never the variable.
func TestVariablesStay(t *testing.T) {
	l := value.NewList(value.Int(1), value.NewList(value.Int(2)))
	d := value.DictOf("k", l)
	vars := expr.Vars{"l": l, "d": d, "alias": template(t, "{{ l }}")}
	for _, c := range []struct{ src, want string }{
		{"{{ l.append(3) }}{{ l | string }}", "[1, [2], 3]"},
		{"{{ l[1].append(3) }}{{ l | string }}", "[1, [2, 3]]"},
		{"{{ d.k.pop() }}{{ d | string }}", "[2]{'k': [1]}"},
		{"{{ d.update(x=1) }}{{ d.k.append(9) }}{{ d | string }}", "{'k': [1, [2], 9], 'x': 1}"},
		{"{{ alias.append(9) }}{{ alias | string }}{{ l | string }}", "[1, [2], 9][1, [2]]"},
		{"{{ (l | default([])).append(5) }}{{ l | length }}", "3"},
		{"{{ l['append'](5) }}{{ l | length }}", "3"},
		{"{{ (l | attr('append'))(5) }}{{ l | length }}", "3"},
	} {
		ctx := expr.NewCtx(context.Background(), testEnv(), vars)
		v, err := template(t, c.src).Eval(ctx)
		if err != nil || value.Text(v) != c.want {
			t.Errorf("%s = %v, %v; want %s", c.src, v, err, c.want)
		}
		if got := value.Repr(d); got != "{'k': [1, [2]]}" {
			t.Fatalf("%s changed the variables: %s", c.src, got)
		}
	}
}

// TestLocals holds that a variable's template does not see the names that the
// document around sets.
func TestLocals(t *testing.T) {
	vars := expr.Vars{"v": template(t, "{{ x | default('none') }}"), "x2": value.Str("outer")}
	ctx := expr.NewCtx(context.Background(), testEnv(), vars).WithLocals(expr.Vars{"x": value.Int(1), "x2": value.Str("inner")})
	if got, err := template(t, "{{ x }} {{ v }} {{ x2 }}").Eval(ctx); err != nil || got != value.Str("1 none inner") {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestConcurrentUse(t *testing.T) {
	x := template(t, "{{ v }} {{ l | map('upper') | join(',') }} {{ s.split('-')[1] if s is defined else 'no' }}")
	v := template(t, "{{ n * 2 }}")
	l := value.Strings("a", "b")
	env := testEnv()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			vars := expr.Vars{"v": v, "l": l, "n": value.Int(i), "s": value.Str("a-b")}
			for range 50 {
				got, err := expr.EvalText(expr.NewCtx(context.Background(), env, vars), x)
				if want := fmt.Sprintf("%d A,B b", 2*i); err != nil || got != want {
					t.Errorf("got %q, %v; want %q", got, err, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestBounds(t *testing.T) {
	vars := expr.Vars{"s": value.Str(strings.Repeat("x", 1<<20))}
	for _, c := range []struct{ src, want string }{
		{strings.Repeat("(", 10000) + "1", "nested too deeply"},
		{strings.Repeat("[", 10000) + "1", "nested too deeply"},
		{strings.Repeat("{1:", 10000) + "1", "nested too deeply"},
		{strings.Repeat("not ", 10000) + "1", "nested too deeply"},
		{strings.Repeat("-", 10000) + "1", "nested too deeply"},
		{strings.Repeat("a(", 10000) + "1", "nested too deeply"},
		{strings.Repeat("a[", 10000) + "1", "nested too deeply"},
		{strings.Repeat("1 if 1 else ", 10000) + "1", "nested too deeply"},
		{"range(1000000000) | list", "too big"},
		{"s * 1000000", "too long"},
		{"'%999999999d' % 1", "too long"},
		{"'{:999999999}'.format(1)", "too long"},
		{"'x'.ljust(999999999)", "too long"},
		{"s.replace('x', s)", "too long"},
		{"9 ** 999999999", "too large"},
		{"[0] * 999999999", "too long"},
	} {
		x, err := expr.CompileExpr(c.src, source.Pos{})
		if err == nil {
			_, err = x.Eval(expr.NewCtx(context.Background(), testEnv(), vars))
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40s: %v, want an error with %q", c.src, err, c.want)
		}
	}
	// Long is not deep.
	x, err := expr.CompileExpr("1"+strings.Repeat(" + 1", 20000), source.Pos{})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := x.Eval(expr.NewCtx(context.Background(), testEnv(), vars)); err != nil || v != value.Int(20001) {
		t.Errorf("long sum: %v, %v", v, err)
	}
}

func TestCancel(t *testing.T) {
	std, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := template(t, "{{ range(3) | list }}").Eval(expr.NewCtx(std, testEnv(), nil))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestBrokenConditions(t *testing.T) {
	for _, c := range []struct {
		src  string
		want bool
		warn string
	}{
		{"s", true, "Conditional result (True) was derived from value of type 'str' at 'p.yml:3'. Conditionals must have a boolean result."},
		{"''", false, "Conditional result (False) was derived from value of type 'str' at 'p.yml:3'. Conditionals must have a boolean result."},
		{" ", true, "Empty conditional expression was evaluated as True."},
		{"{{ true }}", true, "Conditionals should not be surrounded by templating delimiters such as {{ }} or {% %}."},
		{"s == 'x'", true, ""},
	} {
		x, err := expr.CompileCondition(c.src, source.Pos{File: "p.yml", Line: 3})
		if err != nil {
			t.Fatal(err)
		}
		env := testEnv()
		env.AllowBroken = true
		warned := ""
		env.Warn = func(_ *expr.Ctx, msg string) { warned = msg }
		got, err := x.Truth(expr.NewCtx(context.Background(), env, expr.Vars{"s": value.Str("x")}))
		if err != nil || got != c.want || warned != c.warn {
			t.Errorf("%q: %v, %v, warning %q; want %v, %q", c.src, got, err, warned, c.want, c.warn)
		}
	}
}

func TestScopeErrors(t *testing.T) {
	broken := errors.New("vault is closed")
	x := template(t, "{{ secret | default('x') }}")
	_, err := x.Eval(expr.NewCtx(context.Background(), testEnv(), failing{broken}))
	if !errors.Is(err, broken) || err.Error() != "Error rendering template: vault is closed" {
		t.Errorf("error is %v", err)
	}
}

type failing struct{ err error }

func (f failing) Lookup(string) (value.Value, bool, error) { return nil, false, f.err }
