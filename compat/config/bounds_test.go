package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/source/sourcetest"
)

// TestBounds: a configuration file may be long and hold anything.
func TestBounds(t *testing.T) {
	const long = sourcetest.Line
	for _, c := range []struct {
		name, text string
		wrong      bool
	}{
		{"a long value", "[defaults]\nroles_path = " + strings.Repeat("a", long), false},
		{"lines of one value", "[defaults]\nroles_path = a\n" + strings.Repeat(" b\n", long/3), false},
		{"a long section", "[" + strings.Repeat("s", long) + "]\na=1\n", false},
		{"a line that is none", "[defaults]\n" + strings.Repeat("a", long), true},
		{"comments", "[defaults]\n" + strings.Repeat("# a\n", long/4), false},
		{"interpolations", "[defaults]\nroles_path = " + strings.Repeat("%(", long/2), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ansible.cfg")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			err := sourcetest.Bounded(t, 1<<30, func() error { _, err := readFile(path); return err })
			if (err != nil) != c.wrong {
				t.Errorf("%.200v", err)
			}
		})
	}
}
