package executor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
)

// eval gives what a keyword's value comes to: templates evaluated at any
// depth, plain data as it is.
func eval(ctx *expr.Ctx, v value.Value) (value.Value, error) {
	bound, err := expr.Bind(ctx, v)
	if err != nil {
		return nil, err
	}
	return expr.Finalize(bound)
}

// args evaluates the task's arguments: module_defaults, `args:`, then its own.
func (x *execution) args(ctx *expr.Ctx) (*value.Dict, error) {
	out := value.NewDict(x.task.Args.Len())
	if err := x.defaults(ctx, out); err != nil {
		return nil, err
	}
	fail := func(err error) error {
		return because(x.task.ActionPos, fmt.Sprintf("Finalization of task args for '%s' failed", strings.TrimPrefix(x.task.FQCN, "ansible.legacy.")), err)
	}
	if x.task.ArgsTemplate != nil {
		d, err := x.splat(ctx, x.task.ArgsTemplate)
		if err != nil {
			return nil, fail(err)
		}
		for k, v := range d.All() {
			out.Set(k, v)
		}
	}
	splat, err := x.splatted(ctx)
	if err != nil {
		return nil, fail(err)
	}
	if splat != nil {
		for k, v := range splat.All() {
			out.Set(k, v)
		}
	}
	for k, raw := range x.task.Args.All() {
		name, _ := k.(value.Str)
		if splat != nil && name == "_raw_params" {
			continue
		}
		if x.isExpr(string(name)) {
			v, err := x.exprArg(ctx, raw)
			if err != nil {
				return nil, err
			}
			if expr.IsOmit(v) {
				out.Delete(k)
				continue
			}
			out.Set(k, v)
			continue
		}
		k, err := x.argName(ctx, k)
		if err != nil {
			return nil, err
		}
		v, err := expr.Bind(ctx, raw)
		if err == nil && !expr.IsOmit(v) {
			v, err = expr.Finalize(v)
		}
		if err != nil {
			return nil, fail(because(posOf(raw), fmt.Sprintf("Error while resolving value for '%s'", name), within(raw, err)))
		}
		if expr.IsOmit(v) {
			out.Delete(k)
			continue
		}
		out.Set(k, v)
	}
	return out, nil
}

// argName evaluates the name of an argument where that may be a template: the
// names that set_fact sets.
func (x *execution) argName(ctx *expr.Ctx, k value.Value) (value.Value, error) {
	name, _ := k.(value.Str)
	if x.task.FQCN != "ansible.builtin.set_fact" || !strings.Contains(string(name), "{{") {
		return k, nil
	}
	at := ctx.PlaceOf(k)
	if at.IsZero() {
		at = x.task.ActionPos
	}
	t, err := expr.CompileTemplate(string(name), at)
	if err != nil {
		return nil, err
	}
	v, err := eval(ctx, t)
	if err != nil {
		return nil, err
	}
	return value.Str(value.Text(v)), nil
}

// isExpr reports whether the action evaluates the argument called name itself.
func (x *execution) isExpr(name string) bool {
	if x.act == nil {
		return false
	}
	for _, a := range x.act.Args {
		if a.Name == name {
			return a.Type == module.Expr
		}
	}
	return false
}

// defaults puts module_defaults for the task's action into out.
//
// A level's defaults of an action or group take the place of those of the levels
// around it; what is said of the action goes before what is said of its groups.
func (x *execution) defaults(ctx *expr.Ctx, out *value.Dict) error {
	return x.defaultsFor(ctx, x.task.FQCN, x.names, x.task.Args, out)
}

// defaultsFor does so for the action or module called fqcn, which names tells
// from others; what given holds is left out.
func (x *execution) defaultsFor(ctx *expr.Ctx, fqcn string, names func(string) bool, given, out *value.Dict) error {
	var own value.Value
	groups := value.NewDict(0)
	for _, level := range x.task.ModuleDefaults {
		v, err := expr.Bind(ctx, level)
		if err != nil {
			return err
		}
		all, _ := v.(*value.Dict)
		for k, v := range all.All() {
			name, _ := k.(value.Str)
			if group, ok := strings.CutPrefix(string(name), "group/"); ok {
				if x.Group != nil && slices.Contains(x.Group(group), fqcn) {
					groups.Set(name, v)
				}
			} else if names(string(name)) {
				own = v
			}
		}
	}
	for _, v := range groups.All() {
		if err := defaultsOf(v, given, out); err != nil {
			return err
		}
	}
	if own == nil {
		return nil
	}
	return defaultsOf(own, given, out)
}

// defaultsOf puts one action's defaults into out. What the task gives itself is
// not evaluated.
func defaultsOf(v value.Value, given, out *value.Dict) error {
	v, err := value.Force(v)
	if err != nil {
		return err
	}
	d, _ := v.(*value.Dict)
	for k, v := range d.All() {
		if _, own := given.Get(k); own {
			continue
		}
		if v, err = expr.Finalize(v); err != nil {
			return err
		}
		if !expr.IsOmit(v) {
			out.Set(k, v)
		}
	}
	return nil
}

// names reports whether name is one of the task's action's names.
func (x *execution) names(name string) bool {
	if name == x.task.FQCN || name == x.task.Action {
		return true
	}
	// What is said of a name of the user's file holds for the built-in one too.
	if short, builtin := strings.CutPrefix(x.task.FQCN, "ansible.builtin."); builtin && strings.TrimPrefix(name, "ansible.legacy.") == short {
		return true
	}
	mod, act := x.Find(name)
	return (mod != nil && mod == x.mod) || (act != nil && act == x.act)
}

// environment evaluates the task's environment, nil when there is none.
func (x *execution) environment(ctx *expr.Ctx) (*value.Dict, error) {
	if len(x.task.Environment) == 0 {
		return nil, nil
	}
	var entries []value.Value // of all levels, outermost first
	for _, level := range x.task.Environment {
		if l, ok := level.(*value.List); ok {
			entries = append(entries, l.Items...)
		} else {
			entries = append(entries, level)
		}
	}
	written := func() string { return value.Repr(unevaluated(value.NewList(entries...))) }
	env := value.NewDict(4)
	for _, entry := range entries {
		if x.gathersFacts() {
			entry = known(ctx, entry)
		}
		v, err := eval(ctx, entry)
		if err != nil {
			return nil, earlyError{because(source.Inline("<unknown>", written()), "Error processing keyword 'environment'", err)}
		}
		switch v := v.(type) {
		case *value.Dict:
			for k, v := range v.All() {
				env.Set(k, v)
			}
		case value.NoneType, expr.OmitType:
		default: // also a template's list: as in the reference
			x.Sink(event.Warning{Text: "could not parse environment value, skipping: " + written()})
		}
	}
	return env, nil
}

// unevaluated gives v with its templates as texts.
func unevaluated(v value.Value) value.Value {
	switch v := v.(type) {
	case *expr.Template:
		return value.Str(v.Source())
	case *value.List:
		items := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = unevaluated(item)
		}
		return value.NewList(items...)
	case *value.Dict:
		return v.MapValues(unevaluated)
	}
	return v
}

func posOf(v value.Value) source.Pos {
	switch v := v.(type) {
	case *expr.Template:
		return v.Pos()
	case value.Positioned:
		return v.Position()
	}
	return source.Pos{}
}
