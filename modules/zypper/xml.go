package zypper

import (
	"fmt"
	"strconv"
	"strings"
)

// element is one of the elements of zypper --xmlout.
type element struct {
	name   string
	parent string // the one it stands in
	depth  int    // 0: the root
	attrs  map[string]string
	text   []byte // what stands in it, without its children
}

// scan reads a document, as far as zypper writes XML: no DTDs, no namespaces.
// The errors are in expat's words, with its places. (encoding/xml would make the
// agent a tenth of a MiB bigger for this.)
func scan(text string) ([]*element, error) {
	s := scanner{text: text}
	for s.at < len(text) {
		if text[s.at] != '<' {
			if err := s.characters(); err != nil {
				return nil, err
			}
			continue
		}
		if err := s.markup(); err != nil {
			return nil, err
		}
	}
	if len(s.open) > 0 || len(s.all) == 0 {
		return nil, s.fail("no element found", len(text))
	}
	return s.all, nil
}

type scanner struct {
	text string
	at   int
	open []*element
	all  []*element
}

func (s *scanner) fail(what string, at int) error {
	before := s.text[:min(at, len(s.text))]
	return fmt.Errorf("%s: line %d, column %d", what, strings.Count(before, "\n")+1, len(before)-(strings.LastIndexByte(before, '\n')+1))
}

func (s *scanner) characters() error {
	end := strings.IndexByte(s.text[s.at:], '<')
	if end < 0 {
		end = len(s.text) - s.at
	}
	part := s.text[s.at : s.at+end]
	if len(s.open) == 0 {
		if i := strings.IndexFunc(part, func(r rune) bool { return !strings.ContainsRune(" \t\r\n", r) }); i >= 0 {
			what := "syntax error"
			if len(s.all) > 0 {
				what = "junk after document element"
			}
			return s.fail(what, s.at+i)
		}
	} else {
		plain, bad := entities(part)
		if bad >= 0 {
			return s.fail("not well-formed (invalid token)", s.at+bad)
		}
		s.open[len(s.open)-1].text = append(s.open[len(s.open)-1].text, plain...)
	}
	s.at += end
	return nil
}

func (s *scanner) markup() error {
	rest := s.text[s.at:]
	for _, c := range [][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}} {
		if !strings.HasPrefix(rest, c[0]) {
			continue
		}
		end := strings.Index(rest[len(c[0]):], c[1])
		if end < 0 {
			return s.fail("unclosed token", s.at)
		}
		if c[0] == "<![CDATA[" && len(s.open) > 0 {
			s.open[len(s.open)-1].text = append(s.open[len(s.open)-1].text, rest[len(c[0]):len(c[0])+end]...)
		}
		s.at += len(c[0]) + end + len(c[1])
		return nil
	}
	end := tagEnd(rest)
	if end < 0 {
		return s.fail("unclosed token", s.at)
	}
	tag := rest[1:end]
	if name, ok := strings.CutPrefix(tag, "/"); ok {
		if len(s.open) == 0 || s.open[len(s.open)-1].name != strings.TrimSpace(name) {
			return s.fail("mismatched tag", s.at+2)
		}
		s.open = s.open[:len(s.open)-1]
	} else if err := s.start(tag); err != nil {
		return err
	}
	s.at += end + 1
	return nil
}

// tagEnd finds the > of a tag, which may stand in quotes before.
func tagEnd(text string) int {
	var quote byte
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return -1
}

func (s *scanner) start(tag string) error {
	if len(s.open) == 0 && len(s.all) > 0 {
		return s.fail("junk after document element", s.at)
	}
	tag, closed := strings.CutSuffix(tag, "/")
	end := strings.IndexAny(tag, " \t\r\n")
	if end < 0 {
		end = len(tag)
	}
	e := &element{name: tag[:end], depth: len(s.open), attrs: map[string]string{}}
	if e.name == "" {
		return s.fail("not well-formed (invalid token)", s.at+1)
	}
	if e.depth > 0 {
		e.parent = s.open[e.depth-1].name
	}
	for rest := strings.TrimSpace(tag[end:]); rest != ""; rest = strings.TrimSpace(rest) {
		name, after, ok := strings.Cut(rest, "=")
		after = strings.TrimSpace(after)
		if !ok || len(after) < 2 || after[0] != '"' && after[0] != '\'' {
			return s.fail("not well-formed (invalid token)", s.at+1+end)
		}
		val, next, ok := strings.Cut(after[1:], after[:1])
		plain, bad := entities(val)
		if !ok || bad >= 0 {
			return s.fail("not well-formed (invalid token)", s.at+1+end)
		}
		e.attrs[strings.TrimSpace(name)] = plain
		rest = next
	}
	s.all = append(s.all, e)
	if !closed {
		s.open = append(s.open, e)
	}
	return nil
}

var named = map[string]string{"lt": "<", "gt": ">", "amp": "&", "apos": "'", "quot": `"`}

// entities gives text with its references replaced, and where a wrong one is,
// -1 when all are right.
func entities(text string) (string, int) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '&' {
			b.WriteByte(text[i])
			continue
		}
		name, _, ok := strings.Cut(text[i+1:], ";")
		plain := named[name]
		if number, isNumber := strings.CutPrefix(name, "#"); isNumber && len(number) < 9 {
			base := 10
			if hex, isHex := strings.CutPrefix(number, "x"); isHex {
				number, base = hex, 16
			}
			if n, err := strconv.ParseUint(number, base, 21); err == nil {
				plain = string(rune(n))
			}
		}
		if !ok || plain == "" {
			return "", i + 1
		}
		b.WriteString(plain)
		i += len(name) + 1
	}
	return b.String(), -1
}
