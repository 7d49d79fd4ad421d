package yaml

import (
	"fmt"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/source/sourcetest"
)

// TestBounds: whatever a file holds, reading it ends soon and takes memory in
// proportion to its length. The error is part of one, "" for none.
func TestBounds(t *testing.T) {
	const long, deep = sourcetest.Line, sourcetest.Depth
	var anchors, duplicates, merges strings.Builder
	merges.WriteString("a: &a {" + manyKeys(5000) + "}\n")
	for i := range 50_000 {
		fmt.Fprintf(&anchors, "a%d: &x%d 1\n", i, i)
		duplicates.WriteString("a: 1\n")
		fmt.Fprintf(&merges, "m%d: {<<: *a}\n", i)
	}
	for _, c := range []struct{ name, text, err string }{
		{"a long quoted text", `a: "` + strings.Repeat("x", long) + `"`, ""},
		{"a long quoted text without end", `a: "` + strings.Repeat("x", long), "must end with the same quote"},
		{"escapes", `a: "` + strings.Repeat(`\n`, long/2) + `"`, ""},
		{"a long plain text", "a: " + strings.Repeat("x ", long/2), ""},
		{"a long comment", "#" + strings.Repeat("#", long) + "\na: 1", ""},
		{"empty lines", strings.Repeat("\n", long), ""},
		{"tabs", strings.Repeat("\t", long), "Tabs are usually invalid"},
		{"a long tag", "!" + strings.Repeat("y", long) + " a", "could not determine a constructor"},
		{"a long number", "a: " + strings.Repeat("1", long), "Exceeds the limit (4300 digits)"},
		{"a long hexadecimal number", "a: 0x" + strings.Repeat("f", long), "an integer of more than"},
		{"sexagesimal", "a: 1" + strings.Repeat(":1", long/2), "an integer of more than"},
		{"colons", strings.Repeat(": ", long/2), "did not find expected key"},
		{"open lists", strings.Repeat("[", deep), "10000 levels"},
		{"nested lists", strings.Repeat("[", deep) + strings.Repeat("]", deep), "10000 levels"},
		{"nested mappings", strings.Repeat("{a: ", deep) + strings.Repeat("}", deep), "Colons in unquoted values"},
		{"nested items", strings.Repeat("- ", deep) + "a", "10000 levels"},
		{"nested keys", strings.Repeat("? ", deep) + "a", "10000 levels"},
		{"many anchors", anchors.String(), ""},
		{"the same key again and again", duplicates.String(), ""},
		{"a billion laughs", sourcetest.Laughs(9), "nodes when all aliases are written out"},
		{"a mapping merged many times into one", sourcetest.Merges(2000, 20_000), "pairs by merge keys"},
		{"a mapping merged into many", merges.String(), "pairs by merge keys"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var warnings int
			err := sourcetest.Bounded(t, 1<<30, func() error {
				doc, err := Parse([]byte(c.text), "f.yml")
				if doc != nil {
					warnings = len(doc.Warnings)
				}
				return err
			})
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(c.err))) {
				t.Errorf("%.200v", err)
			}
			if warnings > maxDuplicates+1 {
				t.Errorf("%d warnings", warnings)
			}
		})
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1, ", i)
	}
	return b.String()
}

// TestBoundsOfJSON is TestBounds for files that are JSON.
func TestBoundsOfJSON(t *testing.T) {
	const long, deep = sourcetest.Line, sourcetest.Depth
	for _, c := range []struct{ name, text, err string }{
		{"a long text", `["` + strings.Repeat("x", long) + `"]`, ""},
		{"a long number", "[" + strings.Repeat("1", long) + "]", "Exceeds the limit (4300 digits)"},
		{"nested lists", strings.Repeat("[", deep) + strings.Repeat("]", deep), "deep"},
		{"nested objects", strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep), "deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := sourcetest.Bounded(t, 1<<30, func() error { _, err := ParseJSON([]byte(c.text), "f.json"); return err })
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("%.200v", err)
			}
		})
	}
}
