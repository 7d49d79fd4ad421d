package syntax

import (
	"sort"
	"strings"

	"github.com/churten/churten/jinja/source"
)

// Tokens splits a template into tokens, the last of which is EOF. Comments are
// gone, raw sections are Data, white space control is done. pos is where src
// stands. Where the text cannot be split further the last token is Invalid and
// holds the error: a Parser reports it when it gets there, since what it finds
// wrong before comes first.
func Tokens(src string, opt Options, pos source.Pos) []Token {
	s := newScanner(normalise(src, opt.KeepTrailingNewline), opt, pos)
	s.finish(s.template())
	return s.toks
}

// ScanExpr is Tokens for a bare expression.
func ScanExpr(src string, raw bool, pos source.Pos) []Token {
	opt := Default()
	opt.RawStrings = raw
	s := newScanner(src, opt, pos)
	s.toks = make([]Token, 0, len(src)/4+4) // seldom too few, never many too many
	s.inPrint = true
	s.finish(s.expression(EOF))
	return s.toks
}

// finish puts the last token.
func (s *scanner) finish(err error) {
	if err == nil {
		s.emit(EOF, "", len(s.src))
		return
	}
	s.emit(Invalid, "", min(s.off, len(s.src)))
	s.toks[len(s.toks)-1].Err = err
}

// normalise makes every line end \n and drops the last unless it is to be kept.
func normalise(src string, keep bool) string {
	if strings.IndexByte(src, '\r') >= 0 {
		src = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(src)
	}
	if !keep {
		src = strings.TrimSuffix(src, "\n")
	}
	return src
}

type scanner struct {
	src  string
	opt  Options
	pos  source.Pos // of src
	off  int
	toks []Token

	line, col int // of seen, counted from 0
	seen      int

	starts       []delim // longest first
	lineStarting bool    // the last match ended a line
	brackets     []byte
	inPrint      bool
}

type tag uint8

const (
	varTag tag = iota
	blockTag
	commentTag
	lineStatement
	lineComment
)

type delim struct {
	text string
	tag  tag
}

func newScanner(src string, opt Options, pos source.Pos) *scanner {
	s := &scanner{src: src, opt: opt, pos: pos, lineStarting: true}
	// Of delimiters that begin at one place the longer wins, then Jinja's
	// order of rule names.
	s.starts = append(s.starts, delim{opt.VarStart, varTag})
	if opt.LineStatementPrefix != "" {
		s.starts = append(s.starts, delim{opt.LineStatementPrefix, lineStatement})
	}
	if opt.LineCommentPrefix != "" {
		s.starts = append(s.starts, delim{opt.LineCommentPrefix, lineComment})
	}
	s.starts = append(s.starts, delim{opt.CommentStart, commentTag}, delim{opt.BlockStart, blockTag})
	sort.SliceStable(s.starts, func(i, j int) bool { return len(s.starts[i].text) > len(s.starts[j].text) })
	return s
}

// at gives the place of an offset; offsets are asked for in rising order.
func (s *scanner) at(off int) source.Pos {
	if off < s.seen {
		s.line, s.col, s.seen = 0, 0, 0
	}
	for _, r := range s.src[s.seen:off] {
		if r == '\n' {
			s.line++
			s.col = 0
		} else {
			s.col++
		}
	}
	s.seen = off
	p := source.Pos{File: s.pos.File, Line: s.pos.Line + s.line, Col: s.col + 1}
	if s.pos.Line == 0 {
		p.Line++
	}
	if s.line == 0 && s.pos.Col > 0 {
		p.Col += s.pos.Col - 1
	}
	return p
}

func (s *scanner) emit(k Kind, text string, off int) {
	s.toks = append(s.toks, Token{Kind: k, Text: text, Pos: s.at(off), Off: off})
}

func (s *scanner) errorf(off int, format string, args ...any) error {
	return source.Errorf(s.at(off), format, args...)
}

func (s *scanner) data(text string, off int) {
	if text == "" {
		return
	}
	s.emit(Data, s.newlines(text), off)
}

// newlines gives text with the line ends that were asked for.
func (s *scanner) newlines(text string) string {
	if s.opt.Newline != "" && s.opt.Newline != "\n" {
		return strings.ReplaceAll(text, "\n", s.opt.Newline)
	}
	return text
}

// template reads text and tags to the end.
func (s *scanner) template() error {
	for s.off < len(s.src) {
		start := s.off
		at, d := s.nextTag()
		if d == nil {
			s.data(s.src[start:], start)
			s.off = len(s.src)
			return nil
		}
		s.off = at.after
		text := s.src[start:at.begin]
		sign := byte(0)
		if d.tag != lineStatement && d.tag != lineComment && s.off < len(s.src) && (s.src[s.off] == '-' || s.src[s.off] == '+') {
			sign = s.src[s.off]
			s.off++
		}
		s.data(s.stripLeft(text, sign, d.tag), start)
		s.lineStarting = s.off > 0 && s.src[s.off-1] == '\n'
		if err := s.tag(d.tag, at.begin); err != nil {
			return err
		}
	}
	return nil
}

// stripLeft takes from the text before a tag what its sign or lstrip_blocks takes.
func (s *scanner) stripLeft(text string, sign byte, t tag) string {
	switch {
	case sign == '-':
		return strings.TrimRightFunc(text, isSpace)
	case sign != '+' && s.opt.LstripBlocks && t != varTag:
		line := strings.LastIndexByte(text, '\n') + 1
		if (line > 0 || s.lineStarting) && strings.TrimLeftFunc(text[line:], isSpace) == "" {
			return text[:line]
		}
	}
	return text
}

