package agentplan

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
)

func (e *encoder) task(t *plan.Task) value.Value {
	d := value.DictOf("id", value.Int(t.ID), "action", value.Str(t.Action), "fqcn", value.Str(t.FQCN),
		"pos", place("", t.Pos), "action_pos", place("", t.ActionPos), "args", e.value(orEmpty(t.Args)))
	set := func(key string, v value.Value) {
		if v != nil {
			d.SetStr(key, e.value(v))
		}
	}
	for _, k := range keywordsOf(t) {
		set(k.name, *k.value)
	}
	if t.Register != "" {
		d.SetStr("register", value.Str(t.Register))
	}
	for _, c := range condsOf(t) {
		if len(*c.conds) > 0 {
			d.SetStr(c.name, e.conds(*c.conds))
		}
	}
	for _, l := range listsOf(t) {
		if len(*l.values) > 0 {
			out := make([]value.Value, len(*l.values))
			for i, v := range *l.values {
				out[i] = e.value(v)
			}
			d.SetStr(l.name, value.NewList(out...))
		}
	}
	if t.Loop != nil {
		d.SetStr("loop_var", value.Str(t.LoopControl.LoopVar))
		d.SetStr("index_var", value.Str(t.LoopControl.IndexVar))
	}
	return d
}

func (e *encoder) conds(conds []plan.Cond) value.Value {
	out := make([]value.Value, len(conds))
	for i, c := range conds {
		if c.Expr != nil {
			out[i] = value.DictOf("expr", place(c.Expr.Source(), c.Pos))
		} else {
			out[i] = value.DictOf("value", e.value(c.Value), "at", place("", c.Pos))
		}
	}
	return value.NewList(out...)
}

// keyword is a keyword of a task that travels as it is.
type keyword struct {
	name  string
	value *value.Value
}

// keywordsOf is the one list of those.
func keywordsOf(t *plan.Task) []keyword {
	lc := &t.LoopControl
	return []keyword{{"args_template", &t.ArgsTemplate}, {"loop", &t.Loop}, {"label", &lc.Label},
		{"extended", &lc.Extended}, {"extended_allitems", &lc.ExtendedAllItems},
		{"no_log", &t.NoLog}, {"ignore_errors", &t.IgnoreErrors}, {"check_mode", &t.CheckMode}, {"diff", &t.Diff}}
}

type condList struct {
	name  string
	conds *[]plan.Cond
}

func condsOf(t *plan.Task) []condList {
	return []condList{{"when", &t.When}, {"changed_when", &t.ChangedWhen}, {"failed_when", &t.FailedWhen}}
}

type valueList struct {
	name   string
	values *[]value.Value
}

func listsOf(t *plan.Task) []valueList {
	return []valueList{{"environment", &t.Environment}}
}

func (d *decoder) task(raw *value.Dict) *plan.Task {
	t := &plan.Task{ID: d.number(raw, "id"), Action: d.text(raw, "action"), FQCN: d.text(raw, "fqcn"),
		Pos: d.pos(raw, "pos"), ActionPos: d.pos(raw, "action_pos"), Args: d.dict(raw, "args"), Register: d.text(raw, "register")}
	for _, k := range keywordsOf(t) {
		*k.value = d.keyword(raw, k.name)
	}
	for _, c := range condsOf(t) {
		*c.conds = d.conds(d.list(raw, c.name))
	}
	for _, l := range listsOf(t) {
		*l.values = d.keywords(raw, l.name)
	}
	t.LoopControl.LoopVar, t.LoopControl.IndexVar = d.text(raw, "loop_var"), d.text(raw, "index_var")
	return t
}

func (d *decoder) pos(raw *value.Dict, key string) source.Pos {
	v, ok := raw.GetStr(key)
	if !ok {
		return source.Pos{}
	}
	_, pos := d.place(v)
	return pos
}

func (d *decoder) conds(list []value.Value) []plan.Cond {
	var out []plan.Cond
	for _, v := range list {
		raw, ok := v.(*value.Dict)
		if !ok {
			d.fail("a condition that is no dict")
			return nil
		}
		if src, ok := raw.GetStr("expr"); ok {
			text, pos := d.place(src)
			x, err := expr.CompileCondition(text, pos)
			if err != nil {
				d.fail("%w", err)
				return nil
			}
			out = append(out, plan.Cond{Expr: x, Pos: pos})
			continue
		}
		out = append(out, plan.Cond{Value: d.keyword(raw, "value"), Pos: d.pos(raw, "at")})
	}
	return out
}
