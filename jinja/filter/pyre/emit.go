package pyre

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// The kinds of characters in the engine's notation, for use inside brackets.
// Wide ones are for text beyond ASCII: what Python's str.isalnum, isdecimal
// and isspace say.
const (
	wideWord  = `\p{L}\p{N}_`
	wideDigit = `\p{Nd}`
	wideSpace = `\x09-\x0d\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`
	word      = `0-9A-Z_a-z`
	digit     = `0-9`
	space     = `\x09-\x0d\x1c-\x20`
	// asciiSpace is \s under (?a), which leaves the separators 1c to 1f out.
	asciiSpace = `\x09-\x0d\x20`
)

type emitter struct {
	strings.Builder
	wide bool
}

// emit writes the tree as a pattern of the engine. It uses none of the engine's
// options: what flags change is written out, except where a group is matched
// again in any case. The engine folds other letters than Python does.
func emit(n *node, wide bool, how mode) string {
	e := &emitter{wide: wide}
	switch how {
	case modeMatch, modeFull:
		e.WriteString(`\A`)
	}
	e.WriteString("(?:")
	e.node(n)
	e.WriteString(")")
	switch how {
	case modeFull:
		e.WriteString(`\z`)
	case modeAdvance:
		e.WriteString(`(?!\G)`)
	}
	return e.String()
}

func (e *emitter) node(n *node) {
	switch n.op {
	case opEmpty:
		e.WriteString("(?:)")
	case opLiteral:
		e.literal(n)
	case opAny:
		if n.flags&DotAll != 0 {
			e.WriteString(`[\s\S]`)
		} else {
			e.WriteString(`[^\n]`)
		}
	case opClass:
		e.class(n)
	case opBegin:
		e.either(n.flags&Multiline != 0, `(?m:^)`, `\A`)
	case opEnd:
		e.either(n.flags&Multiline != 0, `(?m:$)`, `\Z`)
	case opStart:
		e.WriteString(`\A`)
	case opStop:
		e.WriteString(`\z`)
	case opWord, opNotWord:
		e.boundary(n)
	case opSeq:
		for _, sub := range n.subs {
			e.node(sub)
		}
	case opAlt:
		e.WriteString("(?:")
		for i, sub := range n.subs {
			if i > 0 {
				e.WriteByte('|')
			}
			e.node(sub)
		}
		e.WriteByte(')')
	case opRepeat:
		e.repeat(n)
	case opGroup:
		fmt.Fprintf(e, "(?<%d>", n.group)
		e.node(n.subs[0])
		e.WriteByte(')')
	case opScope:
		e.WriteString("(?:")
		e.node(n.subs[0])
		e.WriteByte(')')
	case opAtomic:
		e.WriteString("(?>")
		e.node(n.subs[0])
		e.WriteByte(')')
	case opLook:
		e.look(n)
	case opRef:
		e.cased(n, func() { fmt.Fprintf(e, `\k<%d>`, n.group) })
	case opIf:
		fmt.Fprintf(e, "(?(%d)", n.group)
		e.alternative(n.subs[0])
		e.WriteByte('|')
		e.alternative(n.subs[1])
		e.WriteByte(')')
	}
}

func (e *emitter) alternative(n *node) {
	e.WriteString("(?:")
	e.node(n)
	e.WriteByte(')')
}

func (e *emitter) either(cond bool, yes, no string) {
	if cond {
		e.WriteString(yes)
	} else {
		e.WriteString(no)
	}
}

// cased writes what body does, under the engine's option i where n has it.
func (e *emitter) cased(n *node, body func()) {
	if n.flags&IgnoreCase == 0 {
		body()
		return
	}
	e.WriteString("(?i:")
	body()
	e.WriteByte(')')
}

func (e *emitter) look(n *node) {
	e.WriteString("(?")
	if n.behind {
		e.WriteByte('<')
	}
	e.either(n.negated, "!", "=")
	e.node(n.subs[0])
	e.WriteByte(')')
}

func (e *emitter) repeat(n *node) {
	if n.kind == possessive {
		e.WriteString("(?>")
		defer e.WriteByte(')')
	}
	e.WriteString("(?:")
	e.node(n.subs[0])
	e.WriteByte(')')
	// The engine counts in 32 bits; no text is that long.
	const most = 1<<31 - 2
	switch {
	case n.max == unbounded && n.min == 0:
		e.WriteByte('*')
	case n.max == unbounded && n.min == 1:
		e.WriteByte('+')
	case n.max == unbounded:
		fmt.Fprintf(e, "{%d,}", min(n.min, most))
	case n.min == 0 && n.max == 1:
		e.WriteByte('?')
	default:
		fmt.Fprintf(e, "{%d,%d}", min(n.min, most), min(n.max, most))
	}
	if n.kind == lazy {
		e.WriteByte('?')
	}
}

func (e *emitter) literal(n *node) {
	if n.flags&IgnoreCase == 0 || !unicode.IsLetter(n.char) {
		e.char(n.char)
		return
	}
	if others := e.variants(n.char, n.flags); len(others) > 1 {
		e.WriteByte('[')
		for _, r := range others {
			e.char(r)
		}
		e.WriteByte(']')
		return
	}
	e.char(n.char)
}

