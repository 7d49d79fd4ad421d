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
	st.frame = frame{at: x.pos}
	v, err := x.code(ctx)
	st.frame = outer
	if err != nil {
		return nil, renderError("expression", x.pos, err)
	}
	return v, nil
}

// EvalItems gives what t comes to; where that is a list, those of its items that
// are templates stand in it as they were written.
func (t *Template) EvalItems(ctx *Ctx) (value.Value, error) {
	v, err := t.eval(ctx, true)
	if err != nil {
		return nil, err
	}
	l, ok := v.(*value.List)
	if !ok {
		return Finalize(v)
	}
	items := make([]value.Value, len(l.Items))
	for i, item := range l.Items {
		if raw, ok := unevaluated(item); ok {
			items[i] = raw
		} else if items[i], err = Finalize(item); err != nil {
			return nil, renderError("template", t.pos, err)
		}
	}
	return value.NewList(items...), nil
}

func unevaluated(v value.Value) (*Template, bool) {
	later, ok := v.(*thunk)
	if !ok {
		return nil, false
	}
	t, ok := later.raw.(*Template)
	return t, ok
}
