package strategy

import (
	"context"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/vars"
)

// decide keeps what delegate_to came to.
func (w *world) decide(scope executor.Scope, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.decided == nil {
		w.decided = map[executor.Scope]string{}
	}
	w.decided[scope] = name
}

// delegate gives the host that the task is delegated to, "" for none.
func (w *world) delegate(task *plan.Task, sc *vars.Scope) (string, error) {
	w.mu.Lock()
	name, ok := w.decided[sc]
	w.mu.Unlock()
	if ok {
		return name, nil
	}
	v, err := evalIn(expr.NewCtx(context.Background(), w.run.Runner.Env, sc), task.DelegateTo)
	if err != nil {
		return "", err
	}
	name, _ = value.AsText(v)
	return name, nil
}

// delegateAddress gives ansible_host of a task whose own host has none: where
// its connection goes to.
func (w *world) delegateAddress(task *plan.Task, sc *vars.Scope) (value.Value, bool, error) {
	name, err := w.delegate(task, sc)
	if err != nil {
		return nil, false, err
	}
	if name == "" {
		return w.run.connectionVar(task, w.host, sc, "ansible_host")
	}
	its, err := w.run.Store.Task(w.run.vars, name, task)
	if err != nil {
		return nil, false, err
	}
	return w.run.connectionVar(task, name, its, "ansible_host")
}

// delegated gives the variable ansible_delegated_vars: the variables of the host
// that the task is delegated to, under its name.
func (w *world) delegated(task *plan.Task, sc *vars.Scope) (value.Value, bool, error) {
	name, err := w.delegate(task, sc)
	if err != nil || name == "" {
		return nil, false, err
	}
	its, err := w.run.Store.Task(w.run.vars, name, task)
	if err != nil {
		return nil, false, err
	}
	shown := w.run.Store.HostVars(name)
	if m, ok := shown.(value.Mapping); ok {
		shown = delegatedVars{m, w, sc, its, name}
	}
	return value.DictOf(name, shown), true, nil
}

// delegatedVars are a host's variables as a task sees them that goes there:
// inventory_hostname is the task's own host, and templates mean the task's
// variables. Seen on ansible-core 2.19.14, testdata/execution/delegation/vars.
type delegatedVars struct {
	value.Mapping
	w       *world
	sc, its *vars.Scope // of the task, and of the host that it goes to
	host    string
}

func (d delegatedVars) MapGet(key value.Value) (value.Value, bool, error) {
	name, ok := value.AsText(key)
	if !ok {
		return nil, false, nil
	}
	if name == "inventory_hostname" {
		return value.Str(d.w.host), true, nil
	}
	raw, ok, err := d.its.Given(name)
	if !ok && err == nil && name == "ansible_host" {
		return value.Str(d.host), true, nil
	}
	if err != nil || !ok {
		return nil, false, err
	}
	v, err := expr.Bind(expr.NewCtx(context.Background(), d.w.run.Runner.Env, d.sc), raw)
	return v, err == nil, err
}
