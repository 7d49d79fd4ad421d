package pyre

import (
	"errors"
	"strconv"
	"unicode"

	"github.com/churten/churten/jinja/value"
)

// bracket reads what follows an opening bracket. It gives nil for comments and flags.
func (p *parser) bracket(flags *Flags, first bool) (*node, error) {
	start := p.at - 1
	if !p.accept('?') {
		return p.group(*flags, start, "", 0)
	}
	if !p.more() {
		return nil, p.fail(p.at, "unexpected end of pattern")
	}
	c := p.src[p.at]
	p.at++
	switch c {
	case 'P':
		return p.extension(*flags, start)
	case ':':
		return p.inside(&node{op: opScope}, *flags, start)
	case '>':
		return p.inside(&node{op: opAtomic}, *flags, start)
	case '#':
		return nil, p.comment(start)
	case '=', '!':
		return p.inside(&node{op: opLook, negated: c == '!'}, *flags, start)
	case '<':
		if !p.more() {
			return nil, p.fail(p.at, "unexpected end of pattern")
		}
		c := p.src[p.at]
		p.at++
		if c != '=' && c != '!' {
			return nil, p.fail(start+1, "unknown extension ?<%c", c)
		}
		return p.lookbehind(&node{op: opLook, behind: true, negated: c == '!'}, *flags, start)
	case '(':
		return p.conditional(*flags, start)
	}
	if c == '-' || flagOf(c) != 0 {
		return p.inlineFlags(flags, first, c, start)
	}
	p.at--
	return nil, p.unknownExtension(start, "?")
}

