package inventory

import (
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// TestLiterals: values as seen on ansible-core 2.19 (recorded in
// testdata/loading/inventory/ini-values and by its own target inventory_ini).
func TestLiterals(t *testing.T) {
	for in, want := range map[string]string{
		"1j": "'1j'", "b'x'": "'x'", "...": "'...'", "(1, 2)": "[1, 2]", "{1, 2}": "[1, 2]", "{1, 1}": "[1]", "set()": "[]", "1,2": "[1, 2]",
		"[..., 1j, set(), {1, 2}, b'x']": "['...', '1j', [], [1, 2], 'x']", "1e400": "inf", "{}": "{}", "{'a': 1}": "{'a': 1}", "(1,)": "[1]", "1,": "[1]",
	} {
		v, err := module.InventoryLiteral(in)
		if err != nil || value.Repr(v) != want {
			t.Errorf("%s: %v, %v; want %s", in, v, err, want)
		}
	}
	for _, in := range []string{"", "x", "1,,2", "{1: 2, 3}", "{1", "[1", "1 2", "host-01.internal", "set", "1x", ",", "1\x00"} {
		if v, err := module.InventoryLiteral(in); err == nil {
			t.Errorf("%q is %s", in, value.Repr(v))
		}
	}
}

func FuzzLiteral(f *testing.F) {
	f.Add("[..., 1j, set(), {1, 2}, b'x']")
	f.Fuzz(func(_ *testing.T, s string) {
		if len(s) < 10_000 {
			_, _ = module.InventoryLiteral(s)
		}
	})
}
