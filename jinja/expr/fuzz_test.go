package expr_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// FuzzTemplate holds that no input makes the compiler or an evaluation panic or
// run away, and that a result is plain data.
func FuzzTemplate(f *testing.F) {
	paths, _ := filepath.Glob("testdata/cases/*.txt")
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range strings.Split(string(b), "\n") {
			f.Add(strings.ReplaceAll(line, "⏎", "\n"))
		}
	}
	vars := loadContext(f)
	f.Fuzz(func(t *testing.T, src string) {
		for _, kind := range []string{"template", "expr", "cond"} {
			v, err := eval(kind, src, vars)
			if err != nil {
				if v != nil && kind != "cond" {
					t.Errorf("%q gave both a value and an error", src)
				}
				continue
			}
			again, err := expr.Finalize(v)
			if err != nil || !value.Equal(again, v) && value.Repr(v) != value.Repr(again) {
				t.Errorf("%q: result %s is not plain data", src, value.Repr(v))
			}
		}
		if x, err := expr.CompileExpr(src, source.Pos{}); err == nil {
			for _, name := range x.Reads() {
				if !strings.Contains(src, name) {
					t.Errorf("%q is said to read %q", src, name)
				}
			}
		}
	})
}
