package yaml

import (
	"fmt"

	"github.com/churten/churten/jinja/source"
)

// raw is a node as it is written: tags not looked at, aliases the node they name.
type raw struct {
	kind Kind
	at   mark
	tag  string // in full, "" if there is none
	text string
	// plain is set on scalars whose text decides what they are if no tag does.
	plain    bool
	anchored bool
	items    []*raw // of a mapping: key, value, key, …
}

func (m mark) source(file string) source.Pos {
	return source.Pos{File: file, Line: m.line + 1, Col: m.col + 1}
}

// composer makes trees of tokens by the grammar of YAML 1.1 as libyaml has it.
// Errors stay in the scanner: after one, every token is the stream's end.
type composer struct {
	*scanner
	handles  map[string]string
	anchors  map[string]*raw
	depth    int
	implicit bool // a document may begin without "---"
	explicit bool // this one began with it
}

func newComposer(src string) *composer {
	return &composer{scanner: newScanner(src), implicit: true}
}

func (c *composer) is(kinds ...tokenKind) bool {
	t := c.peek()
	for _, k := range kinds {
		if t.kind == k {
			return true
		}
	}
	return false
}

// accept takes the next token if it is of that kind.
func (c *composer) accept(kind tokenKind) bool {
	if t := c.peek(); t.kind != kind || c.err != nil {
		return false
	}
	c.take()
	return true
}

func (c *composer) wrong(context string, from mark, problem string) {
	c.failAt(context, from, problem, c.peek().start)
}

// begin goes to the next document; ok is false at the end of the stream and
// after an error. at is where the document begins.
func (c *composer) begin() (at mark, ok bool) {
	if !c.implicit {
		for c.accept(tokDocumentEnd) {
		}
	}
	c.explicit = !c.implicit || c.is(tokVersion, tokTagDirective, tokDocumentStart)
	at = c.peek().start
	if c.is(tokStreamEnd) {
		return at, false
	}
	c.directives()
	if c.explicit && !c.accept(tokDocumentStart) {
		c.wrong("", mark{}, "did not find expected <document start>")
	}
	c.implicit = false
	return at, c.err == nil
}

// document reads the document that begin has found; nil after an error.
func (c *composer) document() *raw {
	c.anchors = map[string]*raw{}
	doc := c.empty(c.peek().start)
	if !c.explicit || !c.is(tokVersion, tokTagDirective, tokDocumentStart, tokDocumentEnd, tokStreamEnd) {
		doc = c.node(true, false)
	}
	c.accept(tokDocumentEnd)
	if c.err != nil {
		return nil
	}
	return doc
}

func (c *composer) directives() {
	c.handles = map[string]string{}
	version := false
	for {
		t := *c.peek()
		switch {
		case t.kind == tokVersion && version:
			c.wrong("", mark{}, "found duplicate %YAML directive")
		case t.kind == tokVersion && (t.major != 1 || t.minor != 1 && t.minor != 2):
			c.wrong("", mark{}, "found incompatible YAML document")
		case t.kind == tokVersion:
			version = true
		case t.kind == tokTagDirective:
			if _, dup := c.handles[t.handle]; dup {
				c.wrong("", mark{}, "found duplicate %TAG directive")
			}
			c.handles[t.handle] = t.text
		default:
			if _, ok := c.handles["!"]; !ok {
				c.handles["!"] = "!"
			}
			if _, ok := c.handles["!!"]; !ok {
				c.handles["!!"] = tagYAML
			}
			return
		}
		c.take()
	}
}

func (c *composer) empty(at mark) *raw { return &raw{at: at, plain: true} }

// properties are what may stand before a node.
type properties struct {
	start  mark
	any    bool
	anchor string
	tag    string
}

func (c *composer) properties() (p properties) {
	p.start = c.peek().start
	var tag token
	anchored := false
	for range 2 {
		t := *c.peek()
		switch {
		case t.kind == tokAnchor && !anchored:
			p.anchor, anchored = t.text, true
		case t.kind == tokTag && tag.kind != tokTag:
			tag = t
		default:
			continue
		}
		p.any = true
		c.take()
	}
	if tag.kind != tokTag {
		return p
	}
	p.tag = tag.text
	if tag.handle != "" {
		prefix, ok := c.handles[tag.handle]
		if !ok {
			c.failAt("while parsing a node", p.start, "found undefined tag handle", tag.start)
		}
		p.tag = prefix + tag.text
	}
	return p
}

// node reads a node. block says that it may be a block collection, indentless
// that a sequence may begin without being indented.
func (c *composer) node(block, indentless bool) *raw {
	if c.depth++; c.depth > maxDepth {
		c.wrong("", mark{}, fmt.Sprintf("more than %d levels of nesting", maxDepth))
	}
	n := c.nodeHere(block, indentless)
	c.depth--
	return n
}

