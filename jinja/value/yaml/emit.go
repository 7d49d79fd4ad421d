package yaml

import (
	"strings"
	"unicode/utf8"
)

// maxSimpleKey is the length in bytes up to which a key needs no "?".
const maxSimpleKey = 128

// emitter writes nodes as libyaml does, which PyYAML uses where it can: its
// layout follows from three facts about the place the last byte was written to.
type emitter struct {
	DumpOptions
	b      strings.Builder
	column int // in characters
	indent int // of the block being written; -1 at the top
	flows  int // flow containers open

	space     bool // the last thing written was blank
	indention bool // nothing but indentation and indicators stands on the line
	openEnded bool // a block scalar ended in line breaks that count
}

// where says what surrounds a node.
type where uint8

const (
	inSequence where = iota
	inMapping
	asKey // a simple key: on one line, followed by ":"
)

func (e *emitter) document(n *out) {
	e.space, e.indention = true, true
	if e.Version != "" {
		e.put("%YAML " + e.Version)
		e.newline()
	}
	if e.ExplicitStart || e.Canonical || e.Version != "" {
		e.indicator("---", true, false, false)
		if e.Canonical {
			e.startLine()
		}
	}
	e.node(n, inSequence)
	e.startLine()
	if e.ExplicitEnd || e.openEnded {
		e.indicator("...", true, false, false)
		e.startLine()
	}
}

// put writes text without breaks.
func (e *emitter) put(s string) {
	e.b.WriteString(s)
	e.column += utf8.RuneCountInString(s)
}

func (e *emitter) newline() {
	e.b.WriteString(e.LineBreak)
	e.column = 0
	e.space, e.indention = true, true
}

// breakAs writes a line break that is part of a text.
func (e *emitter) breakAs(c rune) {
	if c == '\n' {
		e.b.WriteString(e.LineBreak)
	} else {
		e.b.WriteRune(c)
	}
	e.column = 0
	e.indention = true
}

// startLine brings the column to the indent, on a new line if need be.
func (e *emitter) startLine() {
	indent := max(e.indent, 0)
	if !e.indention || e.column > indent || e.column == indent && !e.space {
		e.b.WriteString(e.LineBreak)
		e.column = 0
	}
	for ; e.column < indent; e.column++ {
		e.b.WriteByte(' ')
	}
	e.space, e.indention = true, true
}

func (e *emitter) indicator(s string, needSpace, isSpace, isIndention bool) {
	if needSpace && !e.space {
		e.put(" ")
	}
	e.put(s)
	e.space = isSpace
	e.indention = e.indention && isIndention
	e.openEnded = false
}

// deeper indents by a step while f runs.
func (e *emitter) deeper(flow, sameColumn bool, f func()) {
	old := e.indent
	switch {
	case e.indent < 0 && flow:
		e.indent = e.Indent
	case e.indent < 0:
		e.indent = 0
	case !sameColumn:
		e.indent += e.Indent
	}
	f()
	e.indent = old
}

func (e *emitter) node(n *out, at where) {
	if n.kind == Scalar {
		e.scalar(n, at)
		return
	}
	if n.anchor != "" {
		if n.named {
			e.indicator("*"+n.anchor, true, false, false)
			return
		}
		n.named = true
		e.indicator("&"+n.anchor, true, false, false)
	}
	tag := n.tag
	if e.Canonical && tag == "" {
		tag = tagYAML + map[Kind]string{Sequence: "seq", Mapping: "map"}[n.kind]
	}
	e.tag(tag)
	flow := e.flows > 0 || e.Canonical || n.flow || len(n.items) == 0
	switch {
	case n.kind == Sequence && flow:
		e.flow("[", "]", n, 1, func(i int) { e.node(n.items[i], inSequence) })
	case n.kind == Sequence:
		e.deeper(false, at == inMapping && !e.indention, func() {
			for _, item := range n.items {
				e.startLine()
				e.indicator("-", true, false, true)
				e.node(item, inSequence)
			}
		})
	case flow:
		e.flow("{", "}", n, 2, func(i int) { e.flowPair(n.items[i], n.items[i+1]) })
	default:
		e.deeper(false, false, func() {
			for i := 0; i < len(n.items); i += 2 {
				e.blockPair(n.items[i], n.items[i+1])
			}
		})
	}
}

func (e *emitter) tag(tag string) {
	if tag == "" {
		return
	}
	if !e.space {
		e.put(" ")
	}
	if !strings.HasPrefix(tag, "!") {
		tag = "!!" + strings.TrimPrefix(tag, tagYAML)
	}
	e.put(tag)
	e.space, e.indention = false, false
}

func (e *emitter) flow(open, end string, n *out, step int, item func(i int)) {
	e.indicator(open, true, true, false)
	e.flows++
	e.deeper(true, false, func() {
		for i := 0; i < len(n.items); i += step {
			if i > 0 {
				e.indicator(",", false, false, false)
			}
			e.wrap()
			item(i)
		}
	})
	e.flows--
	if e.Canonical && len(n.items) > 0 {
		e.indicator(",", false, false, false)
		e.startLine()
	}
	e.indicator(end, false, false, false)
}

func (e *emitter) wrap() {
	if e.Canonical || e.column > e.Width {
		e.startLine()
	}
}

func (e *emitter) flowPair(key, val *out) {
	if !e.Canonical && e.simpleKey(key) {
		e.node(key, asKey)
		e.indicator(":", false, false, false)
	} else {
		e.indicator("?", true, false, false)
		e.node(key, inMapping)
		e.wrap()
		e.indicator(":", true, false, false)
	}
	e.node(val, inMapping)
}

func (e *emitter) blockPair(key, val *out) {
	e.startLine()
	if e.simpleKey(key) {
		e.node(key, asKey)
		e.indicator(":", false, false, false)
	} else {
		e.indicator("?", true, false, true)
		e.node(key, inMapping)
		e.startLine()
		e.indicator(":", true, false, true)
	}
	e.node(val, inMapping)
}

func (e *emitter) simpleKey(n *out) bool {
	if n.kind != Scalar {
		return len(n.items) == 0
	}
	return !analyse(n.text, !e.ASCII).multiline && len(n.text) <= maxSimpleKey
}

func (e *emitter) scalar(n *out, at where) {
	a := analyse(n.text, !e.ASCII)
	style := e.choose(n, a, at)
	switch {
	case e.Canonical || !n.plain && !n.quoted:
		e.tag(n.tag)
	case style != 0 && !n.quoted:
		if !e.space {
			e.put(" ")
		}
		e.put("!")
		e.space, e.indention = false, false
	}
	e.deeper(true, false, func() {
		switch style {
		case '\'':
			e.single(n.text, at != asKey)
		case '"':
			e.double(n.text, at != asKey)
		case '|':
			e.literal(n.text)
		case '>':
			e.folded(n.text)
		default:
			e.plainText(n.text, at != asKey)
		}
	})
}

// choose gives the style a text can be written in that is nearest to the one wished for.
func (e *emitter) choose(n *out, a analysis, at where) byte {
	style := n.style
	if e.Canonical || at == asKey && a.multiline {
		style = '"'
	}
	untagged := !e.Canonical && (n.plain || n.quoted)
	if style == 0 && (e.flows > 0 && !a.flowPlain || e.flows == 0 && !a.blockPlain || n.text == "" && (e.flows > 0 || at == asKey) || untagged && !n.plain) {
		style = '\''
	}
	if style == '\'' && !a.single || (style == '|' || style == '>') && (!a.block || e.flows > 0 || at == asKey) {
		style = '"'
	}
	return style
}
