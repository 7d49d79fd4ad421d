package file

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/churten/churten/jinja/value"
)

// The cases were computed by the reference (testdata/mode.py).
func TestParseMode(t *testing.T) {
	data, err := os.ReadFile("testdata/mode.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Umask uint32
		Cases [][]any
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	for _, c := range doc.Cases {
		mode, old, isDir := c[0].(string), uint32(c[1].(float64)), c[2].(bool)
		got, err := ParseMode(value.Str(mode), old, isDir, doc.Umask)
		switch want := c[3].(type) {
		case string:
			if err == nil || err.Error() != want {
				t.Errorf("%q on %04o dir=%v: %04o, %v; want error %q", mode, old, isDir, got, err, want)
			}
		case float64:
			if err != nil || got != int64(want) {
				t.Errorf("%q on %04o dir=%v: %04o, %v; want %04o", mode, old, isDir, got, err, int64(want))
			}
		}
	}
}
