package executor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// What a task may leave to templates that others must know before it runs: the
// name of its action, of its loop variable, and all of its arguments at once.

const openTemplate = "{{"

// resolved settles the names that are templates. The task is changed for this
// run alone.
func (x *execution) resolved(std context.Context) error {
	if strings.Contains(x.task.Action, openTemplate) {
		name, err := x.textOf(std, x.task.Action)
		if err != nil {
			return err
		}
		t := *x.task
		t.Action, t.FQCN = name, name
		x.task = &t
		if x.mod, x.act = x.Find(name); x.strategic() {
			return fmt.Errorf("the action '%s' is carried out by the strategy, which must know it before: its name cannot come from a template", name)
		} else if x.act != nil {
			t.FQCN = x.act.Name
		} else if x.mod != nil {
			t.FQCN = x.mod.Name
		}
		shown := *x.shown
		shown.Action, shown.FQCN = t.Action, t.FQCN
		x.shown = &shown
	}
	if lv := x.task.LoopControl.LoopVar; strings.Contains(lv, openTemplate) {
		name, err := x.textOf(std, lv)
		if err != nil {
			return err
		}
		t := *x.task
		t.LoopControl.LoopVar = name
		x.task = &t
	}
	return nil
}

// strategic reports whether the action only says what the strategy is to do.
func (x *execution) strategic() bool {
	if x.act == nil {
		return false
	}
	switch shortName(x.act.Name) {
	case "meta", "include_tasks", "include_role":
		return true
	}
	return false
}

func (x *execution) textOf(std context.Context, text string) (string, error) {
	t, err := expr.CompileTemplate(text, x.task.ActionPos)
	if err != nil {
		return "", err
	}
	v, err := eval(x.ctx(std, x.scope), t)
	if err != nil {
		return "", err
	}
	return value.Text(v), nil
}

// splatted gives what a template stands for that is written in place of all
// arguments; nil when the task has none. Those of the keyword args stay beside it.
func (x *execution) splatted(ctx *expr.Ctx) (*value.Dict, error) {
	raw, ok := x.task.Args.GetStr("_raw_params")
	t, isTemplate := raw.(*expr.Template)
	if !ok || !isTemplate || x.freeForm() || !isWhole(t.Source()) {
		return nil, nil
	}
	return x.splat(ctx, t)
}

// isWhole reports whether nothing stands beside the expressions of a text; else
// it is a text like any other.
func isWhole(text string) bool {
	return strings.HasPrefix(text, openTemplate) && strings.HasSuffix(text, "}}")
}

// splat evaluates a template that stands for arguments. One that is omitted
// stands for none.
func (x *execution) splat(ctx *expr.Ctx, t value.Value) (*value.Dict, error) {
	switch x.task.FQCN {
	case "ansible.builtin.set_fact", "ansible.builtin.add_host", "ansible.builtin.group_by": // as in the reference
	default:
		ctx.Notify(expr.Notice{Msg: "Using a template for task args is unsafe in some situations " +
			"(see https://docs.ansible.com/ansible/devel/reference_appendices/faq.html#argsplat-unsafe).", Pos: posOf(t)})
	}
	v, err := expr.Bind(ctx, t)
	if err != nil {
		return nil, err
	}
	if expr.IsOmit(v) {
		return value.NewDict(0), nil
	}
	d, isDict := v.(*value.Dict)
	if !isDict {
		if v, err = expr.Finalize(v); err != nil {
			return nil, err
		}
		return nil, because(posOf(t), fmt.Sprintf("Task args must resolve to a 'dict' not '%s'.", v.Type()), nil)
	}
	args := value.NewDict(d.Len())
	for k, v := range d.All() { // one by one, for what is omitted
		if v, err = expr.Finalize(v); err != nil {
			return nil, err
		}
		if !expr.IsOmit(v) {
			args.Set(k, v)
		}
	}
	return args, nil
}

func (x *execution) freeForm() bool {
	switch {
	case x.act != nil && x.act.FreeForm, x.mod != nil && x.mod.FreeForm:
		return true
	}
	return x.act == nil && x.mod == nil
}

// gathersFacts reports whether the task is there to find out what its own
// environment may need: what that lacks yet is passed over.
func (x *execution) gathersFacts() bool {
	return x.task.FQCN == "ansible.builtin.gather_facts" || x.task.FQCN == "ansible.builtin.setup"
}

// known gives those settings of an environment that do not need the host's.
func known(ctx *expr.Ctx, level value.Value) value.Value {
	switch level := level.(type) {
	case *value.Dict:
		out := value.NewDict(level.Len())
		for k, v := range level.All() {
			if _, err := eval(ctx, v); err == nil || !lacksEnvironment(err) {
				out.Set(k, v)
			}
		}
		return out
	case *value.List:
		items := make([]value.Value, len(level.Items))
		for i, item := range level.Items {
			items[i] = known(ctx, item)
		}
		return value.NewList(items...)
	}
	if _, err := eval(ctx, level); err != nil && lacksEnvironment(err) {
		return value.NewDict(0)
	}
	return level
}

// lacksEnvironment reports whether err is that the host's environment is not
// known yet.
func lacksEnvironment(err error) bool {
	var undefined *expr.UndefinedError
	return errors.As(err, &undefined) && (strings.Contains(undefined.Msg, "ansible_env") || strings.Contains(undefined.Msg, "'env'"))
}
