package app

import (
	"strings"
	"testing"

	"github.com/churten/churten/modules"
)

// Of each module there is text, its results among it.
func TestModuleDoc(t *testing.T) {
	for _, name := range modules.Names() {
		var b strings.Builder
		if err := ModuleDoc(&b, []string{name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.Contains(b.String(), "\nResults:\n") {
			t.Errorf("%s: no results in %q", name, b.String())
		}
	}
	var b strings.Builder
	if err := ModuleDoc(&b, []string{"known_hosts"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"- hash_host (bool; really done)\n    Whether the name is stored hashed.\n", "- mode (str; the file is there)\n", "deprecations"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	if err := ModuleDoc(&b, []string{"aptt"}); err == nil || !strings.Contains(err.Error(), `no native module or action "aptt"`) {
		t.Error(err)
	}
}
