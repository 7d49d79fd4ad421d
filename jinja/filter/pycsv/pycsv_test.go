package pycsv

import (
	"slices"
	"strings"
	"testing"
)

// The cases from the reference are those of from_csv and csvfile; this is what the reader itself promises.
func TestRead(t *testing.T) {
	for _, c := range []struct {
		text string
		d    Dialect
		want string // fields joined by |, rows by /
	}{
		{"a,b\n\"c,d\",e\n", Dialect{Delimiter: ','}, "a|b/c,d|e"},
		{"a;b\r\nc;d", Dialect{Delimiter: ';'}, "a|b/c|d"},
		{"\na\n", Dialect{Delimiter: ','}, "/a"},
		{"a, b", Dialect{Delimiter: ',', SkipInitial: true}, "a|b"},
	} {
		rows, err := Read(c.text, c.d)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		var lines []string
		for _, row := range rows {
			lines = append(lines, strings.Join(row, "|"))
		}
		if got := strings.Join(lines, "/"); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// FuzzRead: what is written with every field quoted comes back.
func FuzzRead(f *testing.F) {
	f.Add("a", "b\"c", ",\n\r")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		want := []string{strings.ToValidUTF8(a, "?"), strings.ToValidUTF8(b, "?"), strings.ToValidUTF8(c, "?")}
		var fields []string
		for _, s := range want {
			if len(s) > maxField {
				return
			}
			fields = append(fields, `"`+strings.ReplaceAll(s, `"`, `""`)+`"`)
		}
		rows, err := Read(strings.Join(fields, ",")+"\n", Dialect{Delimiter: ',', Strict: true})
		if err != nil || len(rows) != 1 || !slices.Equal(rows[0], want) {
			t.Fatalf("%q: %q, %v", want, rows, err)
		}
	})
}
