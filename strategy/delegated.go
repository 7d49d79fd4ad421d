package strategy

import (
	"context"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/vars"
)

// delegated gives the variable ansible_delegated_vars: the variables of the host
// that the task is delegated to, under its name.
func (w *world) delegated(task *plan.Task, sc *vars.Scope) (value.Value, bool, error) {
	v, err := evalIn(expr.NewCtx(context.Background(), w.run.Runner.Env, sc), task.DelegateTo)
	if err != nil {
		return nil, false, err
	}
	name, ok := value.AsText(v)
	if !ok || name == "" {
		return nil, false, nil
	}
	its := w.run.Store.HostVars(name)
	if m, ok := its.(value.Mapping); ok {
		its = delegatedVars{m, w, sc, name}
	}
	return value.DictOf(name, its), true, nil
}

// delegatedVars are a host's variables as a task sees them that goes there:
// inventory_hostname is the task's own host, and templates mean the task's
// variables. Seen on ansible-core 2.19.14, testdata/execution/delegation/vars.
type delegatedVars struct {
	value.Mapping
	w    *world
	sc   *vars.Scope // of the task
	host string      // that it goes to
}

func (d delegatedVars) MapGet(key value.Value) (value.Value, bool, error) {
	name, ok := value.AsText(key)
	if !ok {
		return nil, false, nil
	}
	if name == "inventory_hostname" {
		return value.Str(d.w.host), true, nil
	}
	raw, ok, err := d.w.run.Store.Host(d.host).Given(name)
	if err != nil || !ok {
		return nil, false, err
	}
	v, err := expr.Bind(expr.NewCtx(context.Background(), d.w.run.Runner.Env, d.sc), raw)
	return v, err == nil, err
}
