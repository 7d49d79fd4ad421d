package module

import (
	"testing"

	"github.com/churten/churten/jinja/value"
)

// TestStops: what is sent says by itself whether a queue stops behind it, however
// the module came to it.
func TestStops(t *testing.T) {
	for name, c := range map[string]struct {
		r              Result
		stops, ignored bool // ignored: its failure does not matter
	}{
		"fine":            {r: Result{Changed: true}},
		"failed":          {r: Result{Failed: true}, stops: true},
		"unreachable":     {r: Result{Unreachable: true}, stops: true, ignored: true},
		"rc":              {r: Result{Values: value.DictOf("rc", value.Int(1))}, stops: true},
		"rc that is none": {r: Result{Values: value.DictOf("rc", value.Str("0"))}, stops: true},
		"rc 0":            {r: Result{Values: value.DictOf("rc", value.Int(0))}},
		"facts":           {r: Result{Facts: value.DictOf("a", value.Int(1))}, stops: true, ignored: true},
		"no facts found":  {r: Result{Facts: value.NewDict(0)}, stops: true, ignored: true},
		"facts of Python": {r: Result{Values: value.DictOf("ansible_facts", value.NewDict(0))}, stops: true, ignored: true},
	} {
		sent := FromDict(c.r.Dict())
		if got := sent.Stops(true); got != c.stops {
			t.Errorf("%s: %v", name, got)
		}
		if got := sent.Stops(false); got != c.ignored {
			t.Errorf("%s, ignored: %v", name, got)
		}
	}
}
