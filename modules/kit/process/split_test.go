package process

import (
	"reflect"
	"testing"
)

// Expected values are what Python's shlex.split gives.
func TestSplit(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
		err  string
	}{
		{"", nil, ""},
		{"  a  b\tc\n", []string{"a", "b", "c"}, ""},
		{`a 'b c' "d e"`, []string{"a", "b c", "d e"}, ""},
		{`a''b "" ''`, []string{"ab", "", ""}, ""},
		{`a\ b \'c \"`, []string{"a b", "'c", `"`}, ""},
		{`"a\"b\\c\d$x"`, []string{`a"b\c\d$x`}, ""},
		{`'a\b"c'd`, []string{`a\b"cd`}, ""},
		{`a # b`, []string{"a", "#", "b"}, ""},
		{`é "ü ö"`, []string{"é", "ü ö"}, ""},
		{`a 'b`, nil, "No closing quotation"},
		{`a "b`, nil, "No closing quotation"},
		{`a\`, nil, "No escaped character"},
	} {
		got, err := Split(c.in)
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%q: %v", c.in, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %q, %v", c.in, got, err)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"a b", `'a' "b\"" \c`, `"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		words, err := Split(s)
		n := 0
		for _, w := range words {
			n += len(w)
		}
		if err == nil && n > len(s) {
			t.Errorf("%q became longer: %q", s, words)
		}
	})
}
