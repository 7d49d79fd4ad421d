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
	// Nowhere is set where nothing that was written is to blame.
	Nowhere bool
}

func (e *ConditionError) Error() string { return e.Msg }

// InCondition begins the message of something undefined in a condition.
const InCondition = "Error while evaluating conditional"

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
		v, err = x.tmpl.Eval(ctx)
		if err == nil && v == value.None {
			return x.nothing(ctx)
		}
		if s, isText := v.(value.Str); isText && err == nil {
			return x.again(ctx, s)
		}
		if err == nil {
			ctx.Notify(Notice{Pos: x.pos, Version: "2.23",
				Msg: "Conditionals should not be surrounded by templating delimiters such as {{ }} or {% %}."})
		}
	} else {
		v, err = x.Eval(ctx)
	}
	if err != nil {
		var u *UndefinedError
		if errors.As(err, &u) {
			err = &UndefinedError{Pos: u.Pos, At: u.At, Name: u.Name, Msg: InCondition + ": " + u.Msg}
		}
		return false, err
	}
	if b, ok := v.(value.Bool); ok {
		return bool(b), nil
	}
	truth := value.Truth(v)
	msg := "Conditional result (" + value.Text(value.Bool(truth)) + ") was derived from value of type '" +
		v.Type() + "' at " + value.QuoteRepr(x.placeOf(ctx, v)) + ". Conditionals must have a boolean result."
	return x.broken(ctx, msg, msg, truth)
}

// placeOf gives the place that the reference names for a result: where the value
// was written, else where the condition that made it was.
func (x *Expr) placeOf(ctx *Ctx, v value.Value) string {
	at := x.pos
	if v == value.None {
		at = source.Pos{} // the one value that it never knows the place of
	} else if p := ctx.PlaceOf(v); !p.IsZero() {
		at = p
	} else if s, ok := v.(value.Str); ok {
		if from, ok := ctx.OriginOf(s); ok {
			return from
		}
	}
	if at.IsZero() {
		return "<unknown>"
	}
	return at.String()
}

// again evaluates the text that a condition's template came to, as the
// reference does with texts that stand in files of the user's; any other text
// is none's business to evaluate.
func (x *Expr) again(ctx *Ctx, s value.Str) (bool, error) {
	switch {
	case s == "":
		return x.empty(ctx)
	case !ctx.Trusted(s):
		at := ctx.PlaceOf(s)
		if at.IsZero() {
			at = x.pos
		}
		return false, &TemplateError{Pos: at, Msg: "Encountered untrusted template or expression.",
			Help: "Templates and expressions must be defined by trusted sources such as playbooks or roles, not untrusted sources such as module results."}
	}
	at := ctx.PlaceOf(s)
	if at.IsZero() {
		at = x.pos
	}
	inner, err := compileExpr(string(s), at, true)
	if err != nil {
		return false, err
	}
	return inner.Truth(ctx)
}

// nothing is empty for None, of which nobody knows where it was written.
func (x *Expr) nothing(ctx *Ctx) (bool, error) {
	ok, err := x.empty(ctx)
	if e, is := err.(*ConditionError); is {
		e.Nowhere = true
	}
	return ok, err
}

// TruthOfNone judges None in the place of a condition.
func TruthOfNone(ctx *Ctx) (bool, error) { return new(Expr).nothing(ctx) }

func (x *Expr) empty(ctx *Ctx) (bool, error) {
	return x.broken(ctx, "Empty conditional expressions are not allowed.",
		"Empty conditional expression was evaluated as True.", true)
}

func (x *Expr) broken(ctx *Ctx, msg, warning string, result bool) (bool, error) {
	if !ctx.Env.AllowBroken {
		return false, &ConditionError{Pos: x.pos, Msg: msg}
	}
	ctx.Notify(Notice{Msg: warning, Version: "2.23", Pos: x.pos})
	return result, nil
}
