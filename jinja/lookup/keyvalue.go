package lookup

import (
	"strings"

	"github.com/churten/churten/jinja/value"
)

// keyValues splits "a=1 b='x y' word" into its pairs, in order, and the words
// that are none.
func keyValues(s string) (pairs *value.Dict, words []string) {
	pairs = value.NewDict(2)
	for _, w := range split(s) {
		if k, v, ok := strings.Cut(w, "="); ok && k != "" {
			pairs.SetStr(strings.TrimSpace(k), value.Str(unquote(strings.TrimSpace(v))))
			continue
		}
		words = append(words, w)
	}
	return pairs, words
}

// split parts a line at blanks outside quotes; quotes stay.
func split(s string) []string {
	var out []string
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s):
			b.WriteByte(c)
			i++
			b.WriteByte(s[i])
			continue
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == ' ' || c == '\t' || c == '\n':
			if b.Len() > 0 {
				out = append(out, b.String())
				b.Reset()
			}
			continue
		}
		b.WriteByte(c)
	}
	if b.Len() > 0 {
		out = append(out, b.String())
	}
	return out
}

// unquote takes the quotes off a text that stands in a pair of them.
func unquote(s string) string {
	if n := len(s); n > 1 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] && s[n-2] != '\\' {
		return s[1 : n-1]
	}
	return s
}
