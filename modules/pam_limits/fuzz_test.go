package pamlimits

import (
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// A file that was edited is as wanted: once more changes nothing.
func FuzzEdit(f *testing.F) {
	f.Add("# x\nbob soft nofile 10 # why\nbob hard nofile 20\n", "10", "", false)
	f.Add("bob soft nofile unlimited\n@g - core 0", "5", "why", true)
	f.Fuzz(func(t *testing.T, text, want, comment string, most bool) {
		if invalid("nofile", want) != "" {
			return
		}
		a := module.Args{Dict: value.DictOf("domain", value.Str("bob"), "limit_type", value.Str("soft"), "limit_item", value.Str("nofile"),
			"value", value.Str(want), "comment", value.Str(comment), "use_max", value.Bool(most), "use_min", value.False)}
		once, _, err := edit(a, text)
		if err != nil {
			return // an invalid line is an error
		}
		again, _, err := edit(a, once)
		if err != nil || again != once {
			t.Errorf("%q becomes %q, and then %q, %v", text, once, again, err)
		}
	})
}
