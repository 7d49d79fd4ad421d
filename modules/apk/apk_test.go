package apk

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{})
}

// The reference fails here, as the package is still there.
func TestAbsentInCheckMode(t *testing.T) {
	root, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "installed"), []byte("foo 1-r0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	res := module.Run(t.Context(), &Module, value.DictOf("name", value.Str("foo"), "state", value.Str("absent")),
		&module.Call{Check: true, Env: []string{"PATH=" + root + "/bin:/usr/bin:/bin", "ROOT=" + dir}})
	if res.Failed || !res.Changed || res.Msg != "removed ['foo'] package(s)" {
		t.Errorf("%+v", res)
	}
}

func TestInWorld(t *testing.T) {
	world := []string{"foo", "bar=1.0-r0", "baz@edge", "qux>2", "!no"}
	for name, want := range map[string]bool{"foo": true, "bar": true, "baz": true, "baz@edge": true, "qux": true, "fo": false, "foo=1": false, "bar=2": false, "no": false} {
		if inWorld(world, name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
