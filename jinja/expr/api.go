package expr

import (
	"errors"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Being written: the signatures below stay, their bodies and fields come.

type state struct{ memo *Memo }

func (c *Ctx) state() *state {
	if c.st == nil {
		c.st = &state{}
	}
	return c.st
}

// Memo keeps the values of templates for one scope.
type Memo struct{}

// Expr is a compiled expression. Safe for concurrent use.
type Expr struct {
	src string
	pos source.Pos
}

// Template is a string with {{ }} or {% %} in it, compiled. Safe for concurrent use.
type Template struct {
	src string
	pos source.Pos
}

var errNotYet = errors.New("expr: being written")

func CompileExpr(src string, pos source.Pos) (*Expr, error)         { return nil, errNotYet }
func CompileTemplate(src string, pos source.Pos) (*Template, error) { return nil, errNotYet }

func (x *Expr) Source() string                     { return x.src }
func (x *Expr) Pos() source.Pos                    { return x.pos }
func (x *Expr) Reads() []string                    { return nil }
func (x *Expr) Eval(ctx *Ctx) (value.Value, error) { return nil, errNotYet }
func (x *Expr) Truth(ctx *Ctx) (bool, error)       { return false, errNotYet }

func (t *Template) Type() string                       { return "template" }
func (t *Template) Source() string                     { return t.src }
func (t *Template) Pos() source.Pos                    { return t.pos }
func (t *Template) Reads() []string                    { return nil }
func (t *Template) Single() bool                       { return false }
func (t *Template) Eval(ctx *Ctx) (value.Value, error) { return nil, errNotYet }

// HasTemplate reports whether s holds {{, {% or {#.
func HasTemplate(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '{' && (s[i+1] == '{' || s[i+1] == '%' || s[i+1] == '#') {
			return true
		}
	}
	return false
}

// Bind makes a variable's value ready for use by ctx.
func Bind(ctx *Ctx, v value.Value) (value.Value, error) { return nil, errNotYet }

// Statements is a string with {% %} in it, compiled by the document package.
// Render gives the parts of its output in order, text as value.Str: one part
// alone is the value itself (see Concat).
type Statements interface {
	Render(ctx *Ctx) ([]value.Value, error)
	Reads() []string
}

// RegisterDocuments sets the compiler of strings with {% %}. To be called in
// init only; where nobody does, such strings are refused.
func RegisterDocuments(compile func(src string, pos source.Pos) (Statements, error)) {}

// Concat makes a template's result of the parts of its output: None is left
// out, a single part is itself, no part is None, else the parts' text in a row.
func Concat(ctx *Ctx, parts []value.Value) (value.Value, error) { return nil, errNotYet }

// Call calls fn, with the checks that its kind asks for (see Func.Lazy).
func (c *Ctx) Call(fn value.Value, args []value.Value, kwargs *value.Dict) (value.Value, error) {
	return nil, errNotYet
}

// CallFilter calls a filter by name on args[0], for filters that take filters' names (map).
func (c *Ctx) CallFilter(name string, args []value.Value, kwargs *value.Dict) (value.Value, error) {
	return nil, errNotYet
}

// CallTest calls a test by name on args[0], for filters that take tests' names (select).
func (c *Ctx) CallTest(name string, args []value.Value, kwargs *value.Dict) (bool, error) {
	return false, errNotYet
}

// Attr gives v.name as templates do (attribute first, then item); an *Undefined if there is none.
func (c *Ctx) Attr(v value.Value, name string) (value.Value, error) { return nil, errNotYet }

// Item gives v[key] as templates do (item first, then attribute); an *Undefined if there is none.
func (c *Ctx) Item(v, key value.Value) (value.Value, error) { return nil, errNotYet }

// Finalize makes a result of v: forced to its depth, tuples and other sequences
// as lists, omitted items left out; an Undefined in it raises.
func Finalize(v value.Value) (value.Value, error) { return nil, errNotYet }
