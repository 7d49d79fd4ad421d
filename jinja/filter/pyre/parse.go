package pyre

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// parser reads a pattern as Python's does: left to right, so that the first
// error and its place are the same.
type parser struct {
	pattern string
	src     []rune
	at      int
	flags   Flags
	groups  int
	names   map[string]int
	open    map[int]bool
	// behind counts the groups opened before the lookbehind being read: it
	// may refer to those only; -1 outside one.
	behind  int
	conds   [][2]int // groups asked for by (?(n)…), and where
	unicode bool     // (?u) was there
	depth   int
}

// maxDepth bounds nesting, so that no pattern can exhaust the stack.
const maxDepth = 500

func newParser(pattern string, flags Flags) *parser {
	return &parser{pattern: pattern, src: toRunes(pattern), flags: flags, names: map[string]int{},
		open: map[int]bool{}, behind: -1}
}

func (p *parser) fail(pos int, format string, args ...any) error {
	return &Error{Msg: fmt.Sprintf(format, args...), Pattern: p.pattern, Pos: pos}
}

var errVerbose = errors.New("verbose")

func (p *parser) parse() (*node, error) {
	n, err := p.alternatives(p.flags, true)
	if err == errVerbose {
		// (?x) at the start changes how all of it is read.
		p = p.restart(p.flags | Verbose)
		return p.parse()
	}
	if err != nil {
		return nil, err
	}
	if p.at < len(p.src) {
		return nil, p.fail(p.at, "unbalanced parenthesis")
	}
	if p.unicode && p.flags&ASCII != 0 {
		return nil, errors.New("ASCII and UNICODE flags are incompatible")
	}
	for _, c := range p.conds {
		if c[0] > p.groups {
			return nil, p.fail(c[1], "invalid group reference %d", c[0])
		}
	}
	return n, checkWidths(n, map[int][2]int64{})
}

// restart makes p read from the beginning with other flags.
func (p *parser) restart(flags Flags) *parser {
	*p = *newParser(p.pattern, flags)
	return p
}

func (p *parser) more() bool { return p.at < len(p.src) }

func (p *parser) peek() rune {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return -1
}

func (p *parser) accept(r rune) bool {
	if p.peek() == r {
		p.at++
		return true
	}
	return false
}

// alternatives reads up to the end or a closing bracket. top says that it is
// the whole pattern, whose flags (?i) may set.
func (p *parser) alternatives(flags Flags, top bool) (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, errTooDeep
	}
	defer func() { p.depth-- }()
	var alts []*node
	for {
		seq, err := p.sequence(&flags, top && len(alts) == 0)
		if err != nil {
			return nil, err
		}
		alts = append(alts, seq)
		if !p.accept('|') {
			break
		}
	}
	if len(alts) == 1 {
		return alts[0], nil
	}
	return &node{op: opAlt, subs: alts}, nil
}

func (p *parser) sequence(flags *Flags, first bool) (*node, error) {
	seq := &node{op: opSeq}
	for p.more() {
		c := p.peek()
		if c == '|' || c == ')' {
			break
		}
		if *flags&Verbose != 0 && p.skipVerbose() {
			continue
		}
		if strings.ContainsRune("*+?", c) || c == '{' {
			done, err := p.repeat(seq, *flags)
			if err != nil {
				return nil, err
			}
			if done {
				continue
			}
		}
		n, err := p.atom(flags, first && len(seq.subs) == 0)
		if err != nil {
			return nil, err
		}
		if n != nil {
			seq.subs = append(seq.subs, n)
		}
	}
	if len(seq.subs) == 1 {
		return seq.subs[0], nil
	}
	return seq, nil
}

func (p *parser) skipVerbose() bool {
	c := p.peek()
	if strings.ContainsRune(" \t\n\r\v\f", c) {
		p.at++
		return true
	}
	if c != '#' {
		return false
	}
	for p.more() {
		p.at++
		if p.src[p.at-1] == '\n' {
			break
		}
	}
	return true
}

