package strategy

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/plan"
)

func isMeta(t *plan.Task) bool { return t.FQCN == "ansible.builtin.meta" }

func metaArg(t *plan.Task) value.Value {
	what, _ := t.Args.GetStr("_raw_params")
	return what
}

func isFlushTask(t *plan.Task) bool { return isMeta(t) && metaName(t) == "flush_handlers" }

// metaName is the meta action that is asked for.
func metaName(t *plan.Task) string { return value.Text(metaArg(t)) }

// perHostMeta are the meta actions that are carried out for each host by
// itself; the others happen once for all, on the first host's condition.
var perHostMeta = map[string]bool{"noop": true, "flush_handlers": true, "end_host": true, "end_role": true,
	"role_complete": true, "reset_connection": true}

// unconditional are the meta actions that take no `when`.
var unconditional = map[string]bool{"noop": true, "refresh_inventory": true, "reset_connection": true}

// meta carries out a meta task.
func (pr *playRun) meta(ctx context.Context, task *plan.Task, hosts []string) error {
	for _, h := range hosts {
		pr.cursors[h].Advance()
	}
	if t, ok := metaArg(task).(*expr.Template); ok {
		return source.Errorf(t.Pos(), "meta takes no templates: %s", t.Source())
	}
	name := metaName(task)
	if len(task.When) > 0 && unconditional[name] {
		pr.Warn("%s task does not support when conditional", name)
	}
	each := hosts
	if !perHostMeta[name] {
		each = hosts[:1]
	}
	for _, h := range each {
		if err := pr.metaOn(ctx, task, name, h, hosts); err != nil {
			return err
		}
	}
	return nil
}

// metaOn carries out a meta action on host, or on the whole batch by host's
// condition.
func (pr *playRun) metaOn(ctx context.Context, task *plan.Task, name, host string, hosts []string) error {
	var shown *event.Task
	if !task.Implicit {
		shown = pr.show(ctx, task, host)
		pr.tell(event.TaskStart{Task: shown})
	}
	if !unconditional[name] && !task.Implicit {
		wanted, err := pr.metaWhen(ctx, task, host)
		if err != nil {
			return err
		}
		if !wanted {
			pr.metaSkipped(task, shown, name, host)
			return nil
		}
	}
	said, err := pr.metaDo(ctx, task, name, host, hosts)
	if err != nil {
		return err
	}
	if said != "" && !task.Implicit {
		pr.tell(event.Verbose{Level: 2, Text: "META: " + said})
	}
	return nil
}

// metaSkipped tells that a meta action's condition does not hold.
func (pr *playRun) metaSkipped(task *plan.Task, shown *event.Task, name, host string) {
	if task.Implicit {
		return
	}
	reason, msg := name+" conditional evaluated to False", name
	switch name {
	case "flush_handlers":
		reason += ", not running handlers for " + host
	case "clear_facts":
		reason += ", not clearing facts and fact cache for " + host
	case "clear_host_errors":
		reason += ", not clearing host error state for " + host
	case "end_host":
		msg = name + " conditional evaluated to false, continuing execution for " + host
		reason += ", continuing execution for " + host
	case "end_role":
		// The reference forgets the comma.
		role := ""
		if task.Role != nil {
			role = task.Role.Name
		}
		reason += "continuing role " + role + " for " + host
	case "end_batch":
		reason += ", continuing current batch"
	case "end_play":
		reason += ", continuing play"
	}
	pr.tell(event.Verbose{Level: 2, Text: "META: " + reason})
	pr.tell(event.Result{Host: host, Task: shown, Status: event.Skipped,
		Value: value.DictOf("msg", value.Str(msg), "skip_reason", value.Str(reason))})
}

// metaDo does what name says and gives what -vv shows of it.
func (pr *playRun) metaDo(ctx context.Context, task *plan.Task, name, host string, hosts []string) (string, error) {
	switch name {
	case "noop":
		return "noop", nil
	case "flush_handlers":
		pr.flush(ctx, host)
		return "triggered running handlers for " + host, nil
	case "clear_facts":
		for _, h := range pr.vars.All {
			if err := pr.clearFacts(h); err != nil {
				return "", err
			}
		}
		return "facts cleared", nil
	case "clear_host_errors":
		for _, h := range pr.vars.All {
			delete(pr.Run.failed, h)
			delete(pr.unreachable, h)
			delete(pr.lastFail, h)
			delete(pr.dragged, h)
			if c := pr.cursors[h]; c != nil {
				c.Revive()
			}
		}
		pr.broken = false // an any_errors_fatal before it ends neither the play's other batches nor the plays behind it
		return "cleared host errors", nil
	case "end_host":
		pr.cursors[host].End()
		pr.endedHosts[host] = true
		return "ending play for " + host, nil
	case "end_role":
		if task.Role == nil {
			return "", source.Errorf(task.Pos, "Cannot execute 'end_role' from outside of a role")
		}
		pr.cursors[host].EndRole(task.Role)
		return "", nil
	case "role_complete":
		pr.completeRole(task.Role, host)
		return "", nil
	case "end_batch":
		pr.endBatch = true
		return "ending batch", nil
	case "end_play":
		pr.ended = true
		return "ending play", nil
	case "refresh_inventory":
		return "inventory successfully refreshed", pr.Inventory.Reload(ctx, pr.InventoryOptions)
	case "reset_connection":
		return "reset connection", pr.reset(ctx, task, host)
	}
	return "", source.Errorf(task.Pos, "invalid meta action requested: %s", strings.TrimSpace(name))
}

// metaWhen reports whether a meta task's conditions hold on host.
func (pr *playRun) metaWhen(ctx context.Context, task *plan.Task, host string) (bool, error) {
	if len(task.When) == 0 {
		return true, nil
	}
	scope, err := pr.Store.Task(pr.vars, host, task)
	if err != nil {
		return false, err
	}
	return pr.holds(ctx, scope, task.When)
}

func (pr *playRun) holds(ctx context.Context, scope expr.Scope, conds []plan.Cond) (bool, error) {
	c := expr.NewCtx(ctx, pr.Runner.Env, scope)
	for _, cond := range conds {
		ok, err := executor.Condition(c, cond)
		if err != nil {
			return false, &source.Error{Pos: cond.Pos, Msg: err.Error()}
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}
