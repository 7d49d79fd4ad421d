package document

import (
	"errors"
	"io"
	"strconv"

	"github.com/flosch/pongo2/v6"
)

// The tags that documents for pongo2 consist of.
const (
	tagLeaf  = "jinja"      // {% jinja 3 %}: statement 3, which has no bodies
	tagOpen  = "jinja_body" // {% jinja_body 4 %} … {% jinja_next %} … {% jinja_end %}: statement 4 and its bodies
	tagNext  = "jinja_next"
	tagClose = "jinja_end"
)

func init() {
	for name, parse := range map[string]pongo2.TagParser{tagLeaf: parseLeaf, tagOpen: parseOpen} {
		if err := pongo2.RegisterTag(name, parse); err != nil {
			panic(err)
		}
	}
}

// node is a statement in pongo2's tree.
type node struct {
	i      int
	bodies []*pongo2.NodeWrapper
	stmt   stmt
}

func parseLeaf(_ *pongo2.Parser, _ *pongo2.Token, args *pongo2.Parser) (pongo2.INodeTag, *pongo2.Error) {
	tok := args.MatchType(pongo2.TokenNumber)
	if tok == nil {
		return nil, args.Error("the number of a statement is missing", nil)
	}
	i, err := strconv.Atoi(tok.Val)
	if err != nil {
		return nil, args.Error(err.Error(), tok)
	}
	return &node{i: i}, nil
}

func parseOpen(doc *pongo2.Parser, start *pongo2.Token, args *pongo2.Parser) (pongo2.INodeTag, *pongo2.Error) {
	leaf, err := parseLeaf(doc, start, args)
	if err != nil {
		return nil, err
	}
	n := leaf.(*node)
	for {
		body, _, err := doc.WrapUntilTag(tagNext, tagClose)
		if err != nil {
			return nil, err
		}
		n.bodies = append(n.bodies, body)
		if body.Endtag == tagClose {
			return n, nil
		}
	}
}

// stopped tells pongo2 that the walk ends; the reason is in run.err.
var stopped = &pongo2.Error{Sender: "jinja", OrigError: errors.New("stopped")}

// Execute runs the statement, or links it when the tree is new. What it works
// on comes as the writer, which nodes hand on unchanged; only the root, which
// pongo2 calls, gets the linker from the context.
func (n *node) Execute(ctx *pongo2.ExecutionContext, w pongo2.TemplateWriter) *pongo2.Error {
	if r, ok := w.(*run); ok {
		if err := n.stmt.exec(r); err != nil {
			r.err = err
			return stopped
		}
		return nil
	}
	l, ok := w.(*linker)
	if !ok {
		l = ctx.Public[linkerKey].(*linker)
	}
	return l.link(n)
}

// linker ties the nodes of a new tree to their statements.
type linker struct {
	io.Writer
	stmts []stmt
	found []stmt // in the body at hand
}

const linkerKey = "linker"

// WriteString makes it a pongo2.TemplateWriter; nothing is written.
func (*linker) WriteString(s string) (int, error) { return len(s), nil }

func (l *linker) link(n *node) *pongo2.Error {
	n.stmt = l.stmts[n.i]
	l.found = append(l.found, n.stmt)
	bodies := make([]body, len(n.bodies))
	for i, wrapper := range n.bodies {
		inner := &linker{Writer: io.Discard, stmts: l.stmts}
		if err := wrapper.Execute(nil, inner); err != nil {
			return err
		}
		bodies[i] = body{nodes: wrapper, stmts: inner.found}
	}
	if h, ok := n.stmt.(holder); ok {
		h.hold(bodies)
	}
	return nil
}

// link has pongo2 read a document and gives its statements their bodies.
func link(doc string, stmts []stmt) error {
	set := pongo2.NewSet("churten", noFiles{})
	t, err := set.FromString(doc)
	if err != nil {
		return err
	}
	l := &linker{Writer: io.Discard, stmts: stmts}
	return t.ExecuteWriterUnbuffered(pongo2.Context{linkerKey: l}, io.Discard)
}

// noFiles keeps pongo2 from the file system.
type noFiles struct{}

func (noFiles) Abs(_, name string) string { return name }

func (noFiles) Get(path string) (io.Reader, error) {
	return nil, errors.New(path + ": pongo2 reads no files here")
}

// body is what stands inside a statement.
type body struct {
	nodes *pongo2.NodeWrapper
	stmts []stmt
}

func (b *body) exec(r *run) error {
	if err := b.nodes.Execute(nil, r); err != nil {
		return r.err
	}
	return nil
}

// stmt is a statement.
type stmt interface {
	exec(r *run) error
	// names tells t which names the statement reads and sets, in order.
	names(t *table)
}

// holder is a statement with bodies.
type holder interface{ hold(bodies []body) }
