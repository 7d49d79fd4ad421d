package form

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// testdata/record.py has asked Python.
func TestFnmatch(t *testing.T) {
	data, err := os.ReadFile("testdata/fnmatch.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases [][3]any
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) == 0 {
		t.Fatal(len(cases), err)
	}
	for _, c := range cases {
		if got := Fnmatch(c[0].(string), c[1].(string)); got != c[2] {
			t.Errorf("Fnmatch(%q, %q) = %t", c[0], c[1], got)
		}
	}
}

// Many stars cost no more than one, and bytes that are no UTF-8 are characters.
func TestFnmatchOdd(t *testing.T) {
	if Fnmatch(strings.Repeat("*a", 30)+"b", strings.Repeat("a", 5000)) {
		t.Error("there is no b")
	}
	if !Fnmatch("?[\xff]*", "\xfe\xff") || Fnmatch("?", "\xfe\xff") {
		t.Error("bytes")
	}
}

func TestUnoctal(t *testing.T) {
	for in, want := range map[string]string{`a`: "a", `a\040b\011\134`: "a b\t\\", `\04`: `\04`, `\999`: `\999`, `\`: `\`} {
		if got := Unoctal(in); got != want {
			t.Errorf("Unoctal(%q) = %q", in, got)
		}
	}
}
