package strategy

import (
	"errors"
	"slices"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
)

// reading finds what tasks and values read: variables, filters and tests.
type reading struct {
	// plugin hears of each filter and test, by kind and name; nil: they do not matter.
	plugin func(kind, name string) error
	names  []string
}

var errUnclear = errors.New("what it reads shows only when it is evaluated")

// task adds what a task's keywords read, without its variables.
func (r *reading) task(t *plan.Task) error {
	for _, conds := range [][]plan.Cond{t.When, t.Until, t.ChangedWhen, t.FailedWhen, t.LoopControl.BreakWhen} {
		for _, c := range conds {
			if err := r.cond(c); err != nil {
				return err
			}
		}
	}
	lc := &t.LoopControl
	for _, v := range append([]value.Value{t.ArgsTemplate, t.Loop, lc.Label, lc.Extended, lc.ExtendedAllItems, lc.Pause, t.NoLog, t.IgnoreErrors, t.CheckMode, t.Diff,
		t.Retries, t.Delay}, t.Environment...) {
		if err := r.value(v); err != nil {
			return err
		}
	}
	if t.Args == nil {
		return nil
	}
	return r.value(t.Args)
}

func (r *reading) cond(c plan.Cond) error {
	if c.Expr == nil {
		return r.value(c.Value)
	}
	return r.add(c.Expr)
}

// text is a template or an expression.
type text interface {
	Reads() []string
	Plugins() ([]expr.Plugin, bool)
}

func (r *reading) add(t text) error {
	for _, name := range t.Reads() {
		if !slices.Contains(r.names, name) {
			r.names = append(r.names, name)
		}
	}
	if r.plugin == nil {
		return nil
	}
	plugins, ok := t.Plugins()
	if !ok {
		return errUnclear
	}
	for _, p := range plugins {
		if err := r.plugin(p.Kind, p.Name); err != nil {
			return err
		}
	}
	return nil
}

// value adds what the templates in a value read.
func (r *reading) value(v value.Value) error {
	switch v := v.(type) {
	case *expr.Template:
		return r.add(v)
	case *plan.Code:
		if expr.HasTemplate(v.Source) {
			return errUnclear
		}
		x, err := expr.CompileExpr(v.Source, v.At)
		if err != nil {
			return errUnclear
		}
		return r.add(x)
	case *value.List:
		for _, item := range v.Items {
			if err := r.value(item); err != nil {
				return err
			}
		}
	case *value.Dict:
		for _, item := range v.All() {
			if err := r.value(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayRead reports whether a task reads one of the variables, itself or by one
// that it has of its own.
func mayRead(t *plan.Task, names []string) bool {
	r := &reading{}
	if r.task(t) != nil {
		return true
	}
	for _, vars := range t.Vars {
		if r.value(vars) != nil {
			return true
		}
	}
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(r.names, n) })
}
