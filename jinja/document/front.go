package document

import (
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// maxNesting bounds how deep statements may stand in each other.
const maxNesting = 100

// front reads the tokens of a template. It collects the statements and writes
// the document that gives pongo2 their nesting.
type front struct {
	*syntax.Parser
	pos   source.Pos
	stmts []stmt
	doc   strings.Builder

	ends  [][]string // what would end each of the open bodies
	tags  []string   // the open statements
	codes []*code
	depth int

	blocks  map[string]*blockStmt
	self    bool       // some expression reads self
	loops   []*forStmt // the open ones
	signed  []*signature
	gated   *gate // the first statement of an extension
	soft    bool  // inside an if: filters need not exist until they are used
	mutates bool
}

// code is an expression in a statement. It is compiled when the whole template
// has been read.
type code struct {
	*expr.Code
	node syntax.Node
	soft bool
}

// compile reads a template. Errors are *expr.SyntaxError.
func compile(src string, o syntax.Options, pos source.Pos) (*unit, error) {
	f := &front{Parser: syntax.NewParser(syntax.Tokens(src, o, pos)), pos: pos, blocks: map[string]*blockStmt{}}
	root := &rootStmt{}
	f.open(root)
	if err := f.body(nil); err != nil {
		return nil, syntaxError(err)
	}
	f.close()
	for _, c := range f.codes {
		var err error
		if c.Code, err = expr.CompileNode(c.node, f.mutates); err != nil {
			return nil, err
		}
	}
	u := &unit{pos: pos, root: root, blocks: f.blocks, self: f.self, gated: f.gated, codes: f.codes}
	if err := link(f.doc.String(), f.stmts); err != nil {
		return nil, syntaxError(err)
	}
	u.resolve()
	for _, s := range f.signed {
		if err := s.check(); err != nil {
			return nil, syntaxError(err)
		}
	}
	return u, nil
}

func syntaxError(err error) error {
	switch e := err.(type) {
	case *source.Error:
		return &expr.SyntaxError{Pos: e.Pos, Kind: "template", Msg: e.Msg}
	case *expr.SyntaxError:
		return e
	}
	return &expr.SyntaxError{Kind: "template", Msg: err.Error()}
}

// open writes the tag of a statement with bodies; next ends one body and begins
// another, close ends the last.
func (f *front) open(s stmt) { f.tag(tagOpen, s) }
func (f *front) next()       { f.doc.WriteString("{% " + tagNext + " %}") }
func (f *front) close()      { f.doc.WriteString("{% " + tagClose + " %}") }

// leaf writes the tag of a statement without bodies.
func (f *front) leaf(s stmt) { f.tag(tagLeaf, s) }

func (f *front) tag(name string, s stmt) {
	f.doc.WriteString("{% " + name + " " + strconv.Itoa(len(f.stmts)) + " %}")
	f.stmts = append(f.stmts, s)
}

// code takes an expression in.
func (f *front) code(n syntax.Node) *code {
	if n == nil {
		return nil
	}
	c := &code{node: n, soft: f.soft}
	f.codes = append(f.codes, c)
	f.mutates = f.mutates || syntax.Mutates(n)
	syntax.Walk(n, func(n syntax.Node) bool {
		if x, ok := n.(*syntax.Name); ok {
			switch x.Name {
			case "self":
				f.self = true
			case "loop":
				for _, l := range f.loops {
					l.usesLoop = true
				}
			}
		}
		return true
	})
	return c
}

// body reads text and statements up to a block whose name is one of ends, and
// stops at that name; without ends, up to the end of the template.
func (f *front) body(ends []string) error {
	f.depth++
	defer func() { f.depth-- }()
	if f.depth > maxNesting {
		return f.Errorf("statements are nested more than %d deep", maxNesting)
	}
	if ends != nil {
		f.ends = append(f.ends, ends)
		defer func() { f.ends = f.ends[:len(f.ends)-1] }()
	}
	var out *outputStmt
	for f.Cur().Kind != syntax.EOF {
		switch tok := f.Cur(); tok.Kind {
		case syntax.Data, syntax.VarBegin:
			f.Next()
			if out == nil {
				out = &outputStmt{}
				f.leaf(out)
			}
			if tok.Kind == syntax.Data {
				out.parts = append(out.parts, part{text: value.Str(tok.Text)})
				continue
			}
			n, err := f.Tuple(false)
			if err == nil {
				_, err = f.Expect(syntax.VarEnd)
			}
			if err != nil {
				return err
			}
			out.parts = append(out.parts, part{code: f.code(n)})
		case syntax.BlockBegin:
			f.Next()
			for _, end := range ends {
				if f.Cur().Is(end) {
					return nil
				}
			}
			out = nil
			if err := f.statement(); err != nil {
				return err
			}
			if _, err := f.Expect(syntax.BlockEnd); err != nil {
				return err
			}
		default:
			return f.Errorf("unexpected %s", tok.Describe())
		}
	}
	return nil
}

// statements reads a body that a tag's head has just begun, up to one of ends.
// With drop the end's name is taken too.
func (f *front) statements(drop bool, ends ...string) error {
	soft := f.soft
	f.soft = false
	defer func() { f.soft = soft }()
	return f.branch(drop, ends...)
}

// branch is statements for the bodies of an if, which are no scope.
func (f *front) branch(drop bool, ends ...string) error {
	f.Skip(syntax.Colon) // Python's way
	if _, err := f.Expect(syntax.BlockEnd); err != nil {
		return err
	}
	if err := f.body(ends); err != nil {
		return err
	}
	if f.Cur().Kind == syntax.EOF {
		f.ends = append(f.ends, ends)
		return f.failTag("")
	}
	if drop {
		f.Next()
	}
	return nil
}

// failTag is the error of a tag that does not belong there; of the end of the
// template if name is empty.
func (f *front) failTag(name string) error {
	var b strings.Builder
	if name == "" {
		b.WriteString("Unexpected end of template.")
	} else {
		b.WriteString("Encountered unknown tag " + value.QuoteRepr(name) + ".")
	}
	if n := len(f.ends); n > 0 {
		var looking []string
		for _, end := range f.ends[n-1] {
			looking = append(looking, "'"+end+"'")
		}
		list := strings.Join(looking, " or ")
		if name != "" && f.expects(name) {
			b.WriteString(" You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for " + list + ".")
		} else {
			b.WriteString(" Jinja was looking for the following tags: " + list + ".")
		}
	}
	if n := len(f.tags); n > 0 {
		b.WriteString(" The innermost block that needs to be closed is " + value.QuoteRepr(f.tags[n-1]) + ".")
	}
	return f.Errorf("%s", b.String())
}

func (f *front) expects(name string) bool {
	for _, ends := range f.ends {
		for _, end := range ends {
			if end == name {
				return true
			}
		}
	}
	return false
}

// statement reads one statement from its name on.
func (f *front) statement() error {
	tok := f.Cur()
	if tok.Kind != syntax.Ident {
		return f.Errorf("tag name expected")
	}
	read := statements[tok.Text]
	if read == nil {
		return f.failTag(tok.Text)
	}
	f.tags = append(f.tags, tok.Text)
	f.Next()
	if err := read(f, syntax.At(tok.Pos)); err != nil {
		return err
	}
	f.tags = f.tags[:len(f.tags)-1]
	return nil
}

// statements are the readers of statements, called behind the name.
var statements map[string]func(f *front, at syntax.At) error

func init() {
	statements = map[string]func(f *front, at syntax.At) error{
		"for": readFor, "if": readIf, "set": readSet, "macro": readMacro, "call": readCall, "filter": readFilter,
		"with": readWith, "include": readInclude, "import": readImport, "from": readFrom, "extends": readExtends,
		"block": readBlock, "autoescape": readAutoescape, "print": readPrint,
		"do": readDo, "break": readBreak, "continue": readContinue,
	}
}
