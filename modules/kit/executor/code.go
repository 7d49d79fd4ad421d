package executor

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
)

// code gives an Expr argument as an expression: what the parser compiled, or
// text of content. Text from elsewhere is none.
func code(ctx *expr.Ctx, v value.Value, compile func(string, source.Pos) (*expr.Expr, error)) (*expr.Expr, error) {
	switch v := v.(type) {
	case marked:
		return nil, untrusted(string(v.Untrusted()), posOf(v))
	case *plan.Code:
		return compile(v.Source, v.At)
	case value.Str:
		if !ctx.Trusted(v) {
			return nil, untrusted(string(v), placeOf(ctx, v))
		}
		return compile(string(v), source.Pos{})
	}
	return nil, nil
}

// marked is a text of content that is marked unsafe.
type marked interface {
	value.Value
	Untrusted() value.Str
}

// untrusted is the fault of a text that would be an expression, had a person
// written it.
func untrusted(text string, at source.Pos) error {
	f := &event.Failure{Msg: "Encountered untrusted template or expression.", Pos: at,
		Help: "Templates and expressions must be defined by trusted sources such as playbooks or roles, not untrusted sources such as module results."}
	if at.IsZero() {
		f.Pos, f.Help = source.Pos{File: "<unknown>"}, text+"\n\n"+f.Help
	}
	return chainError{f}
}

// apart has a fault told by itself, though it has the place of the one around it.
func apart(err error) error {
	f := *chain(err)
	f.Apart = true
	return chainError{&f}
}

// exprArg gives an argument that its action evaluates itself. debug's var may
// be a template whose text is the variable to show: it has to be one of content.
func (x *execution) exprArg(ctx *expr.Ctx, raw value.Value) (value.Value, error) {
	if x.task.FQCN != "ansible.builtin.debug" {
		return raw, nil
	}
	t, ok := raw.(*expr.Template)
	if !ok {
		switch raw := raw.(type) {
		case *plan.Code:
			return raw, nil
		case marked:
			at := placeOf(ctx, raw)
			return nil, because(at, "Error while resolving `var` expression", untrusted(string(raw.Untrusted()), at))
		}
		return nil, noText(raw)
	}
	v, err := eval(ctx, t)
	if err != nil {
		return nil, because(x.task.ActionPos, fmt.Sprintf("Finalization of task args for '%s' failed", strings.TrimPrefix(x.task.FQCN, "ansible.legacy.")),
			because(t.Pos(), "Error while resolving value for 'var'", within(t, err)))
	}
	text, ok := v.(value.Str)
	switch {
	case expr.IsOmit(v):
		return v, nil
	case !ok:
		return nil, noText(v)
	case len(text) == 1 && isPath(string(text)) || ctx.Trusted(text): // of one letter nobody knows where it stood
		return &plan.Code{Source: string(text), At: t.Pos()}, nil
	}
	return nil, because(t.Pos(), "Error while resolving `var` expression", apart(untrusted(string(text), t.Pos())))
}

// noText is the fault of a var that names nothing.
func noText(v value.Value) error {
	return &module.Failure{Msg: fmt.Sprintf("argument 'var' is of type %s and we were unable to convert to _check_type_str_no_conversion: '%s' is not a string and conversion is not allowed",
		v.Type(), value.Text(uncoded(v)))}
}

// uncoded gives v with texts in the place of code.
func uncoded(v value.Value) value.Value {
	switch v := v.(type) {
	case *plan.Code:
		return value.Str(v.Source)
	case *value.List:
		out := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			out[i] = uncoded(item)
		}
		return value.NewList(out...)
	}
	return v
}

// isPath reports whether text is a variable's name, with names of attributes
// behind it.
func isPath(text string) bool {
	for part := range strings.SplitSeq(text, ".") {
		for i, r := range part {
			letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
			if !letter && (i == 0 || r < '0' || r > '9') {
				return false
			}
		}
		if part == "" {
			return false
		}
	}
	return true
}

