package uri

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	t.Setenv("HOME", t.TempDir()) // no .netrc
	const kept = "the reference takes half a file for the whole, or tells what it asked for beside the error"
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"bad luck: a download that stops":                  kept,
		"bad luck: a download that stops, there":           kept,
		"bad luck: a download in chunks that stops":        kept,
		"bad luck: a download in chunks that stops, there": kept,
	}})
}

// Half a download takes no file's place.
func TestStops(t *testing.T) {
	for _, head := range []string{"Content-Length: 1000\r\n\r\nshort", "Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"} {
		url := moduletest.Answer(t, "HTTP/1.1 200 OK\r\n"+head)
		dir := t.TempDir()
		dest := filepath.Join(dir, "d")
		if err := os.WriteFile(dest, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		res := moduletest.Of(&Module)(t.Context(), value.DictOf("url", value.Str(url), "dest", value.Str(dest)), moduletest.Run{})
		if !res.Failed || !strings.Contains(res.Msg, "IncompleteRead(5 bytes read") {
			t.Errorf("failed %v: %s", res.Failed, res.Msg)
		}
		data, err := os.ReadFile(dest)
		found, _ := os.ReadDir(dir)
		if err != nil || string(data) != "old" || len(found) != 1 {
			t.Errorf("%q, %v; %v", data, err, found)
		}
	}
}
