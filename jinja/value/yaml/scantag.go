package yaml

import (
	"strings"
	"unicode/utf8"
)

// fetchDirective reads a line that begins with "%".
func (s *scanner) fetchDirective() {
	s.unroll(-1)
	s.dropKey()
	s.keyAllowed = false
	const doing = "while scanning a directive"
	t := token{start: s.mark}
	s.skipASCII(1)
	name := s.word()
	switch {
	case name == "":
		s.fail(doing, t.start, "could not find expected directive name")
	case !s.blankz(0):
		s.fail(doing, t.start, "found unexpected non-alphabetical character")
	case name == "YAML":
		t.kind = tokVersion
		s.version(&t)
	case name == "TAG":
		t.kind = tokTagDirective
		s.tagDirective(&t)
	default:
		s.fail(doing, t.start, "found unknown directive name")
	}
	t.end = s.mark
	s.blanks()
	if s.at(0) == '#' {
		for !s.breakz(0) {
			s.skip()
		}
	}
	if !s.breakz(0) {
		s.fail(doing, t.start, "did not find expected comment or line break")
	}
	s.skipLine()
	s.push(t)
}

func wordChar(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || c == '-'
}

// word reads letters, digits, "_" and "-".
func (s *scanner) word() string {
	n := span(s.src[s.pos:], wordChar)
	text := s.src[s.pos : s.pos+n]
	s.skipASCII(n)
	return text
}

func (s *scanner) blanks() {
	for s.blank(0) {
		s.skipASCII(1)
	}
}

func (s *scanner) version(t *token) {
	s.blanks()
	t.major = s.versionNumber(t.start)
	if s.err == nil && s.at(0) != '.' {
		s.fail("while scanning a %YAML directive", t.start, "did not find expected digit or '.' character")
	}
	if s.err == nil {
		s.skipASCII(1)
		t.minor = s.versionNumber(t.start)
	}
}

func (s *scanner) versionNumber(start mark) int {
	const maxDigits = 9
	n, digits := 0, 0
	for ; digit(s.at(0)); digits++ {
		if digits == maxDigits {
			s.fail("while scanning a %YAML directive", start, "found extremely long version number")
			return 0
		}
		n = n*10 + int(s.at(0)-'0')
		s.skipASCII(1)
	}
	if digits == 0 {
		s.fail("while scanning a %YAML directive", start, "did not find expected version number")
	}
	return n
}

func (s *scanner) tagDirective(t *token) {
	const doing = "while scanning a %TAG directive"
	s.blanks()
	t.handle = s.tagHandle(true, t.start)
	if !s.blank(0) {
		s.fail(doing, t.start, "did not find expected whitespace")
	}
	s.blanks()
	t.text = s.tagURI(true, true, "", t.start)
	if !s.blankz(0) {
		s.fail(doing, t.start, "did not find expected whitespace or line break")
	}
}

// scanAnchor reads an anchor or an alias.
func (s *scanner) scanAnchor(kind tokenKind) {
	t := token{kind: kind, start: s.mark}
	s.skipASCII(1)
	t.text = s.word()
	if t.text == "" || !s.blankz(0) && strings.IndexByte("?:,]}%@`", s.at(0)) < 0 {
		doing := "while scanning an anchor"
		if kind == tokAlias {
			doing = "while scanning an alias"
		}
		s.fail(doing, t.start, "did not find expected alphabetic or numeric character")
	}
	t.end = s.mark
	s.push(t)
}

// scanTag reads a tag: !<uri>, !handle!suffix, !suffix or a lone "!".
func (s *scanner) scanTag() {
	t := token{kind: tokTag, start: s.mark}
	if s.at(1) == '<' {
		s.skipASCII(2)
		t.text = s.tagURI(true, false, "", t.start)
		if s.at(0) != '>' {
			s.fail("while scanning a tag", t.start, "did not find the expected '>'")
		}
		s.skip()
	} else {
		t.handle = s.tagHandle(false, t.start)
		if len(t.handle) > 1 && strings.HasSuffix(t.handle, "!") {
			t.text = s.tagURI(false, false, "", t.start)
		} else {
			t.text = s.tagURI(false, false, t.handle, t.start)
			t.handle = "!"
			if t.text == "" {
				t.handle, t.text = "", "!"
			}
		}
	}
	if !s.blankz(0) && (s.flow == 0 || s.at(0) != ',') {
		s.fail("while scanning a tag", t.start, "did not find expected whitespace or line break")
	}
	t.end = s.mark
	s.push(t)
}

// tagHandle reads "!", "!!" or "!word!", or what only began like one.
func (s *scanner) tagHandle(directive bool, start mark) string {
	doing := "while scanning a tag"
	if directive {
		doing = "while scanning a tag directive"
	}
	if s.at(0) != '!' {
		s.fail(doing, start, "did not find expected '!'")
		return ""
	}
	from := s.pos
	s.skipASCII(1)
	s.word()
	if s.at(0) == '!' {
		s.skipASCII(1)
	} else if directive && s.pos != from+1 {
		s.fail("while parsing a tag directive", start, "did not find expected '!'")
		return ""
	}
	return s.src[from:s.pos]
}

// tagURI reads the rest of a tag; head is what of it has been read already as
// if it were a handle.
func (s *scanner) tagURI(verbatim, directive bool, head string, start mark) string {
	allowed := ";/?:@&=+$.!~*'()%"
	if verbatim {
		allowed += ",[]"
	}
	doing := "while parsing a tag"
	if directive {
		doing = "while parsing a %TAG directive"
	}
	found := head != ""
	buf := []byte(strings.TrimPrefix(head, "!"))
	for c := s.at(0); c != 0 && (wordChar(c) || strings.IndexByte(allowed, c) >= 0); c = s.at(0) {
		if c == '%' {
			buf = s.uriEscape(buf, doing, start)
		} else {
			buf = append(buf, c)
			s.skipASCII(1)
		}
		found = true
	}
	if !found {
		s.fail(doing, start, "did not find expected tag URI")
	}
	return string(buf)
}

// uriEscape reads the %XX of one character.
func (s *scanner) uriEscape(buf []byte, doing string, start mark) []byte {
	var char []byte
	for width := 1; len(char) < width; {
		hi, ok1 := hexDigit(s.at(1))
		lo, ok2 := hexDigit(s.at(2))
		if s.at(0) != '%' || !ok1 || !ok2 {
			s.fail(doing, start, "did not find URI escaped octet")
			return buf
		}
		octet := byte(hi<<4 | lo)
		switch {
		case len(char) > 0:
			if octet&0xc0 != 0x80 {
				s.fail(doing, start, "found an incorrect trailing UTF-8 octet")
				return buf
			}
		case octet&0x80 == 0:
		case octet&0xe0 == 0xc0:
			width = 2
		case octet&0xf0 == 0xe0:
			width = 3
		case octet&0xf8 == 0xf0:
			width = 4
		default:
			s.fail(doing, start, "found an incorrect leading UTF-8 octet")
			return buf
		}
		char = append(char, octet)
		s.skipASCII(3)
	}
	if !utf8.Valid(char) {
		s.fail(doing, start, "found an incorrect trailing UTF-8 octet")
	}
	return append(buf, char...)
}

func hexDigit(c byte) (int, bool) {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0'), true
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10, true
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10, true
	}
	return 0, false
}
