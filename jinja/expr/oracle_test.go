package expr_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/test"
	"github.com/churten/churten/jinja/value"
)

// TestOracle replays what testdata/record.py recorded from the reference.
func TestOracle(t *testing.T) {
	paths, _ := filepath.Glob("testdata/oracle/*.json")
	if len(paths) == 0 {
		t.Fatal("no recordings")
	}
	vars := loadContext(t)
	for _, path := range paths {
		if filepath.Base(path) == "statements.json" {
			continue // for package jinja, which has documents
		}
		doc := readJSON(t, path)
		kind, _ := doc.GetStr("kind")
		cases, _ := doc.GetStr("cases")
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			for _, c := range cases.(*value.List).Items {
				replay(t, value.Text(kind), c.(*value.Dict), vars)
			}
		})
	}
}

func readJSON(t testing.TB, path string) *value.Dict {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(string(b))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v.(*value.Dict)
}

func loadContext(t testing.TB) expr.Vars {
	vars := expr.Vars{}
	for k, v := range readJSON(t, "testdata/context.json").All() {
		vars[value.Text(k)] = withTemplates(t, v)
	}
	return vars
}

// withTemplates compiles the {"$template": …} in v, as a loader does with strings.
func withTemplates(t testing.TB, v value.Value) value.Value {
	switch c := v.(type) {
	case *value.Dict:
		if src, ok := c.GetStr("$template"); ok {
			tmpl, err := expr.CompileTemplate(value.Text(src), source.Pos{})
			if err != nil {
				t.Fatal(err)
			}
			return tmpl
		}
		out := value.NewDict(c.Len())
		for k, item := range c.All() {
			out.Set(k, withTemplates(t, item))
			out.Lazy = true
		}
		return out
	case *value.List:
		out := &value.List{Lazy: true}
		for _, item := range c.Items {
			out.Items = append(out.Items, withTemplates(t, item))
		}
		return out
	}
	return v
}

func testEnv() *expr.Env {
	return &expr.Env{Filters: filter.All, Tests: test.All, Globals: expr.Globals()}
}

func str(d *value.Dict, key string) string {
	v, _ := d.GetStr(key)
	s, _ := v.(value.Str)
	return string(s)
}

var errClasses = map[string]string{
	"AnsibleTemplateError":               "*expr.TemplateError",
	"AnsibleTemplatePluginRuntimeError":  "*expr.TemplateError",
	"AnsibleTemplatePluginNotFoundError": "*expr.TemplateError",
	"TemplateTrustCheckFailedError":      "*expr.TemplateError",
	"AnsibleUndefinedVariable":           "*expr.UndefinedError",
	"AnsibleTemplateSyntaxError":         "*expr.SyntaxError",
	"AnsibleBrokenConditionalError":      "*expr.ConditionError",
	"AnsibleValueOmittedError":           "omitted",
}

func class(err error) string {
	var u *expr.UndefinedError
	var e *expr.TemplateError
	var s *expr.SyntaxError
	var c *expr.ConditionError
	switch {
	case errors.As(err, &u):
		return "*expr.UndefinedError"
	case errors.As(err, &e):
		return "*expr.TemplateError"
	case errors.As(err, &s):
		return "*expr.SyntaxError"
	case errors.As(err, &c):
		return "*expr.ConditionError"
	case errors.Is(err, expr.ErrOmitted):
		return "omitted"
	}
	return "no class of error"
}

// eval gives the value of a case of its kind.
func eval(kind, src string, vars expr.Scope) (value.Value, error) {
	ctx := expr.NewCtx(nil, testEnv(), vars)
	switch kind {
	case "template":
		x, err := expr.CompileTemplate(src, source.Pos{})
		if err != nil {
			return nil, err
		}
		return x.Eval(ctx)
	case "expr":
		x, err := expr.CompileExpr(src, source.Pos{})
		if err != nil {
			return nil, err
		}
		return x.Eval(ctx)
	}
	x, err := expr.CompileCondition(src, source.Pos{})
	if err != nil {
		return nil, err
	}
	b, err := x.Truth(ctx)
	return value.Bool(b), err
}

