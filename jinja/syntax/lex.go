package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func isSpace(r rune) bool { return unicode.IsSpace(r) || (r >= 0x1c && r <= 0x1f) }

var closers = map[byte]byte{'(': ')', '[': ']', '{': '}'}

// expression reads the tokens of a tag up to its end, which is a token of kind end.
func (s *scanner) expression(end Kind) error {
	s.brackets = s.brackets[:0]
	for s.off < len(s.src) {
		// An end delimiter inside brackets is none: {{ {'a': {}} }}.
		if len(s.brackets) == 0 && s.tagEnd(end) {
			return nil
		}
		if r, n := utf8.DecodeRuneInString(s.src[s.off:]); isSpace(r) {
			s.off += n
			continue
		}
		if err := s.token(); err != nil {
			return err
		}
	}
	return nil
}

// lineStatement reads the tokens of a line statement up to the end of its line.
func (s *scanner) lineStatement() error {
	s.brackets = s.brackets[:0]
	for s.off < len(s.src) {
		c := s.src[s.off]
		if c == '\n' && len(s.brackets) == 0 {
			break
		}
		if r, n := utf8.DecodeRuneInString(s.src[s.off:]); isSpace(r) {
			s.off += n
			continue
		}
		if err := s.token(); err != nil {
			return err
		}
	}
	s.emit(BlockEnd, "\n", s.off)
	if s.off < len(s.src) {
		s.off++
	}
	s.lineStarting = true
	return nil
}

func (s *scanner) tagEnd(end Kind) bool {
	text := s.opt.VarEnd
	switch end {
	case BlockEnd:
		text = s.opt.BlockEnd
	case EOF:
		return false
	}
	rest, begin := s.src[s.off:], s.off
	if strings.HasPrefix(rest, text) {
		s.emit(end, text, begin)
		s.off += len(text)
		if end == BlockEnd {
			s.afterBlock(0)
		}
	} else if (rest[0] == '-' || (rest[0] == '+' && end == BlockEnd)) && strings.HasPrefix(rest[1:], text) {
		s.emit(end, rest[:1]+text, begin)
		s.off += 1 + len(text)
		s.afterBlock(rest[0])
	} else {
		return false
	}
	s.lineStarting = s.off > 0 && s.src[s.off-1] == '\n'
	return true
}

// token reads one token of an expression.
func (s *scanner) token() error {
	c := s.src[s.off]
	r, _ := utf8.DecodeRuneInString(s.src[s.off:])
	switch {
	case c >= '0' && c <= '9':
		s.number()
		return nil
	case c == '\'' || c == '"':
		return s.str(c)
	case c == '_' || unicode.IsLetter(r) || unicode.IsNumber(r):
		return s.name()
	}
	return s.operator(r)
}

func (s *scanner) name() error {
	start := s.off
	for i, r := range s.src[start:] {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) {
			break
		}
		s.off = start + i + utf8.RuneLen(r)
	}
	text := s.src[start:s.off]
	if r, _ := utf8.DecodeRuneInString(text); r != '_' && !unicode.IsLetter(r) && !unicode.Is(unicode.Nl, r) {
		return s.errorf(start, "Invalid character in identifier")
	}
	s.emit(Ident, text, start)
	return nil
}

var operators = map[string]Kind{
	"+": Add, "-": Sub, "/": Div, "//": FloorDiv, "*": Mul, "%": Mod, "**": Pow, "~": Tilde,
	"[": LBracket, "]": RBracket, "(": LParen, ")": RParen, "{": LBrace, "}": RBrace,
	"==": Eq, "!=": Ne, ">": Gt, ">=": Ge, "<": Lt, "<=": Le, "=": Assign, ".": Dot,
	":": Colon, "|": Pipe, ",": Comma, ";": Semicolon,
}