type match struct{ begin, after int }

// nextTag finds the next tag from off on: where the text before it ends and
// where its delimiter does.
func (s *scanner) nextTag() (match, *delim) {
	var best match
	var found *delim
	for i := range s.starts {
		d := &s.starts[i]
		m, ok := s.find(d)
		if ok && (found == nil || m.begin < best.begin) {
			best, found = m, d
		}
	}
	return best, found
}

func (s *scanner) find(d *delim) (match, bool) {
	from := s.off
	for {
		i := strings.Index(s.src[from:], d.text)
		if i < 0 {
			return match{}, false
		}
		i += from
		m := match{i, i + len(d.text)}
		switch d.tag {
		case lineStatement:
			// Only blanks may stand before it on its line; they go with it.
			b := s.blanksBefore(i)
			if b == 0 || s.src[b-1] == '\n' {
				m.begin = b
				return m, true
			}
		case lineComment:
			// At the start of a line, or after something and blanks.
			m.begin = s.blanksBefore(i)
			return m, true
		default:
			return m, true
		}
		from = i + 1
	}
}

func (s *scanner) blanksBefore(i int) int {
	for i > s.off && (s.src[i-1] == ' ' || s.src[i-1] == '\t' || s.src[i-1] == '\v') {
		i--
	}
	return i
}

func (s *scanner) tag(t tag, begin int) error {
	switch t {
	case commentTag:
		return s.comment(begin)
	case lineComment:
		if i := strings.IndexByte(s.src[s.off:], '\n'); i >= 0 {
			s.off += i
		} else {
			s.off = len(s.src)
		}
		return nil
	case varTag:
		s.emit(VarBegin, s.opt.VarStart, begin)
		s.inPrint = true
		err := s.expression(VarEnd)
		s.inPrint = false
		return err
	case blockTag:
		if done, err := s.raw(begin); done || err != nil {
			return err
		}
		s.emit(BlockBegin, s.opt.BlockStart, begin)
		return s.expression(BlockEnd)
	}
	s.emit(BlockBegin, s.opt.LineStatementPrefix, begin)
	return s.lineStatement()
}

func (s *scanner) comment(begin int) error {
	i := strings.Index(s.src[s.off:], s.opt.CommentEnd)
	if i < 0 && s.off == len(s.src) {
		return nil // Jinja misses this one
	}
	if i < 0 {
		return s.errorf(begin, "Missing end of comment tag")
	}
	end := s.off + i
	sign := byte(0)
	if i > 0 && (s.src[end-1] == '-' || s.src[end-1] == '+') {
		sign = s.src[end-1]
	}
	s.off = end + len(s.opt.CommentEnd)
	s.afterBlock(sign)
	return nil
}

// afterBlock skips what the end of a block or comment takes with it.
func (s *scanner) afterBlock(sign byte) {
	switch {
	case sign == '-':
		s.skipSpace()
	case sign == 0 && s.opt.TrimBlocks && s.off < len(s.src) && s.src[s.off] == '\n':
		s.off++
	}
	s.lineStarting = s.off > 0 && s.src[s.off-1] == '\n'
}

func (s *scanner) skipSpace() {
	s.off = len(s.src) - len(strings.TrimLeftFunc(s.src[s.off:], isSpace))
}

// raw reads a whole raw section if the block that begins here is one.
func (s *scanner) raw(begin int) (bool, error) {
	end, _, ok := s.keywordBlock(s.off, "raw")
	if !ok {
		return false, nil
	}
	// The end of {% raw %} takes white space only with a minus sign.
	if s.src[end-len(s.opt.BlockEnd)-1] == '-' {
		end = len(s.src) - len(strings.TrimLeftFunc(s.src[end:], isSpace))
	}
	for from := end; ; {
		i := strings.Index(s.src[from:], s.opt.BlockStart)
		if i < 0 && end == len(s.src) {
			s.off = end
			return true, nil // Jinja misses this one
		}
		if i < 0 {
			return true, s.errorf(begin, "Missing end of raw directive")
		}
		i += from
		at, sign := i+len(s.opt.BlockStart), byte(0)
		if at < len(s.src) && (s.src[at] == '-' || s.src[at] == '+') {
			sign = s.src[at]
			at++
		}
		after, endSign, ok := s.keywordBlock(at, "endraw")
		if !ok {
			from = i + 1
			continue
		}
		s.lineStarting = end > 0 && s.src[end-1] == '\n'
		s.data(s.stripLeft(s.src[end:i], sign, blockTag), end)
		s.off = after
		s.afterBlock(endSign)
		return true, nil
	}
}

// keywordBlock reads word and the end of the block; off is behind the start delimiter and sign.
func (s *scanner) keywordBlock(off int, word string) (after int, sign byte, ok bool) {
	rest := strings.TrimLeftFunc(s.src[off:], isSpace)
	rest, ok = strings.CutPrefix(rest, word)
	if !ok {
		return 0, 0, false
	}
	rest = strings.TrimLeftFunc(rest, isSpace)
	if rest != "" && (rest[0] == '-' || (rest[0] == '+' && word == "endraw")) && strings.HasPrefix(rest[1:], s.opt.BlockEnd) {
		sign, rest = rest[0], rest[1:]
	}
	rest, ok = strings.CutPrefix(rest, s.opt.BlockEnd)
	return len(s.src) - len(rest), sign, ok
}
