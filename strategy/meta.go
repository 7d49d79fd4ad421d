package strategy

import (
	"context"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/plan"
)

func isMeta(t *plan.Task) bool { return t.FQCN == "ansible.builtin.meta" }

// perHostMeta are the meta actions whose `when` is asked for each host.
var perHostMeta = map[string]bool{"end_host": true, "end_role": true, "clear_facts": true, "clear_host_errors": true,
	"end_play": true, "end_batch": true, "refresh_inventory": true, "reset_connection": true}

// meta carries out a meta task.
func (pr *playRun) meta(ctx context.Context, task *plan.Task, hosts []string) error {
	for _, h := range hosts {
		pr.cursors[h].Advance()
	}
	what, _ := task.Args.GetStr("_raw_params")
	name := value.Text(what)
	if t, ok := what.(*expr.Template); ok {
		return source.Errorf(t.Pos(), "meta takes no templates: %s", t.Source())
	}
	if !task.Implicit {
		pr.tell(event.TaskStart{Task: pr.show(ctx, task, hosts[0])})
	}
	if len(task.When) > 0 && !perHostMeta[name] {
		pr.Warn("%s task does not support when conditional", name)
	}
	wanted := hosts
	if perHostMeta[name] {
		var err error
		if wanted, err = pr.metaWhen(ctx, task, hosts); err != nil {
			return err
		}
	}
	return pr.metaDo(ctx, task, name, wanted)
}

func (pr *playRun) metaDo(ctx context.Context, task *plan.Task, name string, hosts []string) error {
	if len(hosts) == 0 {
		return nil
	}
	switch name {
	case "noop":
	case "flush_handlers":
		pr.flush(hosts)
	case "clear_facts":
		for _, h := range hosts {
			pr.Store.ClearFacts(h)
		}
	case "clear_host_errors":
		for _, h := range pr.hosts {
			delete(pr.Run.failed, h)
			delete(pr.unreachable, h)
			delete(pr.lastFail, h)
			pr.cursors[h].Revive()
		}
	case "end_host":
		for _, h := range hosts {
			pr.cursors[h].End()
		}
	case "end_role":
		if task.Role == nil {
			return source.Errorf(task.Pos, "Cannot execute 'end_role' from outside of a role")
		}
		for _, h := range hosts {
			pr.cursors[h].EndRole(task.Role)
		}
	case "end_batch":
		pr.endBatch = true
	case "end_play":
		pr.ended = true
	case "refresh_inventory":
		return pr.Inventory.Reload(ctx, pr.InventoryOptions)
	case "reset_connection":
		for _, h := range hosts {
			if err := pr.reset(ctx, task, h); err != nil {
				return err
			}
		}
	default:
		return source.Errorf(task.Pos, "invalid meta action requested: %s", name)
	}
	return nil
}

// metaWhen gives the hosts whose condition holds.
func (pr *playRun) metaWhen(ctx context.Context, task *plan.Task, hosts []string) ([]string, error) {
	if len(task.When) == 0 {
		return hosts, nil
	}
	var out []string
	for _, h := range hosts {
		scope, err := pr.Store.Task(pr.vars, h, task)
		if err != nil {
			return nil, err
		}
		ok, err := pr.holds(ctx, scope, task.When)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", task.Pos, err)
		}
		if ok {
			out = append(out, h)
		}
	}
	return out, nil
}

func (pr *playRun) holds(ctx context.Context, scope expr.Scope, conds []plan.Cond) (bool, error) {
	c := expr.NewCtx(ctx, pr.Runner.Env, scope)
	for _, cond := range conds {
		ok, err := executor.Condition(c, cond)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}
