package expr

import (
	"errors"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// ConditionError is a condition that is none: empty, or of a type that is not
// boolean (AnsibleBrokenConditionalError).
type ConditionError struct {
	Pos source.Pos
	Msg string
}

func (e *ConditionError) Error() string { return e.Msg }

// CompileCondition compiles what when, failed_when, changed_when, until and that
// hold: an expression, or a whole template, which the reference still accepts.
// Constant strings in it may hold templates. The empty condition compiles; Truth refuses it.
func CompileCondition(src string, pos source.Pos) (*Expr, error) {
	trimmed := strings.TrimSpace(src)
	if trimmed == "" {
		return &Expr{src: src, pos: pos}, nil
	}
	if wholeTemplate(trimmed) {
		t, err := CompileTemplate(trimmed, pos)
		if err != nil {
			return nil, err
		}
		return &Expr{src: src, pos: pos, tmpl: t, reads: t.Reads()}, nil
	}
	return compileExpr(src, pos, true)
}

// wholeTemplate reports whether s begins and ends as a template does.
func wholeTemplate(s string) bool {
	return (strings.HasPrefix(s, "{{") && strings.HasSuffix(s, "}}")) ||
		(strings.HasPrefix(s, "{%") && strings.HasSuffix(s, "%}")) ||
		(strings.HasPrefix(s, "{#") && strings.HasSuffix(s, "#}"))
}

// Truth evaluates x as a condition. A result that is not boolean is a
// *ConditionError unless Env.AllowBroken; then it warns and takes Python's truth.
func (x *Expr) Truth(ctx *Ctx) (bool, error) {
	if x.code == nil && x.tmpl == nil {
		return x.empty(ctx)
	}
	var v value.Value
	var err error
	if x.tmpl != nil {
		ctx.warn("Conditionals should not be surrounded by templating delimiters such as {{ }} or {% %}.")
		v, err = x.tmpl.Eval(ctx)
		if err == nil && v == value.None {
			return x.empty(ctx)
		}
		if _, isText := v.(value.Str); isText && err == nil {
			// The reference would evaluate the text once more, if it stood in
			// a file of the user's; here nothing is evaluated twice.
			return false, &TemplateError{Pos: x.pos, Msg: "Encountered untrusted template or expression."}
		}
	} else {
		v, err = x.Eval(ctx)
	}
	if err != nil {
		var u *UndefinedError
		if errors.As(err, &u) {
			err = &UndefinedError{Pos: u.Pos, At: u.At, Name: u.Name, Msg: "Error while evaluating conditional: " + u.Msg}
		}
		return false, err
	}
	if b, ok := v.(value.Bool); ok {
		return bool(b), nil
	}
	truth := value.Truth(v)
	at := x.pos.String()
	if at == "" {
		at = "<unknown>"
	}
	msg := "Conditional result (" + value.Text(value.Bool(truth)) + ") was derived from value of type '" +
		v.Type() + "' at '" + at + "'. Conditionals must have a boolean result."
	return x.broken(ctx, msg, msg, truth)
}

func (x *Expr) empty(ctx *Ctx) (bool, error) {
	return x.broken(ctx, "Empty conditional expressions are not allowed.",
		"Empty conditional expression was evaluated as True.", true)
}

func (x *Expr) broken(ctx *Ctx, msg, warning string, result bool) (bool, error) {
	if !ctx.Env.AllowBroken {
		return false, &ConditionError{Pos: x.pos, Msg: msg}
	}
	ctx.warn(warning)
	return result, nil
}