// repeat reads a quantifier and puts it on the last item of seq. It reports
// false for a brace that is none.
func (p *parser) repeat(seq *node, flags Flags) (bool, error) {
	here := p.at
	lo, hi := int64(0), int64(unbounded)
	switch c := p.src[p.at]; c {
	case '*', '+', '?':
		p.at++
		if c == '+' {
			lo = 1
		}
		if c == '?' {
			hi = 1
		}
	default:
		ok, err := p.braces(&lo, &hi)
		if err != nil || !ok {
			return false, err
		}
	}
	if len(seq.subs) == 0 || !repeatable(seq.subs[len(seq.subs)-1]) {
		return false, p.fail(here, "nothing to repeat")
	}
	last := seq.subs[len(seq.subs)-1]
	if last.op == opRepeat {
		return false, p.fail(here, "multiple repeat")
	}
	n := &node{op: opRepeat, flags: flags, min: lo, max: hi, subs: []*node{last}}
	if p.accept('?') {
		n.kind = lazy
	} else if p.accept('+') {
		n.kind = possessive
	}
	seq.subs[len(seq.subs)-1] = n
	return true, nil
}

func repeatable(n *node) bool {
	switch n.op {
	case opBegin, opEnd, opStart, opStop, opWord, opNotWord:
		return false
	}
	return true
}

// braces reads {n}, {n,}, {,m} or {n,m}; anything else is text.
func (p *parser) braces(lo, hi *int64) (bool, error) {
	start := p.at
	p.at++
	if p.peek() == '}' {
		p.at = start
		return false, nil
	}
	from := p.digits()
	to := from
	comma := p.accept(',')
	if comma {
		to = p.digits()
	}
	if !p.accept('}') {
		p.at = start
		return false, nil
	}
	for _, part := range []struct {
		digits string
		n      *int64
	}{{from, lo}, {to, hi}} {
		if part.digits == "" {
			continue
		}
		n, err := strconv.ParseInt(part.digits, 10, 64)
		if err != nil || n >= unbounded {
			return false, errors.New("the repetition number is too large")
		}
		*part.n = n
	}
	if *hi < *lo {
		return false, p.fail(start+1, "min repeat greater than max repeat")
	}
	return true, nil
}

func (p *parser) digits() string {
	start := p.at
	for p.more() && p.src[p.at] >= '0' && p.src[p.at] <= '9' {
		p.at++
	}
	return string(p.src[start:p.at])
}

func (p *parser) atom(flags *Flags, first bool) (*node, error) {
	c := p.src[p.at]
	p.at++
	switch c {
	case '.':
		return &node{op: opAny, flags: *flags}, nil
	case '^':
		return &node{op: opBegin, flags: *flags}, nil
	case '$':
		return &node{op: opEnd, flags: *flags}, nil
	case '[':
		return p.class(*flags)
	case '(':
		return p.bracket(flags, first)
	case '\\':
		return p.escape(*flags)
	}
	return &node{op: opLiteral, flags: *flags, char: c}, nil
}

// escape reads what follows a backslash outside a class.
func (p *parser) escape(flags Flags) (*node, error) {
	start := p.at - 1
	if !p.more() {
		return nil, p.fail(start, "bad escape (end of pattern)")
	}
	c := p.src[p.at]
	switch c {
	case 'A':
		p.at++
		return &node{op: opStart}, nil
	case 'Z':
		p.at++
		return &node{op: opStop}, nil
	case 'b', 'B':
		p.at++
		o := opWord
		if c == 'B' {
			o = opNotWord
		}
		return &node{op: o, flags: flags}, nil
	case 'd', 'D', 's', 'S', 'w', 'W':
		p.at++
		return &node{op: opClass, flags: flags, set: &class{kinds: []byte{byte(c)}}}, nil
	}
	if c >= '1' && c <= '9' {
		return p.reference(flags, start)
	}
	r, err := p.charEscape(start, false)
	if err != nil {
		return nil, err
	}
	return &node{op: opLiteral, flags: flags, char: r}, nil
}

