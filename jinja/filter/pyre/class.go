package pyre

import "strings"

// class is what stands in square brackets.
type class struct {
	negated bool
	ranges  [][2]rune
	kinds   []byte // d D s S w W
}

// has says whether the class has r, a character of ASCII that is no letter.
func (c *class) has(r rune) bool {
	in := false
	for _, span := range c.ranges {
		in = in || span[0] <= r && r <= span[1]
	}
	for _, kind := range c.kinds {
		space, digit := strings.ContainsRune("\t\n\v\f\r\x1c\x1d\x1e\x1f ", r), '0' <= r && r <= '9'
		in = in || map[byte]bool{'d': digit, 'D': !digit, 's': space, 'S': !space, 'w': digit || r == '_', 'W': !digit && r != '_'}[kind]
	}
	return in != c.negated
}

// class reads a class; p.at is behind its opening bracket.
func (p *parser) class(flags Flags) (*node, error) {
	start := p.at - 1
	c := &class{negated: p.accept('^')}
	for first := true; ; first = false {
		if !p.more() {
			return nil, p.fail(start, "unterminated character set")
		}
		if !first && p.accept(']') {
			break
		}
		if err := p.classItem(c, start); err != nil {
			return nil, err
		}
	}
	return &node{op: opClass, flags: flags, set: c}, nil
}

// classItem reads one character, kind or range.
func (p *parser) classItem(c *class, start int) error {
	at := p.at
	lo, kind, err := p.classChar()
	if err != nil {
		return err
	}
	if p.accept('-') {
		if !p.more() {
			return p.fail(start, "unterminated character set")
		}
		if p.peek() != ']' {
			hi, kind2, err := p.classChar()
			if err != nil {
				return err
			}
			if kind != 0 || kind2 != 0 || hi < lo {
				return p.fail(at, "bad character range %s", string(p.src[at:p.at]))
			}
			c.ranges = append(c.ranges, [2]rune{lo, hi})
			return nil
		}
		p.at-- // the - before ] is itself
	}
	if kind != 0 {
		c.kinds = append(c.kinds, kind)
		return nil
	}
	c.ranges = append(c.ranges, [2]rune{lo, lo})
	return nil
}

func (p *parser) classChar() (r rune, kind byte, err error) {
	r = p.src[p.at]
	p.at++
	if r != '\\' {
		return r, 0, nil
	}
	start := p.at - 1
	if !p.more() {
		return 0, 0, p.fail(start, "bad escape (end of pattern)")
	}
	if next := p.src[p.at]; next < 128 && strings.IndexByte("dDsSwW", byte(next)) >= 0 {
		p.at++
		return 0, byte(next), nil
	}
	r, err = p.charEscape(start, true)
	return r, 0, err
}
