package expr_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
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
		same = err == nil && v.Type() == str(c, "type") && value.Repr(v) == str(c, "repr")
	}
	if err != nil {
		got = class(err) + ": " + err.Error()
	} else {
		got = v.Type() + " " + value.Repr(v)
	}
	if _, ok := differs[src]; ok == same {
		t.Errorf("%s (meant to differ: %v)\n got %s\nwant %s", src, ok, got, want)
	}
}

// differs names the cases in which churten means to differ from the reference, and why.
var differs = map[string]string{
	// The reference keeps the error of a filter, test or method until its result is
	// used; churten does so with filters only. Where two things are wrong another is told.
	"{{ [(lt).x, big | first in []] }}":             "kept error",
	"x{{ ['b','a'] is string not in 0.5 is in l }}": "kept error",
	"x{{ u // (dt)['items'] }}":                     "methods of the reference's own dicts have a type of their own",
	"{{ [[1],[2]][none] not in {'a':1} <= 1e3 }}":   "a list that stands in the template has Python's class",
	"{{ '' % ((l)[n]) | upper }}":                   "an argument that is undefined is told even if the format has no use for it",
	"{{ ({'k': (none_var).upper()}) | list }}":      "arguments of filters are evaluated whole",
	"x{{ (d) | join(',') | default('x') }}":         "likewise",
	"{{ d2.get() }}":                                "the reference's own class of dicts counts itself among the arguments",
	"{{ d2.get(1,2,3) }}":                           "likewise",
	"{{ nested.items }}":                            "likewise, its method is of another type",
	"{{ l.count(1) }}":                              "a bug: the reference counts its own wrappers of the items, and finds none",
	"{{ dict(**[1]) }}":                             "the reference names a function of its own",
	"{{ d2.fromkeys(['a', 'b'], 0) }}":              "a bug: the reference's own class of dicts cannot do it",
	"{{ 1e400 }}{{ -1e400 }}":                       "a bug in Jinja's compiler, which writes inf into Python code",
	"{{ 1e400 - 1e400 }}":                           "likewise",
	"{{ a(b=1, b=2) }}":                             "found when the template is read, without a place in Python code",
	"{{ (1 if false) | length }}":                   "an inline if without else is no text",
	"{{ (1 if false) | default('x') }}":             "Jinja would replace it; the reference hands it on, and fails",
}

// sameMessage compares messages. Python names the call in which its stack came
// to an end, which is chance.
func sameMessage(got, want string) bool {
	// The reference shows its own classes where Python names a type; churten
	// says list and dict, as Python would.
	want = strings.NewReplacer("_AnsibleLazyTemplateList", "list", "_AnsibleLazyTemplateDict", "dict").Replace(want)
	got = strings.NewReplacer("_AnsibleLazyTemplateList", "list", "_AnsibleLazyTemplateDict", "dict").Replace(got)
	const loop = "Recursive loop detected in template: maximum recursion depth exceeded"
	return got == want || strings.HasPrefix(want, loop) && got == loop
}
