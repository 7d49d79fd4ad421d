package account

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func FuzzGroups(f *testing.F) {
	f.Add("root:x:0:\nwheel:x:10:a,b\nbad:x:y:\n:::\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "group")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, g := range parseGroups(text) {
			if strings.ContainsAny(g.Name+g.Password+strings.Join(g.Members, ""), ":\n") {
				t.Errorf("%+v of %q", g, text)
			}
			// What is listed is found by its name, unless another of that name is broken.
			if _, err := (Files{Group: path}).GroupByName(g.Name); errors.Is(err, ErrUnknown) {
				t.Errorf("%+v of %q is not found", g, text)
			}
		}
	})
}
