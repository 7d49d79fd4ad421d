package yaml

import (
	"fmt"
	"strings"
)

// analysis says in which styles a text can be written.
type analysis struct {
	multiline             bool
	flowPlain, blockPlain bool
	single, block         bool
}

func isBreak(c rune) bool {
	return c == '\r' || c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029
}
func isBlank(c rune) bool { return c == 0 || c == ' ' || c == '\t' || isBreak(c) }

// printable is what libyaml writes as it is: not tabs, not what lies beyond
// the basic plane.
func printable(c rune) bool {
	return c == '\n' || c >= ' ' && c <= '~' || c >= 0xa0 && c <= 0xd7ff || c >= 0xe000 && c <= 0xfffd && c != 0xfeff
}

func analyse(text string, unicode bool) analysis {
	if text == "" {
		return analysis{blockPlain: true, single: true}
	}
	var blockIndicator, flowIndicator, special, lineBreak bool
	var breakSpace, spaceBreak, prevSpace, prevBreak bool
	if strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...") {
		blockIndicator, flowIndicator = true, true
	}
	cs := []rune(text)
	for i, c := range cs {
		before := i == 0 || isBlank(cs[i-1])
		after := i+1 == len(cs) || isBlank(cs[i+1])
		switch {
		case i == 0 && strings.ContainsRune("#,[]{}&*!|>'\"%@`", c), i == 0 && c == '-' && after:
			flowIndicator, blockIndicator = true, true
		case c == '?' && i == 0, c == ':':
			flowIndicator = true
			blockIndicator = blockIndicator || after
		case strings.ContainsRune(",?[]{}", c):
			flowIndicator = true
		case c == '#' && before:
			flowIndicator, blockIndicator = true, true
		}
		if !printable(c) || c > '~' && !unicode {
			special = true
		}
		switch {
		case c == ' ':
			breakSpace = breakSpace || prevBreak
			prevSpace, prevBreak = true, false
		case isBreak(c):
			lineBreak = true
			spaceBreak = spaceBreak || prevSpace
			prevSpace, prevBreak = false, true
		default:
			prevSpace, prevBreak = false, false
		}
	}
	edge := func(c rune) bool { return c == ' ' || isBreak(c) }
	first, last := cs[0], cs[len(cs)-1]
	a := analysis{multiline: lineBreak, single: true, block: last != ' '}
	a.blockPlain = !edge(first) && !edge(last) && !lineBreak && !blockIndicator
	a.flowPlain = !edge(first) && !edge(last) && !lineBreak && !flowIndicator
	if breakSpace {
		a.single = false
	}
	if spaceBreak || special {
		a = analysis{multiline: lineBreak}
	}
	return a
}

// at gives a character of cs, 0 behind the end.
func at(cs []rune, i int) rune {
	if i < len(cs) {
		return cs[i]
	}
	return 0
}

// lines writes a text whose spaces may become line breaks: plain and single quoted.
func (e *emitter) lines(text string, mayBreak, quoted bool) {
	spaces, breaks := false, false
	cs := []rune(text)
	for i, c := range cs {
		switch {
		case c == ' ':
			if mayBreak && !spaces && e.column > e.Width && at(cs, i+1) != ' ' && (!quoted || i != 0 && i != len(cs)-1) {
				e.startLine()
			} else {
				e.put(" ")
			}
			spaces = true
		case isBreak(c):
			if !breaks && c == '\n' {
				e.breakAs('\n')
			}
			e.breakAs(c)
			breaks = true
		default:
			if breaks {
				e.startLine()
			}
			if quoted && c == '\'' {
				e.put("'")
			}
			e.put(string(c))
			e.indention, spaces, breaks = false, false, false
		}
	}
	if quoted && breaks {
		e.startLine()
	}
}

func (e *emitter) plainText(text string, mayBreak bool) {
	if !e.space && (text != "" || e.flows > 0) {
		e.put(" ")
	}
	e.lines(text, mayBreak, false)
	e.space, e.indention = false, false
}

func (e *emitter) single(text string, mayBreak bool) {
	e.indicator("'", true, false, false)
	e.lines(text, mayBreak, true)
	e.indicator("'", false, false, false)
	e.space, e.indention = false, false
}

var escapes = map[rune]string{
	0: "0", 7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 0x1b: "e", '"': `"`, '\\': `\`,
	0x85: "N", 0xa0: "_", 0x2028: "L", 0x2029: "P",
}

func (e *emitter) double(text string, mayBreak bool) {
	e.indicator(`"`, true, false, false)
	spaces := false
	cs := []rune(text)
	for i, c := range cs {
		switch {
		case !printable(c) || e.ASCII && c > '~' || isBreak(c) || c == '"' || c == '\\':
			e.put(`\` + escape(c))
			spaces = false
		case c == ' ':
			if mayBreak && !spaces && e.column > e.Width && i != 0 && i != len(cs)-1 {
				e.startLine()
				if at(cs, i+1) == ' ' {
					e.put(`\`)
				}
			} else {
				e.put(" ")
			}
			spaces = true
		default:
			e.put(string(c))
			spaces = false
		}
	}
	e.indicator(`"`, false, false, false)
	e.space, e.indention = false, false
}

func escape(c rune) string {
	if s, ok := escapes[c]; ok {
		return s
	}
	switch {
	case c <= 0xff:
		return fmt.Sprintf("x%02X", c)
	case c <= 0xffff:
		return fmt.Sprintf("u%04X", c)
	}
	return fmt.Sprintf("U%08X", c)
}

// blockHead writes the indicator of a block scalar and its hints: the indent
// if the text begins blank, what becomes of the breaks at its end.
func (e *emitter) blockHead(indicator string, cs []rune) {
	e.indicator(indicator, true, false, false)
	if len(cs) > 0 && (cs[0] == ' ' || isBreak(cs[0])) {
		e.indicator(fmt.Sprint(e.Indent), false, false, false)
	}
	e.openEnded = false
	n := len(cs)
	switch {
	case n == 0 || !isBreak(cs[n-1]):
		e.indicator("-", false, false, false)
	case n == 1 || isBreak(cs[n-2]):
		e.indicator("+", false, false, false)
		e.openEnded = true
	}
	e.newline()
}

func (e *emitter) literal(text string) {
	cs := []rune(text)
	e.blockHead("|", cs)
	breaks := true
	for _, c := range cs {
		if isBreak(c) {
			e.breakAs(c)
			breaks = true
			continue
		}
		if breaks {
			e.startLine()
		}
		e.put(string(c))
		e.indention, breaks = false, false
	}
}

func (e *emitter) folded(text string) {
	cs := []rune(text)
	e.blockHead(">", cs)
	breaks, leading := true, true
	for i, c := range cs {
		if isBreak(c) {
			if !breaks && !leading && c == '\n' {
				k := i
				for isBreak(at(cs, k)) {
					k++
				}
				if !isBlank(at(cs, k)) {
					e.breakAs('\n')
				}
			}
			e.breakAs(c)
			breaks = true
			continue
		}
		if breaks {
			e.startLine()
			leading = c == ' ' || c == '\t'
		}
		if !breaks && c == ' ' && at(cs, i+1) != ' ' && e.column > e.Width {
			e.startLine()
		} else {
			e.put(string(c))
		}
		e.indention, breaks = false, false
	}
}
