package playbook

import (
	"fmt"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/source/sourcetest"
)

// TestBoundsOfSplit: free-form arguments may be long and hold anything.
func TestBoundsOfSplit(t *testing.T) {
	const long = sourcetest.Line
	var keys strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&keys, "k%d=1 ", i)
	}
	for _, c := range []struct {
		name, text string
		wrong      bool
	}{
		{"a long word", strings.Repeat("a", long), false},
		{"words", strings.Repeat("a ", long/16), false},
		{"keys", keys.String(), false},
		{"one key", strings.Repeat("a=b ", long/16), false},
		{"open templates", strings.Repeat("{{ ", long/3), true},
		{"a long template", "a={{ " + strings.Repeat("b ", long/2) + "}}", false},
		{"quotes", strings.Repeat("'", long), false},
		{"an open quote", "a='" + strings.Repeat("b ", long/2), true},
		{"backslashes", strings.Repeat(`\`, long), false},
		{"lines that go on", strings.Repeat("a \\\n", long/16), false},
		{"empty lines", strings.Repeat("\n", long), false},
		{"equals signs", "a" + strings.Repeat("=", long), false},
		{"escapes", "a=" + strings.Repeat(`\x41`, long/4), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := sourcetest.Bounded(t, 1<<30, func() error { _, _, err := splitParams(c.text, false); return err })
			if (err != nil) != c.wrong {
				t.Errorf("%.200v", err)
			}
		})
	}
}
