package yaml

import "unicode/utf8"

// folding collects the blanks and line breaks between the words of a scalar
// until it is known what becomes of them.
type folding struct {
	blanks      []byte
	first, more string // the first line break and those after it
	broken      bool
}

// space takes the blanks and breaks at s. check, if not nil, is asked about
// each blank of a later line.
func (f *folding) space(s *scanner, check func() bool) {
	f.blanks = f.blanks[:0]
	for {
		switch {
		case s.blank(0) && !f.broken:
			f.blanks = append(f.blanks, s.at(0))
			s.skipASCII(1)
		case s.blank(0):
			if check != nil && !check() {
				return
			}
			s.skipASCII(1)
		case s.lineBreak(0) == 0:
			return
		case !f.broken:
			f.first, f.broken = s.skipLine(), true
		default:
			f.more += s.skipLine()
		}
	}
}

// join adds to buf what the space between two words stands for.
func (f *folding) join(buf []byte) []byte {
	switch {
	case !f.broken:
		buf = append(buf, f.blanks...)
	case f.first != "" && f.first[0] == '\n':
		if f.more == "" {
			buf = append(buf, ' ')
		}
		buf = append(buf, f.more...)
	default:
		buf = append(append(buf, f.first...), f.more...)
	}
	*f = folding{blanks: f.blanks[:0]}
	return buf
}

// scanPlain reads a scalar without quotes.
func (s *scanner) scanPlain() {
	const doing = "while scanning a plain scalar"
	t := token{kind: tokScalar, start: s.mark, end: s.mark}
	indent := s.indent + 1
	buf := s.buf[:0]
	var gap folding
	for !s.documentMark() && s.at(0) != '#' {
		from := s.pos
		for ; !s.blankz(0); s.skip() {
			c := s.at(0)
			if c == ':' {
				if s.flow > 0 && flowMark(s.at(1)) {
					s.fail(doing, t.start, "found unexpected ':'")
					return
				}
				if s.blankz(1) {
					break
				}
			}
			if s.flow > 0 && flowMark(c) && c != '?' {
				break
			}
		}
		if s.pos > from {
			buf = append(gap.join(buf), s.src[from:s.pos]...)
			t.end = s.mark
		}
		if !s.blank(0) && s.lineBreak(0) == 0 {
			break
		}
		gap.space(s, func() bool {
			if s.col < indent && s.at(0) == '\t' {
				s.fail(doing, t.start, "found a tab character that violates indentation")
				return false
			}
			return true
		})
		if s.flow == 0 && s.col < indent {
			break
		}
	}
	if gap.broken {
		s.keyAllowed = true
	}
	s.buf = buf
	t.text = string(buf)
	s.push(t)
}

func flowMark(c byte) bool {
	switch c {
	case ',', '?', '[', ']', '{', '}':
		return true
	}
	return false
}

// scanQuoted reads a scalar in quotes of one kind.
func (s *scanner) scanQuoted(quote byte) {
	const doing = "while scanning a quoted scalar"
	t := token{kind: tokScalar, style: quote, start: s.mark}
	s.skipASCII(1)
	buf := s.buf[:0]
	var gap folding
	for {
		if s.documentMark() {
			s.fail(doing, t.start, "found unexpected document indicator")
		}
		if s.pos >= len(s.src) {
			s.fail(doing, t.start, "found unexpected end of stream")
			return
		}
		escaped := false // a line break
		for !escaped && !s.blankz(0) && (s.at(0) != quote || quote == '\'' && s.at(1) == '\'') {
			switch {
			case s.at(0) == quote:
				buf = append(buf, quote)
				s.skipASCII(2)
			case s.at(0) != '\\' || quote == '\'':
				buf = append(buf, s.skip()...)
			case s.lineBreak(1) > 0:
				s.skipASCII(1)
				s.skipLine()
				escaped = true
			default:
				buf = s.escape(buf, t.start)
			}
		}
		if s.at(0) == quote {
			break
		}
		gap.broken = escaped // then the breaks after it count, it does not
		gap.space(s, nil)
		buf = gap.join(buf)
	}
	s.skip()
	t.end = s.mark
	s.buf = buf
	t.text = string(buf)
	s.push(t)
}