func (s *scanner) operator(r rune) error {
	rest := s.src[s.off:]
	text := rest[:1]
	k, ok := operators[text]
	if len(rest) > 1 {
		if k2, ok2 := operators[rest[:2]]; ok2 {
			k, ok, text = k2, true, rest[:2]
		}
	}
	if !ok {
		return s.errorf(s.off, "unexpected char %s at %d", quoteRune(r), utf8.RuneCountInString(s.src[:s.off]))
	}
	switch c := text[0]; k {
	case LParen, LBracket, LBrace:
		s.brackets = append(s.brackets, closers[c])
	case RParen, RBracket, RBrace:
		n := len(s.brackets)
		if n == 0 {
			return s.errorf(s.off, "unexpected '%c'", c)
		}
		if want := s.brackets[n-1]; want != c {
			return s.errorf(s.off, "unexpected '%c', expected '%c'", c, want)
		}
		s.brackets = s.brackets[:n-1]
	}
	s.emit(k, text, s.off)
	s.off += len(text)
	return nil
}

// quoteRune is Python's repr of a character that begins no token.
func quoteRune(r rune) string {
	switch {
	case r == '\'':
		return `"'"`
	case r == '\\':
		return `'\\'`
	}
	return "'" + string(r) + "'"
}

// number reads an integer or a float as far as one goes; 017 is 0 and then 17.
func (s *scanner) number() {
	start, src := s.off, s.src
	prevDot := start > 0 && src[start-1] == '.'
	if end := floatEnd(src, start); end > 0 && !prevDot {
		s.off = end
		s.emit(Float, src[start:end], start)
		return
	}
	s.off = intEnd(src, start)
	s.emit(Integer, src[start:s.off], start)
}

// digits gives the end of digits that single underscores may part; start if there are none.
func digits(src string, i int, ok func(byte) bool) int {
	start := i
	for i < len(src) {
		switch {
		case ok(src[i]):
			i++
		case src[i] == '_' && i > start && i+1 < len(src) && ok(src[i+1]):
			i += 2
		default:
			return i
		}
	}
	return i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func floatEnd(src string, i int) int {
	i = digits(src, i, isDigit)
	isFloat := false
	if i < len(src) && src[i] == '.' {
		if j := digits(src, i+1, isDigit); j > i+1 {
			i, isFloat = j, true
		}
	}
	if i < len(src) && (src[i] == 'e' || src[i] == 'E') {
		j := i + 1
		if j < len(src) && (src[j] == '+' || src[j] == '-') {
			j++
		}
		if k := digits(src, j, isDigit); k > j {
			i, isFloat = k, true
		}
	}
	if !isFloat {
		return 0
	}
	return i
}

func intEnd(src string, i int) int {
	if src[i] != '0' {
		return digits(src, i, isDigit)
	}
	if i+1 < len(src) {
		var ok func(byte) bool
		switch src[i+1] {
		case 'x', 'X':
			ok = func(c byte) bool { return isDigit(c) || (c|32 >= 'a' && c|32 <= 'f') }
		case 'o', 'O':
			ok = func(c byte) bool { return c >= '0' && c <= '7' }
		case 'b', 'B':
			ok = func(c byte) bool { return c == '0' || c == '1' }
		}
		if ok != nil {
			from := i + 2
			if from < len(src) && src[from] == '_' {
				from++
			}
			if end := digits(src, from, ok); end > from {
				return end
			}
		}
	}
	return digits(src, i, func(c byte) bool { return c == '0' })
}

func (s *scanner) str(quote byte) error {
	start := s.off
	for i := start + 1; i < len(s.src); i++ {
		switch s.src[i] {
		case '\\':
			i++
		case quote:
			text := s.newlines(s.src[start+1 : i])
			if strings.IndexByte(text, '\\') >= 0 && !(s.opt.RawStrings && s.inPrint) {
				var err error
				if text, err = unescape(text); err != nil {
					return s.errorf(start, "%w", err)
				}
			}
			s.off = i + 1
			s.emit(String, text, start)
			return nil
		}
	}
	return s.errorf(start, "unexpected char %s at %d", quoteRune(rune(quote)), utf8.RuneCountInString(s.src[:start]))
}
