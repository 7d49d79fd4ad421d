package expr

import (
	"errors"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// Template is a string with {{ }} or {% %} in it, compiled. It is a value so
// that variables can hold one; only loaders make them. Safe for concurrent use.
type Template struct {
	src    string
	pos    source.Pos
	parts  []code // each yields a part of the output
	single bool
	// newlines is how many the source ends in: the last is not part of the
	// template, but a text gets back what it lost.
	newlines int
	reads    []string
	stmts    Statements
	checks
}

// CompileTemplate compiles a string as the reference templates it: backslashes
// in string constants inside {{ }} stand for themselves, the last newline is
// kept. Errors are *SyntaxError.
func CompileTemplate(src string, pos source.Pos) (*Template, error) {
	t := &Template{src: src, pos: pos}
	t.newlines = len(src) - len(strings.TrimRight(src, "\n"))
	if strings.HasPrefix(src, HeaderMark) {
		return t, t.compileStatements()
	}
	toks := tokens(src, pos)
	for _, tok := range toks {
		if tok.Kind == syntax.BlockBegin {
			if err := t.compileStatements(); err != nil {
				return nil, err
			}
			return t, nil
		}
	}
	if err := t.compileParts(toks); err != nil {
		return nil, err
	}
	return t, nil
}

func tokens(src string, pos source.Pos) []syntax.Token {
	opt := syntax.Default()
	opt.RawStrings = true
	opt.TrimBlocks = true // of comments, here
	opt.KeepTrailingNewline = false
	return syntax.Tokens(src, opt, pos)
}

// Statements is a string with {% %} in it, compiled by the document package.
// Render gives the parts of its output in order, text as value.Str, to be put
// together by Concat. It may also have a method Check(*Env) error,
// see Template.Check. Safe for concurrent use.
type Statements interface {
	Render(ctx *Ctx) ([]value.Value, error)
	Reads() []string
}

// documents compiles strings with statements; set by RegisterDocuments in init.
var documents func(src string, pos source.Pos) (Statements, error)

// RegisterDocuments sets the compiler of strings with {% %}. To be called in
// init only; where nobody does, such strings are refused.
func RegisterDocuments(compile func(src string, pos source.Pos) (Statements, error)) {
	documents = compile
}

func (t *Template) compileStatements() error {
	if documents == nil {
		return &SyntaxError{Pos: t.pos, At: t.pos, Kind: "template", Msg: "a template with statements ({% %}) can only be evaluated on the controller"}
	}
	var err error
	if t.stmts, err = documents(strings.TrimSuffix(t.src, "\n"), t.pos); err != nil {
		return syntaxError("template", t.pos, err)
	}
	t.reads = t.stmts.Reads()
	return nil
}

// parseParts gives the parts of a string without statements; text: some are no
// expressions.
func parseParts(toks []syntax.Token) (nodes []syntax.Node, text bool, err error) {
	p := syntax.NewParser(toks)
	for p.Cur().Kind != syntax.EOF {
		if err := p.Cur().Err; err != nil {
			return nil, false, err
		}
		tok := p.Next()
		if tok.Kind == syntax.Data {
			nodes = append(nodes, &syntax.Str{At: syntax.At(tok.Pos), V: tok.Text})
			text = true
			continue
		}
		n, err := p.Tuple(false)
		if err == nil {
			_, err = p.Expect(syntax.VarEnd)
		}
		if err != nil {
			return nil, false, err
		}
		nodes = append(nodes, n)
	}
	return nodes, text, nil
}

func (t *Template) compileParts(toks []syntax.Token) error {
	nodes, text, err := parseParts(toks)
	if err != nil {
		return syntaxError("template", t.pos, err)
	}
	t.single = len(nodes) == 1 && !text
	c := compiler{at: t.pos}
	for _, n := range nodes {
		c.mutates = c.mutates || syntax.Mutates(n)
		t.reads = readsOfStrings(syntax.Reads(t.reads, n), n)
	}
	t.parts = c.all(nodes)
	t.known = c.known
	if c.err != nil {
		return syntaxError("template", t.pos, c.err)
	}
	return nil
}

// Type is "template"; no value of that type is ever seen by an expression.
func (t *Template) Type() string { return "template" }

// Source is the string as it was written.
func (t *Template) Source() string { return t.src }

// Pos is where it was written.
func (t *Template) Pos() source.Pos { return t.pos }

// Position makes it value.Positioned.
func (t *Template) Position() source.Pos { return t.pos }

// Reads names the variables it reads, each once, without those it sets itself.
// The slice is not to be changed.
func (t *Template) Reads() []string { return t.reads }

// Single reports whether it is one expression and nothing else, so that its
// value keeps its type.
func (t *Template) Single() bool { return t.single }

// Eval gives its value: plain data. Errors are *UndefinedError, *SyntaxError
// (an unknown filter), ErrOmitted and *TemplateError, of the template where they arose.
func (t *Template) Eval(ctx *Ctx) (value.Value, error) {
	v, err := t.eval(ctx, false)
	if err == nil && IsOmit(v) {
		return nil, ErrOmitted
	}
	return v, err
}

// eval gives the value; with keep it is not finished: see Ctx.finish.
func (t *Template) eval(ctx *Ctx, keep bool) (value.Value, error) {
	if err := t.check(ctx.Env); err != nil {
		return nil, syntaxError("template", t.pos, err)
	}
	st := ctx.state()
	outer := st.frame
	st.frame = frame{at: t.pos}
	v, err := t.run(ctx, keep)
	st.frame = outer
	if err != nil {
		err = renderError("template", t.pos, err)
		var p *TemplateError
		if st.depth > 0 && errors.As(err, &p) && p.Plugin {
			p.Pos = source.Pos{}
		}
		return nil, err
	}
	if s, ok := v.(value.Str); ok && t.newlines > 0 {
		have := len(s) - len(strings.TrimRight(string(s), "\n"))
		v = s + value.Str(strings.Repeat("\n", max(t.newlines-have, 0)))
	}
	return v, nil
}

func (t *Template) run(ctx *Ctx, keep bool) (value.Value, error) {
	if len(t.parts) == 1 {
		v, err := t.parts[0](ctx)
		if err != nil {
			return nil, err
		}
		return t.finish(v, keep)
	}
	var parts []value.Value
	var err error
	if t.stmts != nil {
		parts, err = t.stmts.Render(ctx)
	} else {
		parts, _, err = evalAll(ctx, t.parts)
	}
	if err != nil {
		return nil, err
	}
	if i := alone(parts); i >= 0 {
		return t.finish(parts[i], keep)
	}
	return Concat(ctx, parts)
}

// finish makes a result of v. What a variable's template came to is kept as it
// is: as in the reference, {{ d }} evaluates nothing of what is in d, and the
// template that reads that variable only what it uses.
func (t *Template) finish(v value.Value, keep bool) (value.Value, error) {
	if !keep {
		return Finalize(v)
	}
	v, err := value.Force(v)
	if err != nil {
		return nil, err
	}
	switch v.(type) {
	case value.Markup, *Undefined:
		return Finalize(v)
	case *captured:
		return nil, faultOf(v)
	}
	t.place(v, 0)
	return v, nil
}

// place tells the faults in a container that arose here where they come from.
func (t *Template) place(v value.Value, depth int) {
	if depth > maxDepth || !value.IsLazy(v) {
		return
	}
	switch c := v.(type) {
	case *Undefined:
		if c.Pos.IsZero() {
			c.Pos = t.pos
		}
	case *captured:
		c.err = renderError("template", t.pos, c.err)
	case *value.List:
		for _, item := range c.Items {
			t.place(item, depth+1)
		}
	case *value.Tuple:
		for _, item := range c.Items {
			t.place(item, depth+1)
		}
	case *value.Dict:
		for _, item := range c.All() {
			t.place(item, depth+1)
		}
	}
}

// EvalText gives a template's value as text; None is "".
func EvalText(ctx *Ctx, t *Template) (string, error) {
	v, err := t.Eval(ctx)
	if err != nil || v == value.None {
		return "", err
	}
	return value.Text(v), nil
}

// HeaderMark begins a text with settings of its own in its first line, which
// makes it a template whatever else it holds.
const HeaderMark = "#jinja2:"

// HasTemplate reports whether s holds {{, {% or {#, or begins with HeaderMark,
// that is whether the reference would template it.
func HasTemplate(s string) bool {
	if strings.HasPrefix(s, HeaderMark) {
		return true
	}
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '{' && (s[i+1] == '{' || s[i+1] == '%' || s[i+1] == '#') {
			return true
		}
	}
	return false
}

// syntaxError gives err as a SyntaxError of the template or expression at pos.
func syntaxError(kind string, pos source.Pos, err error) error {
	var s *SyntaxError
	if errors.As(err, &s) {
		if s.Pos.IsZero() {
			return &SyntaxError{Pos: pos, At: s.At, Kind: kind, Msg: s.Msg}
		}
		return err
	}
	var e *source.Error
	if errors.As(err, &e) {
		return &SyntaxError{Pos: pos, At: e.Pos, Kind: kind, Msg: e.Msg}
	}
	return &SyntaxError{Pos: pos, Kind: kind, Msg: err.Error()}
}

// renderError gives err the reference's words and a place, if it has none.
func renderError(kind string, pos source.Pos, err error) error {
	var u *UndefinedError
	var t *TemplateError
	switch {
	case errors.As(err, &u):
		if u.Pos.IsZero() {
			u.Pos = pos
		}
		return err
	case errors.As(err, &t):
		if t.Pos.IsZero() {
			t.Pos = pos
		}
		return err
	case final(err):
		return err
	}
	return &TemplateError{Pos: pos, Msg: "Error rendering " + kind + ": " + err.Error(), Err: err}
}
