package pamlimits

import (
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"added without end of line": "the reference writes both into one line; TestNoEndOfLine",
	}})
}

func TestNoEndOfLine(t *testing.T) {
	a := module.Args{Dict: value.DictOf("domain", value.Str("joe"), "limit_type", value.Str("soft"), "limit_item", value.Str("core"), "value", value.Str("0"))}
	after, _, err := edit(a, "* soft core 0")
	if want := "* soft core 0\njoe\tsoft\tcore\t0\n"; err != nil || after != want {
		t.Errorf("%q %v", after, err)
	}
}