// variants gives the letters that are r when case is ignored, as far as the
// text can hold them.
func (e *emitter) variants(r rune, flags Flags) []rune {
	all := variants(r, flags&ASCII != 0)
	if e.wide {
		return all
	}
	return slices.DeleteFunc(all, func(v rune) bool { return v != r && v > unicode.MaxASCII })
}

// variants gives the letters that are r when case is ignored.
func variants(r rune, ascii bool) []rune {
	if ascii && r < 128 {
		return []rune{unicode.ToLower(r), unicode.ToUpper(r)}
	}
	if ascii {
		return []rune{r}
	}
	all := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		all = append(all, f)
	}
	// Python lowers I with dot to i, and raises dotless i to I; and it takes
	// letters for one that have the same capitals.
	switch r {
	case 'i', 'I', 'İ', 'ı':
		all = []rune{'i', 'I', 'İ', 'ı'}
	case 0x390, 0x1fd3:
		all = []rune{0x390, 0x1fd3}
	case 0x3b0, 0x1fe3:
		all = []rune{0x3b0, 0x1fe3}
	case 0xfb05, 0xfb06:
		all = []rune{0xfb05, 0xfb06}
	}
	return all
}

// char writes one character, escaped where it could mean something.
func (e *emitter) char(r rune) {
	switch {
	case r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_'):
		e.WriteRune(r)
	case r < 0x100:
		fmt.Fprintf(e, `\x%02x`, r)
	case r <= 0xffff:
		fmt.Fprintf(e, `\u%04x`, r)
	default:
		e.WriteRune(r)
	}
}

func (e *emitter) boundary(n *node) {
	if !e.wide {
		e.either(n.op == opWord, `\b`, `(?:\B(?!\A\z))`)
		return
	}
	w := wideWord
	if n.flags&ASCII != 0 {
		w = word
	}
	if n.op == opWord {
		fmt.Fprintf(e, "(?:(?<=[%s])(?![%s])|(?<![%s])(?=[%s]))", w, w, w, w)
	} else {
		// On empty text \B matches nowhere, up to Python 3.13.
		fmt.Fprintf(e, "(?:(?<=[%s])(?=[%s])|(?<![%s])(?![%s])(?!\\A\\z))", w, w, w, w)
	}
}

// class writes a class. Where one holds the complement of a kind (\W) it takes
// alternatives, since the engine has another idea of those kinds.
func (e *emitter) class(n *node) {
	var in, out []string // kinds to be written inside, and those to be negated
	for _, k := range n.set.kinds {
		set := e.kind(k|0x20, n.flags)
		if k >= 'a' {
			in = append(in, set)
		} else {
			out = append(out, set)
		}
	}
	if len(out) == 0 {
		e.either(n.set.negated, "[^", "[")
		e.items(n, in)
		e.WriteByte(']')
		return
	}
	if n.set.negated {
		e.WriteString("(?!")
	} else {
		e.WriteString("(?:")
	}
	sep := ""
	if len(in) > 0 || len(n.set.ranges) > 0 {
		e.WriteByte('[')
		e.items(n, in)
		e.WriteByte(']')
		sep = "|"
	}
	for _, set := range out {
		e.WriteString(sep + "[^" + set + "]")
		sep = "|"
	}
	e.WriteByte(')')
	if n.set.negated {
		e.WriteString(`[\s\S]`)
	}
}

func (e *emitter) items(n *node, kinds []string) {
	for _, set := range kinds {
		e.WriteString(set)
	}
	for _, r := range n.set.ranges {
		e.span(r[0], r[1])
		if n.flags&IgnoreCase != 0 {
			for _, other := range e.otherCases(r[0], r[1], n.flags) {
				e.char(other)
			}
		}
	}
}

func (e *emitter) span(lo, hi rune) {
	e.char(lo)
	if lo != hi {
		e.WriteByte('-')
		e.char(hi)
	}
}

// lastCased is the last character that has another case (Adlam's small letters).
const lastCased = 0x1e943

// otherCases gives the letters outside a range that are in it when case is ignored.
func (e *emitter) otherCases(lo, hi rune, flags Flags) []rune {
	last := min(hi, lastCased)
	if flags&ASCII != 0 {
		last = min(hi, unicode.MaxASCII)
	}
	var out []rune
	seen := map[rune]bool{}
	for r := lo; r <= last; r++ {
		if !unicode.IsLetter(r) && unicode.SimpleFold(r) == r {
			continue
		}
		for _, v := range e.variants(r, flags) {
			if (v < lo || v > hi) && !seen[v] {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	return out
}

// kind gives the set of d, s or w.
func (e *emitter) kind(k byte, flags Flags) string {
	switch {
	case k == 'd' && e.wide && flags&ASCII == 0:
		return wideDigit
	case k == 'd':
		return digit
	case k == 'w' && e.wide && flags&ASCII == 0:
		return wideWord
	case k == 'w':
		return word
	case flags&ASCII != 0:
		return asciiSpace
	case e.wide:
		return wideSpace
	}
	return space
}
