package yaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// maxCost bounds the nodes of a document with all its aliases written out, so
// that a few lines of aliases of aliases cannot fill the memory of whoever
// walks the tree.
const maxCost = 10_000_000

// Parse reads a file that holds one document. Errors are *source.Error in the
// reference's words.
func Parse(src []byte, file string) (*Document, error) {
	r, err := newReader(src, file)
	if err != nil {
		return nil, err
	}
	doc, err := r.next()
	if err != nil {
		if !errors.Is(err, io.EOF) {
			return nil, err
		}
		return &Document{Root: &Node{Pos: source.Pos{File: file, Line: 1, Col: 1}, Value: value.None}}, nil
	}
	return doc, r.expectEnd()
}

// ParseAll reads all documents of a stream.
func ParseAll(src []byte, file string) ([]*Document, error) {
	r, err := newReader(src, file)
	if err != nil {
		return nil, err
	}
	var docs []*Document
	for {
		doc, err := r.next()
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
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
	dec  *yamlv3.Decoder
	line int // where the newest document starts
}

func newReader(src []byte, file string) (*reader, error) {
	r := &reader{file: file, src: src, dec: yamlv3.NewDecoder(bytes.NewReader(version11(src)))}
	return r, r.checkBytes()
}

// version11 turns a %YAML 1.2 directive at the head into 1.1: the reference
// reads both as 1.1, yaml.v3 refuses 1.2.
func version11(src []byte) []byte {
	const directive = "%YAML 1.2"
	for rest := src; len(rest) > 0; {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		if bytes.HasPrefix(line, []byte(directive)) {
			out := bytes.Clone(src)
			out[len(src)-len(rest)+len(directive)-1] = '1'
			return out
		}
		if len(bytes.TrimSpace(line)) > 0 && line[0] != '#' && line[0] != '%' {
			break
		}
		rest = after
	}
	return src
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

func (r *reader) next() (doc *Document, err error) {
	var top yamlv3.Node
	if err := r.decode(&top); err != nil {
		return nil, err
	}
	r.line = top.Line
	b := &builder{reader: r, doc: &Document{}, done: map[*yamlv3.Node]*Node{}, anchors: map[string]bool{}}
	if len(top.Content) == 0 {
		return nil, r.errorf(source.Pos{File: r.file}, "document without a node")
	}
	if err := b.checkAnchors(top.Content[0]); err != nil {
		return nil, err
	}
	if b.doc.Root, err = b.node(top.Content[0], false); err != nil {
		return nil, err
	}
	return b.doc, nil
}

// decode reads one document into n. yaml.v3 panics on its own bugs.
func (r *reader) decode(n *yamlv3.Node) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = r.errorf(source.Pos{File: r.file}, "cannot read this YAML: %v", p)
		}
	}()
	err = r.dec.Decode(n)
	if err != nil && !errors.Is(err, io.EOF) {
		return r.syntaxError(err)
	}
	return err
}

// expectEnd makes sure that nothing follows the document.
func (r *reader) expectEnd() error {
	var more yamlv3.Node
	err := r.decode(&more)
	if errors.Is(err, io.EOF) {
		return nil
	}
	at := source.Pos{File: r.file, Line: more.Line, Col: more.Column}
	if err != nil {
		// The reference sees that another document begins before it reads it.
		line, col := documentStart(r.dec)
		if line == 0 || line == r.line {
			return err
		}
		at.Line, at.Col = line, col
	}
	first := source.Pos{Line: r.line, Col: 1}
	return withProblem(r.markedError(at, "expected a single document in the stream but found another document"),
		&Problem{Context: "expected a single document in the stream", ContextPos: first, Msg: "but found another document", Pos: at})
}

// builder turns yaml.v3's nodes into ours.
type builder struct {
	*reader
	doc     *Document
	done    map[*yamlv3.Node]*Node // nil while a node is being built
	anchors map[string]bool
}

// checkAnchors refuses an anchor that is defined twice, as PyYAML does. It
// comes before everything else since composing comes before constructing.
func (b *builder) checkAnchors(y *yamlv3.Node) error {
	if y.Kind == yamlv3.AliasNode {
		return nil
	}
	if y.Anchor != "" {
		if b.anchors[y.Anchor] {
			return b.markedError(b.pos(y), "found duplicate anchor; first occurrence second occurrence")
		}
		b.anchors[y.Anchor] = true
	}
	for _, c := range y.Content {
		if err := b.checkAnchors(c); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) pos(y *yamlv3.Node) source.Pos {
	return source.Pos{File: b.file, Line: y.Line, Col: y.Column}
}

func (b *builder) node(y *yamlv3.Node, unsafe bool) (*Node, error) {
	if y.Kind == yamlv3.AliasNode {
		y = y.Alias
	}
	if y.Anchor != "" {
		if n, seen := b.done[y]; seen {
			if n == nil {
				return nil, b.errorf(b.pos(y), "the anchor '%s' holds itself", y.Anchor)
			}
			return n, nil
		}
		b.done[y] = nil
	}
	n := &Node{Pos: b.pos(y), Unsafe: unsafe, cost: 1}
	if y.Style&yamlv3.TaggedStyle != 0 {
		n.Tag = y.Tag
		if rest, ok := strings.CutPrefix(n.Tag, "!!"); ok {
			n.Tag = tagYAML + rest
		}
		n.Unsafe = unsafe || n.Tag == tagUnsafe
	}
	var err error
	switch y.Kind {
	case yamlv3.SequenceNode:
		err = b.sequence(n, y)
	case yamlv3.MappingNode:
		err = b.mapping(n, y)
	default:
		n.Text = y.Value
		err = b.scalar(n, y.Style&^yamlv3.TaggedStyle == 0)
	}
	if err == nil && n.cost > maxCost {
		err = b.errorf(n.Pos, "more than %d nodes when all aliases are written out", maxCost)
	}
	if err != nil {
		return nil, err
	}
	if y.Anchor != "" {
		b.done[y] = n
	}
	return n, nil
}

func (b *builder) sequence(n *Node, y *yamlv3.Node) error {
	n.Kind = Sequence
	n.Items = make([]*Node, len(y.Content))
	for i, c := range y.Content {
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

// lineAt gives line number n, counted from 1, without its end.
func lineAt(src []byte, n int) string {
	for ; n > 1; n-- {
		i := bytes.IndexByte(src, '\n')
		if i < 0 {
			return ""
		}
		src = src[i+1:]
	}
	if i := bytes.IndexByte(src, '\n'); i >= 0 {
		src = src[:i]
	}
	return string(src)
}

func (r *reader) errorf(pos source.Pos, format string, args ...any) error {
	return &source.Error{Pos: pos, Msg: "YAML parsing failed: " + fmt.Sprintf(format, args...)}
}
