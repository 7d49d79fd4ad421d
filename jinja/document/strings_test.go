package document_test

import (
	"testing"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// TestStrings replays the strings with statements that package expr recorded.
func TestStrings(t *testing.T) {
	const dir = "../expr/testdata/"
	cases, _ := readJSON(t, dir+"oracle/statements.json").GetStr("cases")
	for _, c := range cases.(*value.List).Items {
		d := c.(*value.Dict)
		src := str(d, "src")
		vars := expr.Vars{} // anew for each: a case may change what it is given
		for k, v := range readJSON(t, dir+"context.json").All() {
			vars[value.Text(k)] = withTemplates(t, v)
		}
		var v value.Value
		tmpl, err := expr.CompileTemplate(src, source.Pos{})
		if err == nil {
			v, err = tmpl.Eval(expr.NewCtx(t.Context(), testEnv(), vars))
		}
		if want := str(d, "error"); want != "" {
			if err == nil || class(err) != errClasses[want] || !sameMessage(err.Error(), str(d, "msg")) {
				t.Errorf("%s\n got %v, %v\nwant %s: %s", src, v, err, want, str(d, "msg"))
			}
			continue
		}
		if err != nil {
			t.Errorf("%s\n got error %s\nwant %s", src, err, str(d, "repr"))
		} else if v.Type() != str(d, "type") || value.Repr(v) != str(d, "repr") {
			t.Errorf("%s\n got %s %s\nwant %s %s", src, v.Type(), value.Repr(v), str(d, "type"), str(d, "repr"))
		}
	}
}

// TestReads: the names that a string with statements reads from outside.
func TestReads(t *testing.T) {
	for src, want := range map[string]string{
		"{% if a %}{{ b.c }}{% endif %}":                                                   "['a', 'b']",
		"{% set a = b %}{{ a }}":                                                           "['b']",
		"{% for x in xs if x > lim %}{{ x }}{{ loop.index }}{% endfor %}":                  "['xs', 'lim']",
		"{% macro m(p) %}{{ p }}{{ q }}{% endmacro %}{{ m(1) }}":                           "['q']",
		"{{ a }}{% set a = 1 %}":                                                           "['a']",
		"{% include 'x' %}":                                                                "['vars']",
		"{% with a = b %}{{ a }}{{ c }}{% endwith %}":                                      "['b', 'c']",
		"{% set ns = namespace(n=0) %}{% set ns.n = z %}{{ ns.n }}":                        "['namespace', 'z']",
		"{% if a %}{% set z = 1 %}{% endif %}{{ z }}":                                      "['a', 'z']",
		"{% block x %}{{ inblock }}{% endblock %}{% filter upper %}{{ f }}{% endfilter %}": "['inblock', 'f']",
	} {
		tmpl, err := expr.CompileTemplate(src, source.Pos{})
		if err != nil {
			t.Fatal(err)
		}
		if got := value.Repr(value.Strings(tmpl.Reads()...)); got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

// TestExtensions: statements of extensions are unknown unless they are asked for.
func TestExtensions(t *testing.T) {
	const src = "{% set out = [] %}{% for i in [1, 2, 3, 4] %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{% do out.append(i) %}{% endfor %}{{ out }}"
	env := testEnv()
	tmpl, err := expr.CompileTemplate(src, source.Pos{})
	if err != nil {
		t.Fatal(err)
	}
	const want = "Syntax error in template: Encountered unknown tag 'continue'. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'."
	if _, err := tmpl.Eval(expr.NewCtx(t.Context(), env, expr.Vars{})); err == nil || err.Error() != want {
		t.Errorf("without extensions: got %v\nwant %s", err, want)
	}
	env.Extensions = []string{"jinja2.ext.do", "jinja2.ext.loopcontrols"}
	v, err := tmpl.Eval(expr.NewCtx(t.Context(), env, expr.Vars{}))
	if err != nil || value.Repr(v) != "[1, 3]" {
		t.Errorf("with extensions: got %v, %v", v, err)
	}
}
