package python

import "strings"

// token is a word or sign of Python text.
type token struct {
	text   string // a name, a number, one sign, "…" for a string; "\n" ends a logical line
	column int    // where its line begins, for the first of a line; else -1
}

// scan cuts Python text into tokens, as far as import statements need it: what
// stands in strings and comments is passed over, lines that go on are one.
type scanner struct {
	text   string
	at     int
	depth  int // of brackets
	begins bool
}

func newScanner(text string) *scanner { return &scanner{text: text, begins: true} }

// next gives the next token; ok is false at the end.
func (s *scanner) next() (t token, ok bool) {
	t.column = -1
	if s.begins {
		t.column = s.indent()
		s.begins = false
	}
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case c == '\n' && s.depth == 0:
			s.at++
			s.begins = true
			return token{"\n", -1}, true
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\n':
			s.at++
		case c == '\\':
			s.at++ // and the line end behind it is blank
			if strings.HasPrefix(s.text[s.at:], "\r\n") {
				s.at++
			}
			if s.at < len(s.text) && s.text[s.at] == '\n' {
				s.at++
			}
		case c == '#':
			if i := strings.IndexByte(s.text[s.at:], '\n'); i >= 0 {
				s.at += i
			} else {
				s.at = len(s.text)
			}
		case c == '"' || c == '\'':
			s.str(false)
			t.text = "…"
			return t, true
		case isWord(c):
			start := s.at
			for s.at < len(s.text) && (isWord(s.text[s.at]) || s.text[s.at] >= '0' && s.text[s.at] <= '9') {
				s.at++
			}
			t.text = s.text[start:s.at]
			if s.at < len(s.text) && (s.text[s.at] == '"' || s.text[s.at] == '\'') && isPrefix(t.text) {
				s.str(strings.ContainsAny(t.text, "rR"))
				t.text = "…"
			}
			return t, true
		default:
			s.at++
			switch c {
			case '(', '[', '{':
				s.depth++
			case ')', ']', '}':
				s.depth = max(s.depth-1, 0)
			}
			t.text = string(c)
			return t, true
		}
	}
	return t, false
}

// indent gives the column in which the line's first word stands.
func (s *scanner) indent() int {
	n := 0
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t' || s.text[s.at] == '\f') {
		s.at++
		n++
	}
	return n
}

// str passes over a string.
func (s *scanner) str(raw bool) {
	quote := s.text[s.at : s.at+1]
	if strings.HasPrefix(s.text[s.at:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	s.at += len(quote)
	for s.at < len(s.text) {
		switch {
		case s.text[s.at] == '\\' && s.at+1 < len(s.text):
			s.at += 2 // in raw strings too, a quote behind a backslash ends nothing
		case strings.HasPrefix(s.text[s.at:], quote):
			s.at += len(quote)
			return
		case len(quote) == 1 && s.text[s.at] == '\n':
			return // it is not closed: Python will say so
		default:
			s.at++
		}
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func isPrefix(word string) bool {
	return len(word) <= 2 && strings.Trim(strings.ToLower(word), "rbuft") == ""
}
