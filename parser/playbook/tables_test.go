package playbook

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readTable(t *testing.T, name string, rows any) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, rows); err != nil {
		t.Fatal(err)
	}
}

func TestSplitParams(t *testing.T) {
	var rows []struct {
		Text  string
		Raw   bool
		Want  map[string]string
		Error string
	}
	readTable(t, "split.json", &rows)
	for _, row := range rows {
		params, rest, err := splitParams(row.Text, row.Raw)
		if row.Error != "" {
			if err == nil || err.Error() != row.Error {
				t.Errorf("%q: error %v, want %q", row.Text, err, row.Error)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", row.Text, err)
			continue
		}
		got := map[string]string{}
		for _, p := range params {
			got[p.key] = p.value
		}
		if rest != "" {
			got["_raw_params"] = rest
		}
		if diff := cmp.Diff(row.Want, got); diff != "" {
			t.Errorf("%q (command %v):\n%s", row.Text, row.Raw, diff)
		}
	}
}

func TestSelected(t *testing.T) {
	var rows [][4]any
	readTable(t, "tags.json", &rows)
	bad := 0
	for _, row := range rows {
		tags, only, skip := strings.Fields(row[0].(string)), strings.Fields(row[1].(string)), strings.Fields(row[2].(string))
		if got := Selected(tags, only, skip); got != row[3].(bool) {
			if bad++; bad < 20 {
				t.Errorf("tags %q only %q skip %q: %v", tags, only, skip, got)
			}
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d differ", bad, len(rows))
	}
}

func FuzzSplitParams(f *testing.F) {
	f.Add("a=b c='d e' {{ f }} \\\n g", false)
	f.Fuzz(func(t *testing.T, text string, command bool) {
		_, rest, _ := splitParams(text, command)
		if len(rest) > 2*len(text)+2 {
			t.Errorf("%q grew to %q", text, rest)
		}
	})
}
