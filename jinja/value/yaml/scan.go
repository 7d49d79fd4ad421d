package yaml

import "unicode/utf8"

// tokenKind is what a token is.
type tokenKind uint8

const (
	tokStreamEnd tokenKind = iota
	tokVersion
	tokTagDirective
	tokDocumentStart
	tokDocumentEnd
	tokBlockSequence
	tokBlockMapping
	tokBlockEnd
	tokFlowSequence
	tokFlowSequenceEnd
	tokFlowMapping
	tokFlowMappingEnd
	tokBlockEntry
	tokFlowEntry
	tokKey
	tokValue
	tokAlias
	tokAnchor
	tokTag
	tokScalar
)

// mark is a place in the text: characters from its start, line and column
// from 0.
type mark struct{ index, line, col int }

// token is a piece of the text. text is a scalar's, an anchor's, a tag's
// suffix or a directive's prefix; handle a tag's; style a scalar's first
// character, 0 for a plain one; major and minor are the version's.
type token struct {
	kind         tokenKind
	style        byte
	start, end   mark
	handle, text string
	major, minor int
}

// scanner cuts a text into tokens as libyaml does, which reads YAML for the
// reference: its rules of what may be a simple key, of indentation, its limits
// (1024 characters for a key) and its words for what is wrong. The text must
// have passed checkBytes.
//
// The first error stays, and the text ends there: whoever asks for tokens sees
// the end of the stream and looks at err then.
type scanner struct {
	src string
	pos int // bytes read
	mark

	indent  int
	indents []int
	flow    int // how many [ and { are open

	keyAllowed bool
	keys       []simpleKey // one for each level of flow
	oldest     int         // of keys: those before it are not possible

	queue []token
	head  int // of queue: tokens before it are taken
	taken int
	ended bool

	buf []byte
	err *Problem
}

// simpleKey is a place where a key may have begun that no "?" announces; it is
// one if a ":" follows.
type simpleKey struct {
	possible, required bool
	number             int // of the token that would be the key
	at                 mark
}

func newScanner(src string) *scanner {
	return &scanner{src: src, indent: -1, keyAllowed: true, keys: make([]simpleKey, 1, 8)}
}

// fail records what is wrong here and ends the text. context may be empty.
func (s *scanner) fail(context string, from mark, problem string) {
	s.failAt(context, from, problem, s.mark)
}

func (s *scanner) failAt(context string, from mark, problem string, at mark) {
	if s.err == nil {
		s.err = &Problem{Context: context, Msg: problem, Pos: at.source("")}
		if context != "" {
			s.err.ContextPos = from.source("")
		}
	}
	s.pos = len(s.src)
}

// at gives the byte i bytes ahead, 0 behind the end.
func (s *scanner) at(i int) byte {
	if s.pos+i < len(s.src) {
		return s.src[s.pos+i]
	}
	return 0
}

// lineBreak gives how many bytes the line break i bytes ahead has, 0 if there
// is none. Carriage return and line feed are one.
func (s *scanner) lineBreak(i int) int {
	switch s.at(i) {
	case '\n':
		return 1
	case '\r':
		if s.at(i+1) == '\n' {
			return 2
		}
		return 1
	case 0xc2:
		if s.at(i+1) == 0x85 {
			return 2
		}
	case 0xe2:
		if s.at(i+1) == 0x80 && (s.at(i+2) == 0xa8 || s.at(i+2) == 0xa9) {
			return 3
		}
	}
	return 0
}

func (s *scanner) blank(i int) bool  { return s.at(i) == ' ' || s.at(i) == '\t' }
func (s *scanner) breakz(i int) bool { return s.pos+i >= len(s.src) || s.lineBreak(i) > 0 }
func (s *scanner) blankz(i int) bool { return s.blank(i) || s.breakz(i) }

// skip goes one character on, and gives its bytes.
func (s *scanner) skip() string {
	from := s.pos
	if s.pos < len(s.src) {
		n := 1
		if s.src[s.pos] >= utf8.RuneSelf {
			_, n = utf8.DecodeRuneInString(s.src[s.pos:])
		}
		s.pos += n
		s.index++
		s.col++
	}
	return s.src[from:s.pos]
}