func replay(t *testing.T, kind string, c *value.Dict, vars expr.Scope) {
	src := str(c, "src")
	v, err := eval(kind, src, vars)
	got, want := "", ""
	same := false
	if wantClass := str(c, "error"); wantClass != "" {
		want = errClasses[wantClass] + ": " + str(c, "msg")
		same = err != nil && class(err) == errClasses[wantClass] && sameMessage(err.Error(), str(c, "msg"))
	} else {
		want = str(c, "type") + " " + str(c, "repr")
		same = err == nil && v.Type() == str(c, "type") &&
			(value.Repr(v) == str(c, "repr") || strings.Contains(str(c, "repr"), " method ") && sameMessage(strings.Trim(value.Repr(v), "'"), strings.Trim(str(c, "repr"), "'\"")))
	}
	if err != nil {
		got = class(err) + ": " + err.Error()
	} else {
		got = v.Type() + " " + value.Repr(v)
	}
	if err != nil && tripped(str(c, "msg")) {
		same = true
	}
	if _, ok := differs[src]; ok == same {
		t.Errorf("%s (meant to differ: %v)\n got %s\nwant %s", src, ok, got, want)
	}
}

// differs names the cases in which churten means to differ from the reference, and why.
var differs = map[string]string{
	"{{ d2.get() }}":                    "the reference's own class of dicts counts itself among the arguments",
	"{{ d2.get(1,2,3) }}":               "likewise",
	"{{ l.count(1) }}":                  "a bug: the reference counts its own wrappers of the items, and finds none",
	"{{ dict(**[1]) }}":                 "the reference names a function of its own",
	"{{ d2.fromkeys(['a', 'b'], 0) }}":  "a bug: the reference's own class of dicts cannot do it",
	"{{ 1e400 }}{{ -1e400 }}":           "a bug in Jinja's compiler, which writes inf into Python code",
	"{{ 1e400 - 1e400 }}":               "likewise",
	"{{ a(b=1, b=2) }}":                 "found when the template is read, without a place in Python code",
	"{{ (1 if false) | length }}":       "an inline if without else is no text",
	"{{ (1 if false) | default('x') }}": "Jinja would replace it; the reference hands it on, and fails",
}

// sameMessage compares messages.
func sameMessage(got, want string) bool {
	for _, w := range wording {
		want = w.want().ReplaceAllString(want, w.as)
		got = w.want().ReplaceAllString(got, w.as)
	}
	const loop = "Recursive loop detected in template: maximum recursion depth exceeded"
	return got == want || strings.HasPrefix(want, loop) && got == loop
}

// wording are the places in messages where the reference shows how it is made.
var wording = []struct {
	why  string
	want func() *regexp.Regexp
	as   string
}{
	{"its own classes stand where Python names a type", pattern(`(ansible\.[\w.]*)?_AnsibleLazyTemplate(List|Dict)|(ansible\.[\w.]*)?_AnsibleLazyAccessTuple`), "container"},
	{"churten says list, dict and tuple there, as Python would", pattern(`\b(list|dict|tuple)\b`), "container"},
	{"its lists multiply by a function of their own, and are asked first", pattern(`'\w+' object cannot be interpreted as an integer|can't multiply sequence by non-int of type '\w+'`), "no integer"},
	{"where in memory a method lies", pattern(` at 0x[0-9a-f]+`), ""},
	{"methods of its own classes are written in Python", pattern(`builtin_function_or_method`), "method"},
	{"and are shown with what they belong to", pattern(`<bound method container\.(\w+) of .*>`), "<built-in method $1 of container object>"},
	{"its lists are asked first where one is compared with a list of the template", pattern(`'>(=?)' not supported between instances of '(\w+)' and '(\w+)'`), "'<$1' not supported between instances of '$3' and '$2'"},
	{"its lists fail to refuse what is no list", pattern(`'NotImplementedType' object is not iterable`), "unsupported operand type(s) for +: 'int' and 'container'"},
}

func pattern(p string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(p) })
}

// tripped reports whether the reference fell over something undefined, or a kept
// fault, where its lists are added or multiplied: it names its own class.
// churten tells what is undefined.
func tripped(want string) bool {
	return strings.Contains(want, `(not "UndefinedMarker") to list`) || strings.Contains(want, `(not "CapturedExceptionMarker") to list`) ||
		strings.Contains(want, "'UndefinedMarker' object cannot be interpreted as an integer")
}
