package expr

import (
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// Code is a compiled part of a document: an expression in one of its
// statements. Unlike an Expr's its values are as they come: they may be
// Undefined, tuples, or lazy. Safe for concurrent use.
type Code struct {
	code code
	node syntax.Node
	checks
}

// CompileNode compiles an expression of a document. mutates says whether any
// expression of the whole document may change a variable in place
// (syntax.Mutates); it is the same for all its expressions. A filter whose X is
// nil works on what Apply is given.
func CompileNode(n syntax.Node, mutates bool) (*Code, error) {
	c := compiler{mutates: mutates}
	out := &Code{code: c.code(n), node: n}
	out.known = c.known
	return out, c.err
}

// Node is what was compiled.
func (c *Code) Node() syntax.Node { return c.node }

// Eval gives the value. Errors are as functions and operators made them; the
// template around adds the reference's words.
func (c *Code) Eval(ctx *Ctx) (value.Value, error) { return c.code(ctx) }

// Truth reports whether the value is true, as an if of a document takes it.
func (c *Code) Truth(ctx *Ctx) (bool, error) { return truth(c.code(ctx)) }

// Apply evaluates a chain of filters that has no value of its own on v.
func (c *Code) Apply(ctx *Ctx, v value.Value) (value.Value, error) {
	ctx.state()
	with := *ctx
	with.piped = v
	return c.code(&with)
}

// Check reports the first filter or test that env does not have.
func (c *Code) Check(env *Env) error { return c.check(env) }

// RenderError gives err, which a document met, the reference's words.
func RenderError(n syntax.Node, err error) error { return renderError("template", n.Pos(), err) }
