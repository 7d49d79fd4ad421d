package yaml

import "strings"

// fetch adds the next token or tokens to the queue.
func (s *scanner) fetch() {
	s.skipToToken()
	s.dropStaleKeys()
	s.unroll(s.col)
	if s.err != nil {
		return
	}
	c := s.at(0)
	switch {
	case s.pos >= len(s.src):
		s.fetchEnd()
		return
	case s.col == 0 && c == '%':
		s.fetchDirective()
		return
	case s.documentMark():
		s.unroll(-1)
		s.dropKey()
		s.keyAllowed = false
		kind := tokDocumentStart
		if c == '.' {
			kind = tokDocumentEnd
		}
		s.pushHere(kind, 3)
		return
	}
	switch c {
	case '[':
		s.openFlow(tokFlowSequence)
	case '{':
		s.openFlow(tokFlowMapping)
	case ']':
		s.closeFlow(tokFlowSequenceEnd)
	case '}':
		s.closeFlow(tokFlowMappingEnd)
	case ',':
		s.dropKey()
		s.keyAllowed = true
		s.pushHere(tokFlowEntry, 1)
	case '*':
		s.nodeBegins()
		s.scanAnchor(tokAlias)
	case '&':
		s.nodeBegins()
		s.scanAnchor(tokAnchor)
	case '!':
		s.nodeBegins()
		s.scanTag()
	case '\'', '"':
		s.nodeBegins()
		s.scanQuoted(c)
	default:
		s.fetchOther(c)
	}
}

// nodeBegins says that what follows may be a simple key, or belong to one.
func (s *scanner) nodeBegins() {
	s.saveKey()
	s.keyAllowed = false
}

// fetchOther fetches what depends on more than its first character.
func (s *scanner) fetchOther(c byte) {
	switch {
	case c == '-' && s.blankz(1):
		s.fetchBlockEntry()
	case c == '?' && (s.flow > 0 || s.blankz(1)):
		s.fetchKey()
	case c == ':' && (s.flow > 0 || s.blankz(1)):
		s.fetchValue()
	case (c == '|' || c == '>') && s.flow == 0:
		s.dropKey()
		s.keyAllowed = true
		s.scanBlockScalar(c)
	case c == '-' && !s.blank(1), s.flow == 0 && (c == '?' || c == ':'), !s.blankz(0) && strings.IndexByte("-?:,[]{}#&*!|>'\"%@`", c) < 0:
		s.nodeBegins()
		s.scanPlain()
	default:
		s.fail("while scanning for the next token", s.mark, "found character that cannot start any token")
	}
}

// documentMark reports whether a line begins here with "---" or "...".
func (s *scanner) documentMark() bool {
	if s.col != 0 || s.pos+3 > len(s.src) {
		return false
	}
	head := s.src[s.pos : s.pos+3]
	return (head == "---" || head == "...") && s.blankz(3)
}

// skipToToken goes over blanks, comments and line breaks.
func (s *scanner) skipToToken() {
	if s.pos == 0 {
		s.pos = len(s.src) - len(strings.TrimPrefix(s.src, "\ufeff")) // no character of the text
	}
	for {
		if s.col == 0 && strings.HasPrefix(s.src[s.pos:], "\ufeff") {
			s.skip()
		}
		for s.at(0) == ' ' || s.at(0) == '\t' && (s.flow > 0 || !s.keyAllowed) {
			s.skipASCII(1)
		}
		if s.at(0) == '#' {
			for !s.breakz(0) {
				s.skip()
			}
		}
		if s.skipLine() == "" {
			return
		}
		if s.flow == 0 {
			s.keyAllowed = true
		}
	}
}

func (s *scanner) fetchEnd() {
	if s.col != 0 {
		s.col = 0
		s.line++
	}
	s.unroll(-1)
	s.dropKey()
	s.keyAllowed = false
	s.push(token{kind: tokStreamEnd, start: s.mark, end: s.mark})
	s.ended = true
}

func (s *scanner) openFlow(kind tokenKind) {
	s.saveKey()
	s.keys = append(s.keys, simpleKey{})
	s.flow++
	s.keyAllowed = true
	s.pushHere(kind, 1)
}

func (s *scanner) closeFlow(kind tokenKind) {
	s.dropKey()
	if s.flow > 0 {
		s.flow--
		s.keys = s.keys[:len(s.keys)-1]
		s.oldest = min(s.oldest, len(s.keys))
	}
	s.keyAllowed = false
	s.pushHere(kind, 1)
}

func (s *scanner) fetchBlockEntry() {
	if s.flow == 0 {
		if !s.keyAllowed {
			s.fail("", s.mark, "block sequence entries are not allowed in this context")
			return
		}
		s.roll(s.col, -1, tokBlockSequence, s.mark)
	}
	s.dropKey()
	s.keyAllowed = true
	s.pushHere(tokBlockEntry, 1)
}

func (s *scanner) fetchKey() {
	if s.flow == 0 {
		if !s.keyAllowed {
			s.fail("", s.mark, "mapping keys are not allowed in this context")
			return
		}
		s.roll(s.col, -1, tokBlockMapping, s.mark)
	}
	s.dropKey()
	s.keyAllowed = s.flow == 0
	s.pushHere(tokKey, 1)
}

func (s *scanner) fetchValue() {
	k := &s.keys[len(s.keys)-1]
	if k.possible {
		s.insert(k.number, token{kind: tokKey, start: k.at, end: k.at})
		s.roll(k.at.col, k.number, tokBlockMapping, k.at)
		k.possible = false
		s.keyAllowed = false
	} else {
		if s.flow == 0 {
			if !s.keyAllowed {
				s.fail("", s.mark, "mapping values are not allowed in this context")
				return
			}
			s.roll(s.col, -1, tokBlockMapping, s.mark)
		}
		s.keyAllowed = s.flow == 0
	}
	s.pushHere(tokValue, 1)
}
