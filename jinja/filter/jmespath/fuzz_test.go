package jmespath

import (
	"testing"

	"github.com/churten/churten/jinja/value"
)

// FuzzQuery: no query panics, whatever it is and whatever it is put to.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{"a.b[0]", "[*].{x: y, z: `1`}", "[?a > `1`] | [0]", "sort_by(@, &a)", "a[0][1:]", "*.b", "[]", "!a && b || c", "'it\\'s'", "join(', ', @)", "`{\"a\": [1]}`.a[]", "to_number(`1e999`)"} {
		f.Add(q, `{"a": {"b": [1, 2]}, "c": [{"a": 1}, {"a": "x"}]}`)
	}
	f.Fuzz(func(t *testing.T, text, data string) {
		q, err := Compile(text)
		if err != nil {
			return
		}
		v, err := value.ParseJSON(data)
		if err != nil {
			return
		}
		if got, err := q.Search(v); err == nil && got == nil {
			t.Fatalf("%q gives neither value nor error", text)
		}
	})
}