func (c *composer) nodeHere(block, indentless bool) *raw {
	if c.is(tokAlias) {
		return c.alias()
	}
	p := c.properties()
	t := *c.peek()
	n := &raw{at: p.start, tag: p.tag, anchored: p.anchor != ""}
	if p.tag == "!" {
		n.tag = "" // says nothing about collections; of scalars, see below
	}
	if c.err != nil {
		return n
	}
	var read func(*raw)
	switch {
	case indentless && t.kind == tokBlockEntry:
		read = c.indentless
	case t.kind == tokScalar:
		c.take()
		n.text = t.text
		n.plain = t.style == 0 || p.tag == "!"
	case t.kind == tokFlowSequence:
		read = c.flowSequence
	case t.kind == tokFlowMapping:
		read = c.flowMapping
	case block && t.kind == tokBlockSequence:
		read = c.blockSequence
	case block && t.kind == tokBlockMapping:
		read = c.blockMapping
	case p.any:
		n.plain = p.tag != "!"
	default:
		kind := "flow"
		if block {
			kind = "block"
		}
		c.wrong("while parsing a "+kind+" node", p.start, "did not find expected node content")
	}
	if c.err == nil && p.anchor != "" {
		if c.anchors[p.anchor] != nil {
			c.failAt("found duplicate anchor; first occurrence", c.anchors[p.anchor].at, "second occurrence", n.at)
		}
		c.anchors[p.anchor] = n
	}
	if read != nil {
		read(n)
	}
	return n
}

func (c *composer) alias() *raw {
	t := *c.peek()
	n := c.anchors[t.text]
	if n == nil {
		c.failAt("", mark{}, "found undefined alias", t.start)
		return nil
	}
	c.take()
	return n
}

func (c *composer) blockSequence(n *raw) {
	n.kind = Sequence
	start := c.peek().start
	c.take()
	for c.is(tokBlockEntry) {
		c.entry(n, tokBlockEntry, tokBlockEnd)
	}
	if !c.accept(tokBlockEnd) {
		c.wrong("while parsing a block collection", start, "did not find expected '-' indicator")
	}
}

func (c *composer) indentless(n *raw) {
	n.kind = Sequence
	for c.is(tokBlockEntry) {
		c.entry(n, tokBlockEntry, tokKey, tokValue, tokBlockEnd)
	}
}

// entry reads an item after "-", which may be empty.
func (c *composer) entry(n *raw, ends ...tokenKind) {
	at := c.peek().end
	c.take()
	if c.is(ends...) {
		n.items = append(n.items, c.empty(at))
		return
	}
	n.items = append(n.items, c.node(true, false))
}

func (c *composer) blockMapping(n *raw) {
	n.kind = Mapping
	start := c.peek().start
	c.take()
	for c.is(tokKey) {
		for _, kind := range []tokenKind{tokKey, tokValue} {
			at := c.peek().end
			if kind == tokValue && !c.is(tokValue) {
				n.items = append(n.items, c.empty(c.peek().start))
				break
			}
			c.take()
			if c.is(tokKey, tokValue, tokBlockEnd) {
				n.items = append(n.items, c.empty(at))
			} else {
				n.items = append(n.items, c.node(true, true))
			}
		}
	}
	if !c.accept(tokBlockEnd) {
		c.wrong("while parsing a block mapping", start, "did not find expected key")
	}
}

func (c *composer) flowSequence(n *raw) {
	n.kind = Sequence
	start := c.peek().start
	c.take()
	for first := true; !c.is(tokFlowSequenceEnd); first = false {
		if !first && !c.accept(tokFlowEntry) {
			c.wrong("while parsing a flow sequence", start, "did not find expected ',' or ']'")
			return
		}
		switch t := *c.peek(); t.kind {
		case tokKey:
			c.take()
			n.items = append(n.items, c.pair(t.start))
		case tokFlowSequenceEnd:
		default:
			n.items = append(n.items, c.node(false, false))
		}
		if c.err != nil {
			return
		}
	}
	c.take()
}

// pair reads the mapping of one entry that stands in a flow sequence.
func (c *composer) pair(at mark) *raw {
	n := &raw{kind: Mapping, at: at}
	var key *raw
	if t := c.peek(); c.is(tokValue, tokFlowEntry, tokFlowSequenceEnd) {
		// As in libyaml, the token that stands in place of the key is lost.
		key = c.empty(t.end)
		c.take()
	} else {
		key = c.node(false, false)
	}
	n.items = []*raw{key, c.flowValue(tokFlowSequenceEnd)}
	return n
}

// flowValue reads what may follow a key in a flow collection.
func (c *composer) flowValue(end tokenKind) *raw {
	if c.accept(tokValue) && !c.is(tokFlowEntry, end) {
		return c.node(false, false)
	}
	return c.empty(c.peek().start)
}

func (c *composer) flowMapping(n *raw) {
	n.kind = Mapping
	start := c.peek().start
	c.take()
	for first := true; !c.is(tokFlowMappingEnd); first = false {
		if !first && !c.accept(tokFlowEntry) {
			c.wrong("while parsing a flow mapping", start, "did not find expected ',' or '}'")
			return
		}
		switch {
		case c.accept(tokKey):
			key := c.empty(c.peek().start)
			if !c.is(tokValue, tokFlowEntry, tokFlowMappingEnd) {
				key = c.node(false, false)
			}
			n.items = append(n.items, key, c.flowValue(tokFlowMappingEnd))
		case !c.is(tokFlowMappingEnd):
			n.items = append(n.items, c.node(false, false), c.empty(c.peek().start))
		}
		if c.err != nil {
			return
		}
	}
	c.take()
}
