package pyini

import "testing"

// FuzzParse: no text panics, and what was read can be asked for.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"[a]\nx=1\n", "[DEFAULT]\ny=%(x)s\n[b]\nx: 2\n  more\n", "x", "[]", "[a]\n[a]", "[a]\nx=%(x)s"} {
		f.Add(s, true, false)
	}
	f.Fuzz(func(t *testing.T, text string, keepCase, allowNone bool) {
		file := File{KeepCase: keepCase, AllowNone: allowNone, Expand: true}
		if file.Parse(text) != nil {
			return
		}
		for _, section := range file.Sections() {
			for _, key := range file.Keys(section) {
				if _, ok, err := file.Get(section, key); !ok && err == nil {
					t.Fatalf("%q: no %q in %q", text, key, section)
				}
			}
		}
	})
}
