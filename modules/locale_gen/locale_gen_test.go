package localegen

import (
	"errors"
	"os"
	"slices"
	"testing"
)

const sample = `# This file lists locales
# two words

# C.UTF-8 UTF-8
# de_DE ISO-8859-1
de_DE.UTF-8 UTF-8
  # fr_FR.UTF-8 UTF-8
`

func TestUnavailable(t *testing.T) {
	got := unavailable(sample, []string{"de_DE", "de_DE.utf8", "fr_FR.UTF-8", "xx"})
	if !slices.Equal(got, []string{"de_DE.utf8", "xx"}) {
		t.Error(got)
	}
}

func TestSet(t *testing.T) {
	got := set(sample, []string{"de_DE", "fr_FR.UTF-8"}, true)
	want := "# This file lists locales\n# two words\n\n# C.UTF-8 UTF-8\nde_DE ISO-8859-1\nde_DE.UTF-8 UTF-8\nfr_FR.UTF-8 UTF-8\n"
	if got != want {
		t.Errorf("%q", got)
	}
	if got := set(want, []string{"de_DE"}, false); got != "# This file lists locales\n# two words\n\n# C.UTF-8 UTF-8\n# de_DE ISO-8859-1\nde_DE.UTF-8 UTF-8\nfr_FR.UTF-8 UTF-8\n" {
		t.Errorf("%q", got)
	}
	if got := set(want, []string{"de_DE"}, true); got != want {
		t.Errorf("%q", got)
	}
}

// What "locale -a" printed on Debian 12.
func TestHas(t *testing.T) {
	list := "C\nC.utf8\nPOSIX\nde_DE.iso885915@euro\nde_DE@euro\nfr_FR\nfr_FR.iso88591\nfrench\n"
	for names, want := range map[string]bool{"C.UTF-8": true, "de_DE@euro": true, "fr_FR": true, "fr_FR.ISO-8859-1": true, "de_DE.UTF-8": false, "de_DE.ISO-8859-15@euro": true, "de_DE": false} {
		if got := has(list, []string{names}); got != want {
			t.Errorf("%s: %v", names, got)
		}
	}
	if has(list, []string{"C.UTF-8", "xx"}) {
		t.Error("one of two is enough")
	}
}

func FuzzSet(f *testing.F) {
	f.Add(sample, "de_DE")
	f.Fuzz(func(t *testing.T, text, name string) {
		on := set(text, []string{name}, true)
		if again := set(on, []string{name}, true); again != on {
			t.Errorf("%q, then %q", on, again)
		}
		normal(name)
	})
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	ways := []way{{dir + "/locale.gen", nil}, {dir + "/libc-locales", nil}}
	if _, _, err := find(ways); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a table: %v", err)
	}
	for i := range ways { // Void's alone, then Debian's before it
		path := ways[len(ways)-1-i].table
		if err := os.WriteFile(path, []byte(path), 0o644); err != nil {
			t.Fatal(err)
		}
		if w, data, err := find(ways); w.table != path || string(data) != path || err != nil {
			t.Errorf("%s: %s, %q, %v", path, w.table, data, err)
		}
	}
}
