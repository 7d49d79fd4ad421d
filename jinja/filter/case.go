package filter

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("upper", "do_upper", textOf(upper))
	add("lower", "do_lower", textOf(lower))
	add("capitalize", "do_capitalize", textOf(capitalize))
	add("title", "do_title", textOf(title))
}

// textOf makes a filter of a function on text; values of other types are taken as
// what they print as. HTML that is marked as safe stays so.
func textOf(fn func(string) string) function {
	return func(c *expr.Call) (value.Value, error) {
		var v value.Value
		if err := c.Unpack("s", &v); err != nil {
			return nil, err
		}
		s := fn(value.Text(v))
		if _, ok := v.(value.Markup); ok {
			return value.Markup(s), nil
		}
		return value.Str(s), nil
	}
}

func upper(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	return mapRunes(s, func(r rune) (rune, string) {
		if full, ok := fullUpper[r]; ok {
			return 0, full
		}
		return unicode.ToUpper(r), ""
	})
}

func lower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	i := 0
	return mapRunes(s, func(r rune) (rune, string) {
		at := i
		i += utf8.RuneLen(r)
		switch r {
		case 'İ':
			return 0, "i̇"
		case 'Σ':
			if finalSigma(s, at) {
				return 'ς', ""
			}
		}
		return unicode.ToLower(r), ""
	})
}

// finalSigma reports whether the sigma at i ends a word.
func finalSigma(s string, i int) bool {
	ignorable := func(r rune) bool {
		return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) || strings.ContainsRune("'.:·’", r)
	}
	cased := func(r rune) bool { return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) }
	before := strings.TrimRightFunc(s[:i], ignorable)
	after := strings.TrimLeftFunc(s[i+len("Σ"):], ignorable)
	b, _ := utf8.DecodeLastRuneInString(before)
	a, _ := utf8.DecodeRuneInString(after)
	return cased(b) && !cased(a)
}

// raise puts one letter in its title form.
func raise(r rune) string {
	if full, ok := fullTitle[r]; ok {
		return full
	}
	return string(unicode.ToTitle(r))
}

// capitalize raises the first letter and lowers the rest.
func capitalize(s string) string {
	if s == "" {
		return s
	}
	first, n := utf8.DecodeRuneInString(s)
	if first == utf8.RuneError && n == 1 {
		return s[:1] + lower(s[1:])
	}
	return raise(first) + lower(s)[len(lower(s[:n])):]
}

// title raises the first letter of each word; words end at space, hyphens and
// opening brackets.
func title(s string) string {
	var b strings.Builder
	for s != "" {
		n := strings.IndexFunc(s, func(r rune) bool { return !isWordBreak(r) })
		if n < 0 {
			n = len(s)
		}
		b.WriteString(s[:n])
		s = s[n:]
		if n = strings.IndexFunc(s, isWordBreak); n < 0 {
			n = len(s)
		}
		if n > 0 {
			_, first := utf8.DecodeRuneInString(s)
			b.WriteString(upper(s[:first]))
			b.WriteString(lower(s[first:n]))
		}
		s = s[n:]
	}
	return b.String()
}

func isWordBreak(r rune) bool {
	return isSpace(r) || strings.ContainsRune("-({[<", r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mapRunes maps each character to one or, if the text it gets is not empty,
// several. Bytes that are not UTF-8 stay.
func mapRunes(s string, fn func(rune) (rune, string)) string {
	b := make([]byte, 0, len(s)+8)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b = append(b, s[i])
			i++
			continue
		}
		i += n
		one, many := fn(r)
		if many != "" {
			b = append(b, many...)
		} else {
			b = utf8.AppendRune(b, one)
		}
	}
	return string(b)
}