var unescaped = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b",
	' ': " ", '"': `"`, '/': "/", '\\': `\`, 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// escape reads an escape of a double-quoted scalar.
func (s *scanner) escape(buf []byte, start mark) []byte {
	const doing = "while parsing a quoted scalar"
	c := s.at(1)
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits == 0 {
		text, ok := unescaped[c]
		if !ok {
			s.fail(doing, start, "found unknown escape character")
			return buf
		}
		s.skipASCII(2)
		return append(buf, text...)
	}
	s.skipASCII(2)
	var r rune
	for i := range digits {
		d, ok := hexDigit(s.at(i))
		if !ok {
			s.fail(doing, start, "did not find expected hexdecimal number")
			return buf
		}
		r = r<<4 | rune(d)
	}
	if !utf8.ValidRune(r) {
		s.fail(doing, start, "found invalid Unicode character escape code")
		return buf
	}
	s.skipASCII(digits)
	return utf8.AppendRune(buf, r)
}

// scanBlockScalar reads a scalar after "|" or ">".
func (s *scanner) scanBlockScalar(style byte) {
	t := token{kind: tokScalar, style: style, start: s.mark}
	chomp, increment, ok := s.blockHeader(t.start)
	if !ok {
		return
	}
	t.end = s.mark
	indent := 0
	if increment > 0 {
		indent = max(s.indent, 0) + increment
	}
	buf := s.buf[:0]
	leading := "" // the break behind the last line
	blankBefore := false
	trailing := s.blockBreaks(&indent, t.start, &t.end)
	for s.col == indent && s.pos < len(s.src) {
		blankNow := s.blank(0)
		if style == '>' && leading == "\n" && !blankBefore && !blankNow {
			if trailing == "" {
				buf = append(buf, ' ')
			}
		} else {
			buf = append(buf, leading...)
		}
		buf = append(buf, trailing...)
		blankBefore = blankNow
		for from := s.pos; ; s.skip() {
			if s.breakz(0) {
				buf = append(buf, s.src[from:s.pos]...)
				break
			}
		}
		t.end = s.mark
		leading = s.skipLine()
		trailing = s.blockBreaks(&indent, t.start, &t.end)
	}
	if chomp != '-' {
		buf = append(buf, leading...)
	}
	if chomp == '+' {
		buf = append(buf, trailing...)
	}
	s.buf = buf
	t.text = string(buf)
	s.push(t)
}

// blockHeader reads the line that begins a block scalar.
func (s *scanner) blockHeader(start mark) (chomp byte, increment int, ok bool) {
	const doing = "while scanning a block scalar"
	s.skipASCII(1)
	for range 2 {
		switch c := s.at(0); {
		case (c == '+' || c == '-') && chomp == 0:
			chomp = c
			s.skipASCII(1)
		case digit(c) && increment == 0:
			if increment = int(c - '0'); increment == 0 {
				s.fail(doing, start, "found an indentation indicator equal to 0")
				return 0, 0, false
			}
			s.skipASCII(1)
		}
	}
	s.blanks()
	if s.at(0) == '#' {
		for !s.breakz(0) {
			s.skip()
		}
	}
	if !s.breakz(0) {
		s.fail(doing, start, "did not find expected comment or line break")
		return 0, 0, false
	}
	s.skipLine()
	return chomp, increment, true
}

// blockBreaks reads empty lines and the indentation of the line after them,
// and finds out what that is when indent is 0.
func (s *scanner) blockBreaks(indent *int, start mark, end *mark) string {
	var breaks []byte
	deepest := 0
	*end = s.mark
	for {
		for (*indent == 0 || s.col < *indent) && s.at(0) == ' ' {
			s.skipASCII(1)
		}
		deepest = max(deepest, s.col)
		if (*indent == 0 || s.col < *indent) && s.at(0) == '\t' {
			s.fail("while scanning a block scalar", start, "found a tab character where an indentation space is expected")
		}
		if s.lineBreak(0) == 0 {
			break
		}
		breaks = append(breaks, s.skipLine()...)
		*end = s.mark
	}
	if *indent == 0 {
		*indent = max(deepest, s.indent+1, 1)
	}
	return string(breaks)
}
