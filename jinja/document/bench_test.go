package document_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/document"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// The same templates are timed with Jinja2 by testdata/bench.py.

const benchLoop = "{% for i in items %}\n{{ loop.index }} {{ i.name }} {% if i.on %}on{% else %}off{% endif %} {{ i.name | upper }}\n{% endfor %}\n"

func benchConfig() string {
	var b strings.Builder
	b.WriteString("# {{ title }}\n{% macro opt(k, v, unit='') %}{{ k }} = {{ v }}{{ unit }}{% endmacro %}\n")
	for i := range 20 {
		fmt.Fprintf(&b, "[section%d]\n{%% if items[%d].on %%}\nenabled = yes\n{%% endif %%}\n", i, i)
		b.WriteString("{{ opt('port', port + " + fmt.Sprint(i) + ") }}\n{{ opt('memory', memory, 'MB') }}\nname = {{ title | lower | replace(' ', '-') }}\n")
		b.WriteString("{% for h in hosts if h != title %}\nserver {{ h }}:{{ port }}{{ ' backup' if loop.last }}\n{% endfor %}\n")
	}
	return b.String()
}

func benchScope(n int) expr.Vars {
	items := &value.List{}
	for i := range n {
		items.Items = append(items.Items, value.DictOf("name", value.Str(fmt.Sprintf("item%d", i)), "on", value.Bool(i%2 == 0)))
	}
	return expr.Vars{"items": items, "title": value.Str("Some Service"), "port": value.Int(8000), "memory": value.Int(512),
		"hosts": value.Strings("a.example", "b.example", "c.example")}
}

func BenchmarkLoop5000(b *testing.B)  { benchmark(b, benchLoop, benchScope(5000)) }
func BenchmarkConfig200(b *testing.B) { benchmark(b, benchConfig(), benchScope(20)) }

func benchmark(b *testing.B, src string, vars expr.Vars) {
	env := testEnv()
	o := document.DefaultOptions()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := document.Render(expr.NewCtx(b.Context(), env, vars), "bench.j2", src, o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkString is a variable with statements, as group_vars have them.
func BenchmarkString(b *testing.B) {
	t, err := expr.CompileTemplate("{% if port > 80 %}{{ title }}{% else %}none{% endif %}", source.Pos{})
	if err != nil {
		b.Fatal(err)
	}
	env, vars := testEnv(), benchScope(1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Eval(expr.NewCtx(b.Context(), env, vars)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	src := benchConfig()
	env, vars := testEnv(), benchScope(20)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		text := src + "\n" + fmt.Sprint(i)
		if _, err := document.Render(expr.NewCtx(b.Context(), env, vars), "bench.j2", text, document.DefaultOptions()); err != nil {
			b.Fatal(err)
		}
	}
}
