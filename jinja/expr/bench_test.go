package expr_test

import (
	"fmt"
	"testing"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

func benchExpr(b *testing.B, src string, vars expr.Vars) {
	x, err := expr.CompileCondition(src, source.Pos{})
	if err != nil {
		b.Fatal(err)
	}
	env := testEnv()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Truth(expr.NewCtx(nil, env, vars)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWhenEqual(b *testing.B) {
	benchExpr(b, `ansible_os_family == "Debian" and enabled`,
		expr.Vars{"ansible_os_family": value.Str("Debian"), "enabled": value.True})
}

func BenchmarkWhenDefined(b *testing.B) {
	benchExpr(b, `result.stdout is defined and 'ok' in result.stdout and result.rc != 0`,
		expr.Vars{"result": value.DictOf("stdout", value.Str("all ok"), "rc", value.Int(1))})
}

func BenchmarkWhenMethod(b *testing.B) {
	benchExpr(b, `path.startswith('/etc')`, expr.Vars{"path": value.Str("/etc/passwd")})
}

func BenchmarkTextTemplate(b *testing.B) {
	t, err := expr.CompileTemplate("/srv/{{ app.name }}/{{ version }}/bin", source.Pos{})
	if err != nil {
		b.Fatal(err)
	}
	vars := expr.Vars{"app": value.DictOf("name", value.Str("shop")), "version": value.Int(3)}
	env := testEnv()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Eval(expr.NewCtx(nil, env, vars)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkChain30 reads a variable that is made of thirty others in a row.
func BenchmarkChain30(b *testing.B) {
	vars := expr.Vars{"v0": value.Str("x")}
	for i := 1; i <= 30; i++ {
		t, err := expr.CompileTemplate(fmt.Sprintf("{{ v%d }}-{{ v%d }}", i-1, i-1), source.Pos{})
		if i > 8 {
			t, err = expr.CompileTemplate(fmt.Sprintf("{{ v%d }}.", i-1), source.Pos{})
		}
		if err != nil {
			b.Fatal(err)
		}
		vars[fmt.Sprintf("v%d", i)] = t
	}
	x, err := expr.CompileExpr("v30", source.Pos{})
	if err != nil {
		b.Fatal(err)
	}
	env := testEnv()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Eval(expr.NewCtx(nil, env, vars)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := expr.CompileCondition(`result.stdout is defined and 'ok' in result.stdout and result.rc != 0`, source.Pos{}); err != nil {
			b.Fatal(err)
		}
	}
}