// unknownExtension faults the character at hand; an escape is one for Python.
func (p *parser) unknownExtension(start int, before string) error {
	text := string(p.src[p.at])
	if text == `\` && p.at+1 < len(p.src) {
		text += string(p.src[p.at+1])
	}
	return p.fail(start+1, "unknown extension %s%s", before, text)
}

// inside reads the body of a bracket into n, and the closing bracket.
func (p *parser) inside(n *node, flags Flags, start int) (*node, error) {
	body, err := p.alternatives(flags, false)
	if err != nil {
		return nil, err
	}
	if !p.accept(')') {
		return nil, p.fail(start, "missing ), unterminated subpattern")
	}
	n.flags, n.subs = flags, []*node{body}
	return n, nil
}

func (p *parser) lookbehind(n *node, flags Flags, start int) (*node, error) {
	if p.behind < 0 {
		p.behind = p.groups
		defer func() { p.behind = -1 }()
	}
	return p.inside(n, flags, start)
}

func (p *parser) group(flags Flags, start int, name string, namePos int) (*node, error) {
	number := p.groups + 1
	if name != "" {
		if was, ok := p.names[name]; ok {
			return nil, p.fail(namePos, "redefinition of group name %s as group %d; was group %d", quoteName(name), number, was)
		}
		p.names[name] = number
	}
	p.groups = number
	p.open[number] = true
	n, err := p.inside(&node{op: opGroup, group: number}, flags, start)
	delete(p.open, number)
	return n, err
}

// extension reads what begins with (?P.
func (p *parser) extension(flags Flags, start int) (*node, error) {
	switch {
	case !p.more():
		return nil, p.fail(p.at, "unexpected end of pattern")
	case p.accept('<'):
		pos := p.at
		name, err := p.name('>', '>')
		if err != nil {
			return nil, err
		}
		if !isIdentifier(name) {
			return nil, p.fail(pos, "bad character in group name %s", quoteName(name))
		}
		return p.group(flags, start, name, pos)
	case p.accept('='):
		pos := p.at
		name, err := p.name(')', ')')
		if err != nil {
			return nil, err
		}
		group, err := p.numberOf(name, pos)
		if err != nil {
			return nil, err
		}
		if p.open[group] {
			return nil, p.fail(pos, "cannot refer to an open group")
		}
		if err := p.checkBehind(group, p.at); err != nil {
			return nil, err
		}
		return &node{op: opRef, flags: flags, group: group}, nil
	}
	return nil, p.unknownExtension(start, "?P")
}

// numberOf gives the number of the group called name.
func (p *parser) numberOf(name string, pos int) (int, error) {
	if !isIdentifier(name) {
		return 0, p.fail(pos, "bad character in group name %s", quoteName(name))
	}
	group, ok := p.names[name]
	if !ok {
		return 0, p.fail(pos, "unknown group name %s", quoteName(name))
	}
	return group, nil
}

// name reads up to the terminator and past it.
func (p *parser) name(terminator rune, shown rune) (string, error) {
	start := p.at
	for p.more() && p.src[p.at] != terminator {
		p.at++
	}
	name := string(p.src[start:p.at])
	if name == "" {
		return "", p.fail(start, "missing group name")
	}
	if !p.accept(terminator) {
		return "", p.fail(start, "missing %c, unterminated name", shown)
	}
	return name, nil
}

func (p *parser) comment(start int) error {
	for p.more() && p.src[p.at] != ')' {
		p.at++
	}
	if !p.accept(')') {
		return p.fail(start, "missing ), unterminated comment")
	}
	return nil
}

// conditional reads (?(1)yes|no).
func (p *parser) conditional(flags Flags, start int) (*node, error) {
	pos := p.at
	name, err := p.name(')', ')')
	if err != nil {
		return nil, err
	}
	group, numeric, err := p.condGroup(name, pos)
	if err != nil {
		return nil, err
	}
	if numeric {
		p.conds = append(p.conds, [2]int{group, pos})
	}
	if p.behind >= 0 && (group > p.groups || p.open[group]) {
		return nil, p.fail(p.at, "cannot refer to an open group")
	}
	if err := p.checkBehind(group, p.at); err != nil {
		return nil, err
	}
	yes, err := p.sequence(&flags, false)
	if err != nil {
		return nil, err
	}
	no := &node{op: opEmpty}
	if p.accept('|') {
		if no, err = p.sequence(&flags, false); err != nil {
			return nil, err
		}
		if p.peek() == '|' {
			return nil, p.fail(p.at, "conditional backref with more than two branches")
		}
	}
	if !p.accept(')') {
		return nil, p.fail(start, "missing ), unterminated subpattern")
	}
	return &node{op: opIf, flags: flags, group: group, subs: []*node{yes, no}}, nil
}

func (p *parser) condGroup(name string, pos int) (group int, numeric bool, err error) {
	for _, r := range name {
		if !isDigit(r) {
			group, err = p.numberOf(name, pos)
			return group, false, err
		}
	}
	group, err = strconv.Atoi(name)
	if err != nil || group >= 1<<30 {
		return 0, false, p.fail(pos, "invalid group reference %s", name)
	}
	if group == 0 {
		return 0, false, p.fail(pos, "bad group number")
	}
	return group, true, nil
}

func isIdentifier(name string) bool {
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			return false
		}
	}
	return name != ""
}

// The flags in letters. L is refused, u is what text has anyhow.
const (
	flagLocale Flags = 1 << (6 + iota)
	flagUnicode
)

func flagOf(c rune) Flags {
	switch c {
	case 'i':
		return IgnoreCase
	case 'm':
		return Multiline
	case 's':
		return DotAll
	case 'x':
		return Verbose
	case 'a':
		return ASCII
	case 'u':
		return flagUnicode
	case 'L':
		return flagLocale
	}
	return 0
}

const typeFlags = ASCII | flagUnicode | flagLocale

// inlineFlags reads (?i) and (?i-s:…), whose first character is c.
func (p *parser) inlineFlags(flags *Flags, first bool, c rune, start int) (*node, error) {
	add, del, global, err := p.flagLetters(c)
	if err != nil {
		return nil, err
	}
	if global {
		if !first {
			return nil, p.fail(start, "global flags not at the start of the expression")
		}
		if add&Verbose != 0 && p.flags&Verbose == 0 {
			return nil, errVerbose
		}
		p.unicode = p.unicode || add&flagUnicode != 0
		p.flags |= add &^ flagUnicode
		*flags |= add &^ flagUnicode
		return nil, nil
	}
	inner := (*flags | add) &^ del &^ flagUnicode
	if add&flagUnicode != 0 {
		inner &^= ASCII
	}
	return p.inside(&node{op: opScope}, inner, start)
}

func (p *parser) flagLetters(c rune) (add, del Flags, global bool, err error) {
	for c != '-' {
		f := flagOf(c)
		if f == flagLocale {
			return 0, 0, false, p.fail(p.at, "bad inline flags: cannot use 'L' flag with a str pattern")
		}
		if add |= f; add&ASCII != 0 && add&flagUnicode != 0 {
			return 0, 0, false, p.fail(p.at, "bad inline flags: flags 'a', 'u' and 'L' are incompatible")
		}
		if !p.more() {
			return 0, 0, false, p.fail(p.at, "missing -, : or )")
		}
		c = p.src[p.at]
		p.at++
		if c == ')' {
			return add, 0, true, nil
		}
		if c == ':' {
			return add, 0, false, nil
		}
		if c != '-' && flagOf(c) == 0 {
			return 0, 0, false, p.unknownFlag(c, "missing -, : or )")
		}
	}
	del, err = p.flagsOff(add)
	return add, del, false, err
}

// unknownFlag faults the character just read, which should have been a flag or what is missing.
func (p *parser) unknownFlag(c rune, missing string) error {
	if unicode.IsLetter(c) {
		return p.fail(p.at-1, "unknown flag")
	}
	return p.fail(p.at-1, "%s", missing)
}

func (p *parser) flagsOff(add Flags) (del Flags, err error) {
	for missing := "missing flag"; ; missing = "missing :" {
		if !p.more() {
			return 0, p.fail(p.at, "%s", missing)
		}
		c := p.src[p.at]
		p.at++
		if c == ':' && del != 0 {
			break
		}
		f := flagOf(c)
		if f == 0 {
			return 0, p.unknownFlag(c, missing)
		}
		if f&typeFlags != 0 {
			return 0, p.fail(p.at, "bad inline flags: cannot turn off flags 'a', 'u' and 'L'")
		}
		del |= f
	}
	if add&del != 0 {
		return 0, p.fail(p.at-1, "bad inline flags: flag turned on and off")
	}
	return del, nil
}

func quoteName(name string) string { return value.QuoteRepr(name) }

var errTooDeep = errors.New("maximum recursion depth exceeded")
