package lvg

import "testing"

func FuzzRows(f *testing.F) {
	f.Add("  vg0;4.00m;1\n\n  ;;\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, row := range rows(text) {
			if len(row) == 0 {
				t.Errorf("a row without columns in %q", text)
			}
		}
	})
}