// reference reads \1 to \99, or three octal digits.
func (p *parser) reference(flags Flags, start int) (*node, error) {
	text := string(p.src[p.at])
	p.at++
	if p.more() && isDigit(p.src[p.at]) {
		if isOctal(p.src[p.at-1]) && isOctal(p.src[p.at]) && p.at+1 < len(p.src) && isOctal(p.src[p.at+1]) {
			text += string(p.src[p.at : p.at+2])
			p.at += 2
			n, _ := strconv.ParseInt(text, 8, 32)
			if n > 0o377 {
				return nil, p.fail(start, "octal escape value \\%s outside of range 0-0o377", text)
			}
			return &node{op: opLiteral, flags: flags, char: rune(n)}, nil
		}
		text += string(p.src[p.at])
		p.at++
	}
	group, _ := strconv.Atoi(text)
	if group > p.groups {
		return nil, p.fail(start+1, "invalid group reference %d", group)
	}
	if p.open[group] {
		return nil, p.fail(start, "cannot refer to an open group")
	}
	if err := p.checkBehind(group, p.at); err != nil {
		return nil, err
	}
	return &node{op: opRef, flags: flags, group: group}, nil
}

func (p *parser) checkBehind(group, pos int) error {
	if p.behind >= 0 && group > p.behind {
		return p.fail(pos, "cannot refer to group defined in the same lookbehind subpattern")
	}
	return nil
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
func isOctal(r rune) bool { return r >= '0' && r <= '7' }
func isHex(r rune) bool {
	return isDigit(r) || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F'
}

// charEscape reads an escape that means one character; p.at is behind the backslash at start.
func (p *parser) charEscape(start int, inClass bool) (rune, error) {
	c := p.src[p.at]
	p.at++
	switch c {
	case 'a':
		return '\a', nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'v':
		return '\v', nil
	case 'x':
		return p.hexEscape(start, 2)
	case 'u':
		return p.hexEscape(start, 4)
	case 'U':
		return p.hexEscape(start, 8)
	case 'N':
		return p.named(start)
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return p.octal(start, c, inClass)
	}
	if c < 128 && unicode.IsLetter(c) {
		return 0, p.fail(start, "bad escape \\%c", c)
	}
	return c, nil
}

func (p *parser) hexEscape(start, digits int) (rune, error) {
	from := p.at
	for p.more() && p.at-from < digits && isHex(p.src[p.at]) {
		p.at++
	}
	text := string(p.src[from:p.at])
	whole := string(p.src[start:p.at])
	if len(text) < digits {
		return 0, p.fail(start, "incomplete escape %s", whole)
	}
	n, _ := strconv.ParseInt(text, 16, 64)
	if n > unicode.MaxRune {
		return 0, p.fail(start, "bad escape %s", whole)
	}
	return rune(n), nil
}

// named refuses \N{…}: the table of names is bigger than all else here.
func (p *parser) named(start int) (rune, error) {
	if !p.accept('{') {
		return 0, p.fail(start+2, "missing {")
	}
	if !p.more() || p.peek() == '}' {
		return 0, p.fail(start+3, "missing character name")
	}
	for p.more() && p.src[p.at] != '}' {
		p.at++
	}
	if !p.accept('}') {
		return 0, p.fail(start+3, "missing }, unterminated name")
	}
	return 0, p.fail(start, "character names such as %s are not supported, write \\uXXXX instead", string(p.src[start:p.at]))
}

func (p *parser) octal(start int, c rune, inClass bool) (rune, error) {
	if !isOctal(c) {
		return 0, p.fail(start, "bad escape \\%c", c)
	}
	from := p.at - 1
	for p.more() && p.at-from < 3 && isOctal(p.src[p.at]) {
		p.at++
	}
	text := string(p.src[from:p.at])
	n, _ := strconv.ParseInt(text, 8, 32)
	if n > 0o377 {
		return 0, p.fail(start, "octal escape value \\%s outside of range 0-0o377", text)
	}
	return rune(n), nil
}
