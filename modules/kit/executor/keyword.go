package executor

import (
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
)

// keywords evaluates those keywords whose values are only used later, or by
// others, so that what is wrong with one is told as the reference tells it:
// before the task does anything.
func (x *execution) keywords(ctx *expr.Ctx) error {
	t := x.task
	for _, k := range [...]struct {
		name string
		v    value.Value
	}{
		{"become", t.Become}, {"no_log", t.NoLog}, {"check_mode", t.CheckMode}, {"diff", t.Diff}, {"delegate_facts", t.DelegateFacts},
	} {
		if err := x.evaluable(ctx, k.name, k.v); err != nil {
			return earlyError{err}
		}
	}
	for _, k := range [...]struct {
		name string
		v    value.Value
	}{
		{"connection", t.Connection}, {"remote_user", t.RemoteUser}, {"become_user", t.BecomeUser},
		{"become_method", t.BecomeMethod}, {"become_flags", t.BecomeFlags}, {"become_exe", t.BecomeExe},
	} {
		if isTemplate(k.v) {
			if _, err := evalKeyword(ctx, k.name, k.v); err != nil {
				return earlyError{err}
			}
		}
	}
	if isTemplate(t.Port) {
		if _, err := x.number(ctx, "port", t.Port, 0); err != nil {
			return earlyError{err}
		}
	}
	if err := x.evaluable(ctx, "ignore_errors", t.IgnoreErrors); err != nil {
		return err
	}
	if err := x.evaluable(ctx, "ignore_unreachable", t.IgnoreUnreachable); err != nil {
		return err
	}
	return x.evaluable(ctx, "any_errors_fatal", t.AnyErrorsFatal)
}

// earlyError is what is wrong with a keyword that comes before ignore_errors.
type earlyError struct{ error }

func (e earlyError) Unwrap() error { return e.error }

// evaluable tells what is wrong with a boolean keyword.
func (x *execution) evaluable(ctx *expr.Ctx, name string, v value.Value) error {
	if _, isText := v.(value.Str); !isText && !isTemplate(v) {
		return nil
	}
	_, err := x.flag(ctx, name, v, false)
	return err
}

// warnNoLog warns where nobody can tell whether a result is to be hidden.
func (x *execution) warnNoLog(ctx *expr.Ctx) {
	if _, err := x.flag(ctx, "no_log", x.task.NoLog, false); err != nil {
		f := &event.Failure{Msg: "Invalid no_log value for task, output will be masked", Cause: chain(err)}
		ctx.Notify(expr.Notice{Msg: Message(f), Shown: f.Text() + "\n"})
	}
}

func isTemplate(v value.Value) bool {
	_, ok := v.(*expr.Template)
	return ok
}

// evalKeyword evaluates a keyword.
func evalKeyword(ctx *expr.Ctx, name string, v value.Value) (value.Value, error) {
	r, err := eval(ctx, v)
	if err != nil {
		return nil, because(posOf(v), "Error processing keyword '"+name+"'", within(v, err))
	}
	return r, nil
}

// unfit is the error for a keyword whose value r cannot be made a want.
func unfit(ctx *expr.Ctx, name string, v, r value.Value, want string) error {
	at := ctx.PlaceOf(r)
	if at.IsZero() {
		at = posOf(v)
	}
	own := posOf(v)
	if own.IsZero() {
		own = ctx.PlaceOf(v)
	}
	return chainError{&event.Failure{Msg: "Error processing keyword '" + name + "'", Pos: own,
		Cause: &event.Failure{Msg: fmt.Sprintf("The value %s could not be converted to '%s'.", value.Repr(r), want), Pos: at, Apart: true}}}
}

// flag evaluates a boolean keyword; unset gives def. One that cannot be read
// counts as true, in the reference too.
func (x *execution) flag(ctx *expr.Ctx, name string, v value.Value, def bool) (bool, error) {
	if v == nil {
		return def, nil
	}
	r, err := evalKeyword(ctx, name, v)
	if err != nil {
		return true, err
	}
	if expr.IsOmit(r) || r == value.Value(value.None) {
		return def, nil
	}
	b, ok := module.ToBool(r)
	if !ok {
		return true, unfit(ctx, name, v, r, "bool")
	}
	return b, nil
}

// number evaluates a numeric keyword; unset gives def.
func (x *execution) number(ctx *expr.Ctx, name string, v value.Value, def float64) (float64, error) {
	if v == nil {
		return def, nil
	}
	r, err := evalKeyword(ctx, name, v)
	if err != nil {
		return 0, err
	}
	if r == value.Value(value.None) {
		return def, nil
	}
	switch name {
	case "retries", "timeout", "port":
		n, err := module.ToInt(r)
		if err != nil {
			return 0, unfit(ctx, name, v, r, "int")
		}
		return float64(n), nil
	}
	f, ok := module.ToFloat(r)
	if !ok {
		return 0, unfit(ctx, name, v, r, "float")
	}
	return f, nil
}

// loopKeywords is keywords for those of a loop, of which the reference does not
// say that the task failed.
func (x *execution) loopKeywords(ctx *expr.Ctx) *event.Failure {
	lc := x.task.LoopControl
	_, err := x.number(ctx, "pause", lc.Pause, 0)
	if err == nil {
		_, err = x.flag(ctx, "extended", lc.Extended, false)
	}
	if err == nil {
		_, err = x.flag(ctx, "extended_allitems", lc.ExtendedAllItems, true)
	}
	return chain(err)
}

// placeOf gives where v was written: a template's own place, or that of the
// plain value.
func placeOf(ctx *expr.Ctx, v value.Value) source.Pos {
	if at := posOf(v); !at.IsZero() {
		return at
	}
	return ctx.PlaceOf(v)
}