// skipASCII goes n characters on that are known to have one byte each.
func (s *scanner) skipASCII(n int) {
	s.pos += n
	s.index += n
	s.col += n
}

// skipLine goes behind a line break and gives what it stands for.
func (s *scanner) skipLine() string {
	n := s.lineBreak(0)
	if n == 0 {
		return ""
	}
	text := "\n"
	if n == 3 {
		text = s.src[s.pos : s.pos+n]
	}
	if n == 2 && s.src[s.pos] == '\r' {
		s.index++
	}
	s.pos += n
	s.index++
	s.line++
	s.col = 0
	return text
}

// peek gives the next token without taking it. It holds until the next call.
func (s *scanner) peek() *token {
	for s.needsMore() {
		s.fetch()
	}
	if s.err != nil {
		return &token{kind: tokStreamEnd, start: s.mark, end: s.mark}
	}
	return &s.queue[s.head]
}

// take takes the token that peek gave.
func (s *scanner) take() {
	if s.err != nil || s.queue[s.head].kind == tokStreamEnd {
		return
	}
	s.head++
	s.taken++
	if s.head == len(s.queue) {
		s.queue, s.head = s.queue[:0], 0
	}
}

// needsMore reports whether the next token is not known yet: a later ":" may
// put a key before it.
func (s *scanner) needsMore() bool {
	if s.err != nil || s.head == len(s.queue) {
		return s.err == nil && !s.ended
	}
	s.dropStaleKeys()
	if s.oldest < len(s.keys) && s.keys[s.oldest].number == s.taken {
		return s.err == nil && !s.ended
	}
	return false
}

func (s *scanner) push(t token) { s.queue = append(s.queue, t) }

// insert puts t before token number n.
func (s *scanner) insert(n int, t token) {
	i := s.head + n - s.taken
	s.queue = append(s.queue, token{})
	copy(s.queue[i+1:], s.queue[i:])
	s.queue[i] = t
}

// pushHere adds a token of n ASCII characters.
func (s *scanner) pushHere(kind tokenKind, n int) {
	start := s.mark
	s.skipASCII(n)
	s.push(token{kind: kind, start: start, end: s.mark})
}

// maxKey is how long a simple key can be, in characters.
const maxKey = 1024

// dropStaleKeys ends where a key is possible still: those of inner levels are newer.
func (s *scanner) dropStaleKeys() {
	for ; s.oldest < len(s.keys); s.oldest++ {
		k := &s.keys[s.oldest]
		if !k.possible {
			continue
		}
		if !(k.at.line < s.line || k.at.index+maxKey < s.index) {
			return
		}
		if k.required {
			s.fail("while scanning a simple key", k.at, "could not find expected ':'")
		}
		k.possible = false
	}
}

func (s *scanner) saveKey() {
	if !s.keyAllowed {
		return
	}
	s.dropKey()
	s.oldest = min(s.oldest, len(s.keys)-1)
	s.keys[len(s.keys)-1] = simpleKey{possible: true, required: s.flow == 0 && s.indent == s.col,
		number: s.taken + len(s.queue) - s.head, at: s.mark}
}

func (s *scanner) dropKey() {
	k := &s.keys[len(s.keys)-1]
	if k.possible && k.required {
		s.fail("while scanning a simple key", k.at, "could not find expected ':'")
	}
	k.possible = false
}

// roll begins a block collection at column col if it stands deeper. number is
// the token before which it begins, -1 for the end of the queue.
func (s *scanner) roll(col, number int, kind tokenKind, at mark) {
	if s.flow > 0 || s.indent >= col {
		return
	}
	s.indents = append(s.indents, s.indent)
	s.indent = col
	t := token{kind: kind, start: at, end: at}
	if number < 0 {
		s.push(t)
	} else {
		s.insert(number, t)
	}
}

// unroll ends the block collections that stand deeper than column col.
func (s *scanner) unroll(col int) {
	if s.flow > 0 {
		return
	}
	for s.indent > col {
		s.push(token{kind: tokBlockEnd, start: s.mark, end: s.mark})
		s.indent = s.indents[len(s.indents)-1]
		s.indents = s.indents[:len(s.indents)-1]
	}
}
