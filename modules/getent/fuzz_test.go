package getent

import (
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
)

func FuzzParse(f *testing.F) {
	f.Add("root:x:0:0:root:/root:/bin/bash\nroot:x:1\n", ":")
	f.Add("127.0.0.1   localhost\n\n127.0.0.1 a b\n127.0.0.1\n", "")
	f.Fuzz(func(t *testing.T, text, split string) {
		entries := value.NewDict(8)
		parse(entries, text, split)
		if lines := strings.Count(text, "\n") + 1; entries.Len() > lines {
			t.Errorf("%d entries of %d lines", entries.Len(), lines)
		}
		value.Repr(entries)
	})
}
