package expr

import (
	"sync/atomic"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// Expr is a compiled expression. Safe for concurrent use.
type Expr struct {
	src   string
	pos   source.Pos
	code  code
	reads []string
	tmpl  *Template // a condition that is written as a template
	checks
}

// CompileExpr compiles a bare expression. Errors are *SyntaxError.
func CompileExpr(src string, pos source.Pos) (*Expr, error) { return compileExpr(src, pos, false) }

func compileExpr(src string, pos source.Pos, condition bool) (*Expr, error) {
	n, err := syntax.ParseExpr(src, false, pos)
	if err != nil {
		kind := "expression"
		if HasTemplate(src) {
			kind = "expression. Template delimiters are not supported in expressions"
		}
		return nil, syntaxError(kind, pos, err)
	}
	c := compiler{mutates: syntax.Mutates(n), templates: condition, at: pos}
	x := &Expr{src: src, pos: pos, code: c.code(n), reads: syntax.Reads(nil, n)}
	x.known = c.known
	if condition {
		x.reads = readsOfStrings(x.reads, n)
	}
	if c.err != nil {
		return nil, syntaxError("expression", pos, c.err)
	}
	return x, nil
}

// readsOfStrings adds what the templates in a condition's string constants read.
func readsOfStrings(reads []string, n syntax.Node) []string {
	syntax.Walk(n, func(n syntax.Node) bool {
		if s, ok := n.(*syntax.Str); ok && HasTemplate(s.V) {
			if t, err := CompileTemplate(s.V, s.Pos()); err == nil {
				reads = addNames(reads, t.Reads())
			}
		}
		return true
	})
	return reads
}

func addNames(names, more []string) []string {
next:
	for _, m := range more {
		for _, n := range names {
			if n == m {
				continue next
			}
		}
		names = append(names, m)
	}
	return names
}

// Source is the expression as it was written.
func (x *Expr) Source() string { return x.src }

// Pos is where it was written.
func (x *Expr) Pos() source.Pos { return x.pos }

// Reads names the variables it reads, each once. The slice is not to be changed.
func (x *Expr) Reads() []string { return x.reads }

// Eval gives its value: plain data. Errors as Template.Eval.
func (x *Expr) Eval(ctx *Ctx) (value.Value, error) {
	if x.tmpl != nil {
		return x.tmpl.Eval(ctx)
	}
	v, err := x.value(ctx)
	if err != nil {
		return nil, err
	}
	if IsOmit(v) {
		return nil, ErrOmitted
	}
	return v, nil
}

func (x *Expr) value(ctx *Ctx) (value.Value, error) {
	if err := x.check(ctx.Env); err != nil {
		return nil, syntaxError("expression", x.pos, err)
	}
	st := ctx.state()
	outer := st.frame
	st.frame = frame{at: x.pos}
	v, err := x.code(ctx)
	if err == nil {
		v, err = Finalize(v)
	}
	st.frame = outer
	if err != nil {
		return nil, renderError("expression", x.pos, err)
	}
	return v, nil
}

// checks remembers for which Env the filters and tests of an expression were
// found to exist. The reference knows them when it compiles, churten compiles
// before there is an Env.
type checks struct {
	known []plugin
	ok    atomic.Pointer[Env]
}

// check reports the first filter or test that env does not have, as a *SyntaxError.
func (c *checks) check(env *Env) error {
	if len(c.known) == 0 || c.ok.Load() == env {
		return nil
	}
	for _, p := range c.known {
		if env.find(p.kind, env.table(p.kind), p.name) == nil {
			return &SyntaxError{At: p.pos.Pos(), Kind: "template", Msg: "No " + p.kind + " named '" + p.name + "'."}
		}
	}
	c.ok.Store(env)
	return nil
}

// Check reports the first filter or test that env does not have, so that it can
// be told before a run.
func (x *Expr) Check(env *Env) error {
	if x.tmpl != nil {
		return x.tmpl.Check(env)
	}
	err := x.check(env)
	if err != nil {
		return syntaxError("expression", x.pos, err)
	}
	return nil
}

// Check reports the first filter or test that env does not have.
func (t *Template) Check(env *Env) error {
	if c, ok := t.stmts.(interface{ Check(*Env) error }); ok {
		return c.Check(env)
	}
	if err := t.check(env); err != nil {
		return syntaxError("template", t.pos, err)
	}
	return nil
}
