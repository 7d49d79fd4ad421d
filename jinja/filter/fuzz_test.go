package filter_test

import (
	"testing"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/filter/controller"
	"github.com/churten/churten/jinja/test"
	"github.com/churten/churten/jinja/value"
)

// FuzzText hands a text, and a text with an argument, to every filter and test:
// none may crash on what a host sent.
func FuzzText(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""}, {"10 MB", "M"}, {"aGVsbG8=", "utf-8"}, {"1.2.3-rc.1", "1!1.0.dev2"}, {`{"a": [1, "\u00e9"]}`, "x"}, {"- a: &x 1\n  b: *x", "y"},
		{"https://u:p@[::1]:80/a?b#c", "port"}, {"2020-01-02 03:04:05", "%Y-%m-%d %H:%M:%S"}, {"<a href=\"x\">&amp;\xff", "%(a)s %5.2f %"},
		{`C:\x\y`, "[a-z"}, {"$ANSIBLE_VAULT;1.1;AES256\n3030", "pw"}, {"ß\u0130\u03a3 ǅ", "{x}"},
	} {
		f.Add(seed[0], seed[1])
	}
	env := environment(func(string) {})
	// Slow on purpose; patterns from outside have a fuzz target of their own (pyre).
	skip := map[string]bool{"password_hash": true, "vault": true, "unvault": true}
	for _, name := range []string{"regex_search", "regex_findall", "regex_replace", "match", "search", "regex", "permutations"} {
		skip[name] = true
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > 200 || len(b) > 60 {
			return
		}
		for _, table := range []expr.Funcs{filter.All, controller.Filters, test.All, controller.Tests} {
			for name, fn := range table {
				if skip[fn.Name] || name != fn.Name {
					continue
				}
				for _, args := range [][]value.Value{{value.Str(a)}, {value.Str(a), value.Str(b)}, {value.Strings(a, b), value.Str(b)}} {
					ctx := expr.NewCtx(t.Context(), env, expr.Vars{})
					start := time.Now()
					v, err := fn.Fn(&expr.Call{Ctx: ctx, Name: fn.Py, Args: args})
					if err == nil {
						_, _ = expr.Finalize(v)
					}
					if d := time.Since(start); d > 5*time.Second {
						t.Errorf("%s of %q takes %s", name, args, d)
					}
				}
			}
		}
	})
}
