package yaml

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// maxCost bounds the nodes of a document with all its aliases written out, so
// that a few lines of aliases of aliases cannot fill the memory of whoever
// walks the tree.
const maxCost = 10_000_000

// maxMerged bounds the pairs that merge keys bring, all together.
const maxMerged = 2_000_000

// maxDuplicates bounds the warnings of keys that are there twice.
const maxDuplicates = 1000

// Parse reads a file that holds one document. Errors are *source.Error in the
// reference's words.
func Parse(src []byte, file string) (*Document, error) {
	r, err := newReader(src, file)
	if err != nil {
		return nil, err
	}
	if _, ok := r.comp.begin(); !ok {
		root := &Node{Pos: source.Pos{File: file, Line: 1, Col: 1}, Value: value.None}
		return &Document{Root: root}, r.syntaxError()
	}
	root := r.comp.document()
	if at, more := r.comp.begin(); more {
		r.comp.failAt("expected a single document in the stream", root.at, "but found another document", at)
	}
	if err := r.syntaxError(); err != nil {
		return nil, err
	}
	return r.build(root)
}

// ParseAll reads all documents of a stream.
func ParseAll(src []byte, file string) ([]*Document, error) {
	r, err := newReader(src, file)
	if err != nil {
		return nil, err
	}
	var docs []*Document
	for {
		if _, ok := r.comp.begin(); !ok {
			return docs, r.syntaxError()
		}
		root := r.comp.document()
		if root == nil {
			return nil, r.syntaxError()
		}
		doc, err := r.build(root)
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
}

// reader reads the documents of one stream.
type reader struct {
	file string
	src  []byte
	comp *composer
}

func newReader(src []byte, file string) (*reader, error) {
	r := &reader{file: file, src: src, comp: newComposer(string(src))}
	return r, r.checkBytes()
}

// checkBytes refuses what the reference's reader refuses before it looks at
// any YAML; these errors know no line.
func (r *reader) checkBytes() error {
	chars := 0
	for i := 0; i < len(r.src); chars++ {
		c := r.src[i]
		if c >= ' ' && c < 0x7f || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		u, n := utf8.DecodeRune(r.src[i:])
		if u == utf8.RuneError && n == 1 {
			return r.errorf(source.Pos{File: r.file}, "'utf-8' codec can't encode character '\\udc%02x' in position %d: surrogates not allowed", c, chars)
		}
		if u < ' ' || u >= 0x7f && u < 0xa0 && u != 0x85 || u == 0xfffe || u == 0xffff {
			return r.errorf(source.Pos{File: r.file}, "unacceptable character #x%04x: control characters are not allowed in \"<unicode string>\", position %d", u, i)
		}
		i += n
	}
	return nil
}

// syntaxError is the error that the text itself has, nil if there is none.
func (r *reader) syntaxError() error {
	p := r.comp.err
	if p == nil {
		return nil
	}
	p.Pos.File = r.file
	msg := p.Msg
	if p.Context != "" {
		msg = p.Context + " " + msg
	}
	return withProblem(r.markedError(p.Pos, msg), p)
}

func (r *reader) build(root *raw) (*Document, error) {
	b := &builder{reader: r, doc: &Document{}, done: map[*raw]*Node{}}
	var err error
	b.doc.Root, err = b.node(root, false)
	if err != nil {
		return nil, err
	}
	if more := b.duplicates - maxDuplicates; more > 0 {
		b.warn(Warning{Pos: source.Pos{File: b.file}, Msg: fmt.Sprintf("Found %d more duplicate mapping keys.", more), Help: "Using last defined values only.", Duplicate: true})
	}
	return b.doc, nil
}

// builder gives the nodes as they are written their meaning: tags, merge keys,
// what plain scalars stand for.
type builder struct {
	*reader
	doc  *Document
	done map[*raw]*Node // those with an anchor; nil while one is being built
	// merged counts the pairs that merge keys brought, duplicates the keys that
	// were told to be there twice.
	merged, duplicates int
}

func (b *builder) pos(y *raw) source.Pos { return y.at.source(b.file) }

func (b *builder) node(y *raw, unsafe bool) (*Node, error) {
	if y.anchored {
		if n, seen := b.done[y]; seen {
			if n == nil {
				return nil, b.errorf(b.pos(y), "an anchor holds itself")
			}
			return n, nil
		}
		b.done[y] = nil
	}
	n := &Node{Pos: b.pos(y), Tag: y.tag, Unsafe: unsafe || y.tag == tagUnsafe, cost: 1}
	var err error
	switch y.kind {
	case Sequence:
		err = b.sequence(n, y)
	case Mapping:
		err = b.mapping(n, y)
	default:
		n.Text = y.text
		err = b.scalar(n, y.plain)
	}
	if err == nil && n.cost > maxCost {
		err = b.errorf(n.Pos, "more than %d nodes when all aliases are written out", maxCost)
	}
	if err != nil {
		return nil, err
	}
	if y.anchored {
		b.done[y] = n
	}
	return n, nil
}

func (b *builder) sequence(n *Node, y *raw) error {
	n.Kind = Sequence
	n.Items = make([]*Node, len(y.items))
	for i, c := range y.items {
		item, err := b.node(c, n.Unsafe)
		if err != nil {
			return err
		}
		n.Items[i] = item
		n.cost += item.cost
	}
	return b.checkSequence(n)
}

func (b *builder) warn(w Warning) { b.doc.Warnings = append(b.doc.Warnings, w) }

// lineAt gives line number n, counted from 1, without its end. Only line feeds
// and carriage returns end lines for those who read files, others for YAML, too.
func lineAt(src []byte, n int) string {
	for ; ; n-- {
		i := bytes.IndexAny(src, "\r\n")
		if i < 0 {
			i = len(src)
		}
		if n <= 1 || i == len(src) {
			if n > 1 {
				return ""
			}
			return string(src[:i])
		}
		if src[i] == '\r' && i+1 < len(src) && src[i+1] == '\n' {
			i++
		}
		src = src[i+1:]
	}
}

func (r *reader) errorf(pos source.Pos, format string, args ...any) error {
	return &source.Error{Pos: pos, Msg: "YAML parsing failed: " + fmt.Sprintf(format, args...)}
}
