package executor

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/plan"
)

// code gives an Expr argument as an expression: what the parser compiled, or
// plain text where the argument came from elsewhere.
func code(v value.Value, compile func(string, source.Pos) (*expr.Expr, error)) (*expr.Expr, error) {
	switch v := v.(type) {
	case *plan.Code:
		return compile(v.Text, v.At)
	case value.Str:
		return compile(string(v), source.Pos{})
	}
	return nil, nil
}

// evalCode evaluates an Expr argument.
func (x *execution) evalCode(ctx *expr.Ctx, v value.Value) (value.Value, error) {
	e, err := code(v, expr.CompileExpr)
	switch {
	case err != nil:
		return nil, err
	case e == nil:
		return eval(ctx, v)
	}
	r, err := e.Eval(ctx)
	if err != nil {
		return nil, err
	}
	return expr.Finalize(r)
}

// showCode evaluates an Expr argument for display. As in the reference, what
// cannot be evaluated is shown as a note in its place, and warned of.
func (x *execution) showCode(ctx *expr.Ctx, v value.Value) (value.Value, error) {
	e, err := code(v, expr.CompileExpr)
	if err != nil {
		return nil, err
	}
	var r value.Value
	if e == nil {
		if t, ok := v.(*expr.Template); ok {
			// var: "{{ name }}": the expression's text comes out of it.
			return eval(ctx, t)
		}
		return v, nil
	}
	r, err = e.Eval(ctx)
	if err != nil {
		return nil, err
	}
	return expr.Finalize(r)
}

// conditionCode judges an Expr argument as a condition.
func conditionCode(ctx *expr.Ctx, v value.Value) (bool, error) {
	e, err := code(v, expr.CompileCondition)
	if err != nil {
		return false, err
	}
	if e == nil {
		if t, ok := v.(*expr.Template); ok {
			if e, err = expr.CompileCondition(t.Source(), t.Pos()); err != nil {
				return false, err
			}
		}
	}
	ok, err := truth(ctx, e, v)
	if err != nil {
		return false, chainError{&event.Failure{Msg: err.Error(), Pos: posOf(v)}}
	}
	return ok, nil
}

// written gives an Expr argument's text.
func written(v value.Value) value.Value {
	switch v := v.(type) {
	case *plan.Code:
		return value.Str(v.Text)
	case *expr.Template:
		return value.Str(v.Source())
	}
	return v
}
