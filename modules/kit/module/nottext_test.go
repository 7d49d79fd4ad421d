package module

import (
	"testing"

	"github.com/churten/churten/jinja/value"
)

// The words are those of ansible-core 2.19 (command: printf 'a\351b').
func TestNotText(t *testing.T) {
	const refused = "Refusing to deserialize an invalid UTF8 string value: 'utf-8' codec can't encode "
	for _, c := range []struct {
		name string
		r    Result
		want string
	}{
		{"text", Result{Values: value.DictOf("stdout", value.Str("é"))}, ""},
		{"no values", Result{}, ""},
		{"a byte", Result{Values: value.DictOf("stdout", value.Str("a\xe9b"))}, refused + `character '\udce9' in position 1: surrogates not allowed`},
		{"several bytes", Result{Values: value.DictOf("stdout", value.Str("éa\xe9\xffb\xff"))}, refused + `characters in position 2-3: surrogates not allowed`},
		{"at the end", Result{Msg: "ab\xff"}, refused + `character '\udcff' in position 2: surrogates not allowed`},
		{"deep down", Result{Values: value.DictOf("l", value.NewList(value.DictOf("k\xff", value.None)))}, refused + `character '\udcff' in position 1: surrogates not allowed`},
		{"an argument", Result{Invocation: value.DictOf("path", value.Str("\xff"))}, refused + `character '\udcff' in position 0: surrogates not allowed`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if err := c.r.NotText(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if stops := c.r.Stops(false); stops != (c.want != "") {
				t.Errorf("stops: %v", stops)
			}
		})
	}
}