// evalCode evaluates an Expr argument.
func (x *execution) evalCode(ctx *expr.Ctx, v value.Value) (value.Value, error) {
	e, err := code(ctx, v, expr.CompileExpr)
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
// is undefined is shown as a note in its place, and warned of; with sh.all, so
// is whatever else cannot be evaluated. It gives how many faults were told by now.
func (x *execution) showCode(ctx *expr.Ctx, v value.Value, sh *showing) (value.Value, int, error) {
	e, err := code(ctx, v, expr.CompileExpr)
	if err != nil {
		return nil, 0, because(posOf(v), "Error while resolving `var` expression", within(v, err))
	}
	if e == nil {
		if t, ok := v.(*expr.Template); ok {
			// var: "{{ name }}": the expression's text comes out of it.
			r, err := eval(ctx, t)
			return r, sh.told, err
		}
		return v, sh.told, nil
	}
	sh.pos = posOf(v)
	r, err := e.EvalLazy(ctx)
	switch {
	case err != nil:
		r = sh.note(err)
	case expr.IsOmit(r):
		ctx.Notify(expr.Notice{Msg: "The result of the `var` expression could not be omitted; a placeholder was used instead.", Pos: sh.pos})
		r = value.Str("<<Omit>>")
	default:
		r = sh.value(r, 0)
	}
	if sh.fatal != nil {
		return nil, 0, because(posOf(v), "Error while resolving `var` expression", within(v, sh.fatal))
	}
	if len(sh.errs) > 0 {
		ctx.Notify(expr.Notice{Msg: sh.text(false), Shown: sh.text(true)})
	}
	return r, sh.told + len(sh.errs), nil
}

// showing replaces what cannot be evaluated by notes.
type showing struct {
	errs  []error
	pos   source.Pos // of what is shown, for errors that know no place
	all   bool       // whatever the error
	fatal error      // the first that no note stands for
	told  int        // faults that earlier ones had
}

func (s *showing) note(err error) value.Value {
	var undefined *expr.UndefinedError
	if !s.all && !errors.As(err, &undefined) {
		if s.fatal == nil {
			s.fatal = err
		}
		return value.None
	}
	s.errs = append(s.errs, err)
	return value.Str(fmt.Sprintf("<< error %d - %s >>", len(s.errs)+s.told, err))
}

// value gives v with everything in it evaluated.
func (s *showing) value(v value.Value, depth int) value.Value {
	v, err := value.Force(v)
	if err != nil {
		return s.note(err)
	}
	if depth < 100 {
		switch c := v.(type) {
		case *value.List:
			out := make([]value.Value, len(c.Items))
			for i, item := range c.Items {
				out[i] = s.value(item, depth+1)
			}
			return value.NewList(out...)
		case *value.Dict:
			out := value.NewDict(c.Len())
			for k, item := range c.All() {
				out.Set(k, s.value(item, depth+1))
			}
			return out
		case value.Mapping:
			return s.mapping(c, depth)
		}
	}
	r, err := expr.Finalize(v)
	if err != nil {
		return s.note(err)
	}
	return r
}

func (s *showing) mapping(m value.Mapping, depth int) value.Value {
	keys, err := m.MapKeys()
	if err != nil {
		return s.note(err)
	}
	out := value.NewDict(len(keys))
	for _, k := range keys {
		v, _, err := m.MapGet(k)
		if err != nil {
			out.Set(k, s.note(err))
			continue
		}
		out.Set(k, s.value(v, depth+1))
	}
	return out
}

// text is the warning, with or without the places of the faults.
func (s *showing) text(places bool) string {
	plural := ""
	if len(s.errs) > 1 {
		plural = "s"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Encountered %d template error%s.", len(s.errs), plural)
	for i, err := range s.errs {
		fmt.Fprintf(&b, "\nerror %d - %s", i+1+s.told, err)
		if !places {
			continue
		}
		pos := expr.PosOf(err)
		if pos.IsZero() {
			pos = s.pos
		}
		if !pos.IsZero() {
			fmt.Fprintf(&b, "\nOrigin: %s", pos)
			if lines := source.Excerpt(pos); lines != "" {
				b.WriteString("\n\n" + lines + "\n")
			}
		}
	}
	return b.String()
}

// conditionCode judges an Expr argument as a condition.
func conditionCode(ctx *expr.Ctx, v value.Value) (bool, error) {
	e, err := code(ctx, v, expr.CompileCondition)
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
		return false, conditionFault(err, placeOf(ctx, v))
	}
	return ok, nil
}

// written gives an Expr argument's text.
func written(v value.Value) value.Value {
	switch v := v.(type) {
	case *plan.Code:
		return value.Str(v.Source)
	case *expr.Template:
		return value.Str(v.Source())
	}
	return v
}

// Noted gives a template's text with notes in the place of what cannot be
// evaluated, and a warning that tells of them; for names of tasks.
func Noted(ctx *expr.Ctx, t *expr.Template) (text, warning string) {
	sh := &showing{all: true}
	text = t.Noted(ctx, func(err error) string { return value.Text(sh.note(err)) })
	if len(sh.errs) > 0 {
		warning = sh.text(true)
	}
	return text, warning
}
