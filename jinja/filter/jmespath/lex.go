package jmespath

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// kind is a kind of token, named as messages name it.
type kind string

const (
	eof         kind = "eof"
	name        kind = "unquoted_identifier"
	quotedName  kind = "quoted_identifier"
	literal     kind = "literal"
	number      kind = "number"
	dot         kind = "dot"
	star        kind = "star"
	rbracket    kind = "rbracket"
	comma       kind = "comma"
	colon       kind = "colon"
	current     kind = "current"
	lparen      kind = "lparen"
	rparen      kind = "rparen"
	lbrace      kind = "lbrace"
	rbrace      kind = "rbrace"
	flatten     kind = "flatten"
	filterOpen  kind = "filter"
	lbracket    kind = "lbracket"
	or          kind = "or"
	pipe        kind = "pipe"
	and         kind = "and"
	expref      kind = "expref"
	less        kind = "lt"
	lessEqual   kind = "lte"
	more        kind = "gt"
	moreEqual   kind = "gte"
	equal       kind = "eq"
	notEqual    kind = "ne"
	not         kind = "not"
	whitespaces      = " \t\n\r"
)

var single = map[rune]kind{
	'.': dot, '*': star, ']': rbracket, ',': comma, ':': colon, '@': current,
	'(': lparen, ')': rparen, '{': lbrace, '}': rbrace,
}

type token struct {
	kind kind
	// val is an identifier's or literal's value, a number, or the token's text.
	val value.Value
	pos int // in characters
}

type scanner struct {
	text   []rune
	pos    int
	tokens []token
}

func scan(text string) ([]token, error) {
	if text == "" {
		return nil, &Error{"Invalid JMESPath expression: cannot be empty."}
	}
	s := scanner{text: []rune(text)}
	for s.pos < len(s.text) {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	s.add(eof, "", len(s.text))
	return s.tokens, nil
}

func (s *scanner) add(k kind, text string, pos int) {
	s.tokens = append(s.tokens, token{k, value.Str(text), pos})
}

func (s *scanner) peek() rune {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return -1
}

func (s *scanner) bad(pos int, format string, args ...any) error {
	return &Error{fmt.Sprintf("Bad jmespath expression: %s:\n%s\n%s^", fmt.Sprintf(format, args...), string(s.text), strings.Repeat(" ", pos))}
}

func (s *scanner) next() error {
	start, c := s.pos, s.text[s.pos]
	s.pos++
	switch {
	case single[c] != "":
		s.add(single[c], string(c), start)
	case nameStart(c):
		for nameStart(s.peek()) || digit(s.peek()) {
			s.pos++
		}
		s.add(name, string(s.text[start:s.pos]), start)
	case strings.ContainsRune(whitespaces, c):
	case c == '[':
		s.either(start, []rune("]?"), []kind{flatten, filterOpen}, lbracket)
	case c == '|':
		s.either(start, []rune("|"), []kind{or}, pipe)
	case c == '&':
		s.either(start, []rune("&"), []kind{and}, expref)
	case c == '<':
		s.either(start, []rune("="), []kind{lessEqual}, less)
	case c == '>':
		s.either(start, []rune("="), []kind{moreEqual}, more)
	case c == '!':
		s.either(start, []rune("="), []kind{notEqual}, not)
	case c == '=':
		if s.peek() != '=' {
			return s.bad(start, "Unknown token '='")
		}
		s.pos++
		s.add(equal, "==", start)
	case c == '-' || digit(c):
		return s.number(start)
	case c == '\'':
		raw, err := s.until('\'')
		if err != nil {
			return err
		}
		s.add(literal, strings.ReplaceAll(raw, `\'`, "'"), start)
	case c == '"':
		return s.quoted(start)
	case c == '`':
		return s.json(start)
	default:
		return s.bad(start, "Unknown token %c", c)
	}
	return nil
}

func nameStart(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

func digit(c rune) bool { return c >= '0' && c <= '9' }

// either adds the token of two characters if one of seconds follows, else the single one.
func (s *scanner) either(start int, seconds []rune, long []kind, short kind) {
	for i, c := range seconds {
		if s.peek() == c {
			s.pos++
			s.add(long[i], string(s.text[start:s.pos]), start)
			return
		}
	}
	s.add(short, string(s.text[start:s.pos]), start)
}

func (s *scanner) number(start int) error {
	for digit(s.peek()) {
		s.pos++
	}
	text := string(s.text[start:s.pos])
	if text == "-" {
		return s.bad(start, "Unknown token '-'")
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return s.bad(start, "number is too big: %s", text)
	}
	s.tokens = append(s.tokens, token{number, value.Int(n), start})
	return nil
}

// until gives the text up to the delimiter, which a backslash escapes; the
// backslashes stay. The first delimiter has been read.
func (s *scanner) until(delimiter rune) (string, error) {
	start := s.pos
	for s.pos < len(s.text) && s.text[s.pos] != delimiter {
		if s.text[s.pos] == '\\' {
			s.pos++
		}
		s.pos++
	}
	if s.pos >= len(s.text) {
		return "", s.bad(start-1, "Unclosed %c delimiter", delimiter)
	}
	text := string(s.text[start:s.pos])
	s.pos++
	return text, nil
}

func (s *scanner) quoted(start int) error {
	text, err := s.until('"')
	if err != nil {
		return err
	}
	v, err := value.ParseJSON(`"` + text + `"`)
	if err != nil {
		why, _, _ := strings.Cut(err.Error(), ":")
		return s.bad(start, "%s", why)
	}
	s.tokens = append(s.tokens, token{quotedName, v, start})
	return nil
}

// json reads a literal. What is no JSON is text, as it was in the language's first days.
func (s *scanner) json(start int) error {
	text, err := s.until('`')
	if err != nil {
		return err
	}
	text = strings.ReplaceAll(text, "\\`", "`")
	v, err := value.ParseJSON(text)
	if err != nil {
		v, err = value.ParseJSON(`"` + strings.TrimLeft(text, whitespaces+"\v\f") + `"`)
	}
	if err != nil {
		return s.bad(start, "Bad token %s", text)
	}
	s.tokens = append(s.tokens, token{literal, v, start})
	return nil
}
