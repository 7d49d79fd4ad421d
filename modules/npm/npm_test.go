package npm

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"latest":                           "the reference crashes on a line with one word",
		"flags latest":                     "the reference crashes on a line with one word",
		"clean latest words":               "the reference crashes on a line with one word",
		"path missing":                     "the reference makes the directory in check mode; TestCheckWithoutDirectory",
		"clean a version with v":           "the reference installs it at every run",
		"clean without a name but version": "the reference crashes",
		"list with a null":                 "the reference crashes",
	}})
}

// The reference makes the directory.
func TestCheckWithoutDirectory(t *testing.T) {
	bin, err := filepath.Abs("testdata/bin")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "a", "b")
	for state, changed := range map[string]bool{"present": true, "latest": true, "absent": false} {
		res := module.Run(t.Context(), &Module, value.DictOf("name", value.Str("x"), "path", value.Str(dir), "state", value.Str(state)),
			&module.Call{Check: true, Env: []string{"PATH=" + bin + ":/usr/bin:/bin", "ROOT=/nonexistent"}})
		if res.Failed || res.Changed != changed {
			t.Errorf("%s: %+v", state, res)
		}
	}
}

func TestInstalled(t *testing.T) {
	have, missing, err := installed(`{"dependencies":{"a":{"version":"1"},"@s/b":{"version":"2","invalid":false},"c":{"version":"1","invalid":"^2"},"d":null}}`)
	want := map[string]bool{"a": true, "a@1": true, "@s/b": true, "@s/b@2": true, "d": true}
	if err != nil || !missing || !maps.Equal(have, want) {
		t.Error(have, missing, err)
	}
	for _, none := range []string{"", "{}", "[]", "null", `{"dependencies":[]}`} {
		if have, missing, err := installed(none); len(have) > 0 || !missing || err != nil {
			t.Error(none, have, missing, err)
		}
	}
	if _, _, err := installed("npm ERR!"); err == nil {
		t.Error("what is no JSON was taken")
	}
}
