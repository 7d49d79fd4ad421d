package syntax

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

var simpleEscapes = map[byte]string{
	'\n': "", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b",
	'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
}

// unescape resolves the escapes of a string literal as Python's unicode-escape
// codec does; an unknown escape stays as it is.
func unescape(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i == len(s) {
			return "", errors.New(`\ at end of string`)
		}
		c := s[i]
		if e, ok := simpleEscapes[c]; ok {
			b.WriteString(e)
			continue
		}
		n, size, err := numericEscape(s[i:])
		if err != nil {
			return "", err
		}
		if size == 0 {
			b.WriteByte('\\')
			b.WriteByte(c)
			continue
		}
		if n >= 0xd800 && n < 0xe000 {
			// A lone surrogate; Python would keep it and fail when printing it.
			n = utf8.RuneError
		}
		b.WriteRune(n)
		i += size - 1
	}
	return b.String(), nil
}

// numericEscape reads \ooo, \xhh, \uhhhh and \Uhhhhhhhh; s begins behind the
// backslash. size is 0 if it is none of them.
func numericEscape(s string) (r rune, size int, err error) {
	digits, name := 0, ""
	switch s[0] {
	case 'x':
		digits, name = 2, `\xXX`
	case 'u':
		digits, name = 4, `\uXXXX`
	case 'U':
		digits, name = 8, `\UXXXXXXXX`
	case 'N':
		return 0, 0, errors.New(`malformed \N character escape`)
	default:
		for size < 3 && size < len(s) && s[size] >= '0' && s[size] <= '7' {
			r = r<<3 | rune(s[size]-'0')
			size++
		}
		return r, size, nil
	}
	if len(s) < 1+digits {
		return 0, 0, errors.New("truncated " + name + " escape")
	}
	n, err := strconv.ParseUint(s[1:1+digits], 16, 32)
	if err != nil {
		return 0, 0, errors.New("truncated " + name + " escape")
	}
	if n > utf8.MaxRune {
		return 0, 0, errors.New("illegal Unicode character")
	}
	return rune(n), 1 + digits, nil
}
