package expr

import "github.com/churten/churten/jinja/value"

// EvalLazy gives the expression's value as it is: containers may hold thunks,
// so that a fault in one item can be told apart from the others.
func (x *Expr) EvalLazy(ctx *Ctx) (value.Value, error) {
	if x.tmpl != nil {
		return x.tmpl.Eval(ctx)
	}
	if err := x.check(ctx.Env); err != nil {
		return nil, syntaxError("expression", x.pos, err)
	}
	st := ctx.state()
	outer := st.frame
	st.frame = frame{}
	v, err := x.code(ctx)
	st.frame = outer
	if err != nil {
		return nil, renderError("expression", x.pos, err)
	}
	return v, nil
}
