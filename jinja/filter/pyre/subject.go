package pyre

import (
	"strings"
	"unicode/utf8"
)

// subject is a text to be searched. Text beyond ASCII is kept as characters
// too, since Python counts those.
type subject struct {
	text  string
	runes []rune // nil if text is ASCII
	// again has ASCII text as the engine wants it, once it is searched more than
	// once: the engine would make that anew for every search.
	again []rune
}

// bigText is the length from which text is made ready for more than one search
// before the first: the engine's own copy for that is four times the text.
const bigText = 1 << 20

func (s *subject) prepare() {
	if s.runes == nil && s.again == nil {
		s.again = []rune(s.text)
	}
}

// Bytes that are not UTF-8 become lone surrogates while they are searched, as
// in Python (surrogateescape), so that they come out as they went in.
const lowSurrogate = 0xdc00

func newSubject(text string) subject {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return subject{text: text, runes: toRunes(text)}
		}
	}
	return subject{text: text}
}

func (s subject) len() int {
	if s.runes != nil {
		return len(s.runes)
	}
	return len(s.text)
}

func (s subject) slice(start, end int) string {
	if s.runes != nil {
		return toText(s.runes[start:end])
	}
	return s.text[start:end]
}

func toRunes(text string) []rune {
	runes := make([]rune, 0, len(text))
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 {
			r = lowSurrogate + rune(text[i])
		}
		runes = append(runes, r)
		i += n
	}
	return runes
}

func toText(runes []rune) string {
	size := 0
	for _, r := range runes {
		if n := utf8.RuneLen(r); n > 0 {
			size += n
		} else {
			size += utf8.UTFMax
		}
	}
	var b strings.Builder
	b.Grow(size)
	for _, r := range runes {
		if r >= lowSurrogate+0x80 && r <= lowSurrogate+0xff {
			b.WriteByte(byte(r - lowSurrogate))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
