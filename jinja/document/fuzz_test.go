package document_test

import (
	"strings"
	"testing"
	"time"

	"context"

	"github.com/churten/churten/jinja/document"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// FuzzRender: no text makes the reader or the run panic or hang.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		"{% for a, b in d.items() if a recursive %}{{ loop.index }}{% else %}{% endfor %}",
		"{% macro m(a, b=1) %}{{ caller() }}{{ varargs }}{% endmacro %}{% call(x) m(1) %}{{ x }}{% endcall %}",
		"#jinja2: trim_blocks: False, line_statement_prefix: '%'\n% if s\n{{ s }}\n% endif",
		"{% block x scoped %}{{ super() }}{% endblock %}{{ self.x() }}", "{% set a %}{% filter upper %}x{% endfilter %}{% endset %}",
		"{% with a = 1 %}{% include s %}{% endwith %}{% extends s %}", "{% raw %}{{{% endraw %}{# #}", "{% from s import a as b with context %}",
		"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{% if %}", "{%", "{{ self.x",
	} {
		f.Add(seed)
	}
	env := testEnv()
	vars := expr.Vars{"s": value.Str("abc"), "l": value.Strings("a", "b"), "d": value.DictOf("k", value.Int(1))}
	f.Fuzz(func(t *testing.T, src string) {
		if strings.Contains(src, "range") || strings.Contains(src, "lipsum") {
			t.Skip("long output by intent")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		hung := time.AfterFunc(4*time.Second, func() { panic("hangs: " + src) })
		defer hung.Stop()
		_, _ = document.Render(expr.NewCtx(ctx, env, vars), "fuzz.j2", src, document.DefaultOptions())
	})
}
