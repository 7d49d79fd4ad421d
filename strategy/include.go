package strategy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/playbook"
)

const (
	includeTasks = "ansible.builtin.include_tasks"
	includeRole  = "ansible.builtin.include_role"
)

func isInclude(t *plan.Task) bool { return t.FQCN == includeTasks || t.FQCN == includeRole }

// IncludeActions are the actions behind include_tasks and include_role. They
// only say what is wanted; the strategy loads it.
var IncludeActions = []*module.Action{
	{Name: includeTasks, Doc: "Includes a file of tasks when the play reaches it.", Local: true, Check: true, Diff: true,
		Spec: module.Spec{AnyArgs: true, FreeForm: true}, Run: wantFile},
	{Name: includeRole, Doc: "Includes a role when the play reaches it.", Local: true, Check: true, Diff: true,
		Spec: module.Spec{AnyArgs: true}, Run: wantRole},
}

func wantFile(_ context.Context, c *module.ActionCall) (*module.Result, error) {
	file := c.Args.Str("file")
	if file == "" {
		file = c.Args.Str("_raw_params")
	}
	if file == "" {
		return nil, &module.Failure{Msg: "No file specified for include_tasks"}
	}
	return &module.Result{
		Values:  value.DictOf("include", value.Str(file), "include_args", value.NewDict(0)),
		Include: &module.Include{File: file, Vars: c.Args.Dict},
	}, nil
}

func wantRole(_ context.Context, c *module.ActionCall) (*module.Result, error) {
	name := c.Args.Str("name")
	if name == "" {
		name = c.Args.Str("role")
	}
	if name == "" {
		return nil, &module.Failure{Msg: "'name' is a required field for include_role."}
	}
	return &module.Result{
		Values:  value.DictOf("include_args", c.Args.Dict),
		Include: &module.Include{File: name, Vars: c.Args.Dict},
	}, nil
}

// inclusion is one file or role to load, for the hosts that asked for just that.
type inclusion struct {
	file  string
	args  *value.Dict
	item  executor.Item
	label value.Value
	hosts []string
	gave  map[string]*value.Dict // what the whole loop gave, by host; nil where there is none
	noLog bool
}

// includes loads what the outcomes of an include task ask for.
func (pr *playRun) includes(ctx context.Context, task *plan.Task, shown *event.Task, outcomes []hostOutcome) error {
	if !isInclude(task) {
		return nil
	}
	var added []*plan.Block
	for _, inc := range pr.wanted(ctx, task, outcomes) {
		blocks, shownFile, err := pr.load(task, inc)
		if err != nil {
			if failed := pr.includeFailed(task, shown, inc, err); failed != nil {
				return failed
			}
			continue
		}
		pr.tell(event.Include{Task: shown, File: shownFile, Hosts: inc.hosts, Label: inc.label, NoLog: inc.noLog})
		for _, h := range inc.hosts {
			pr.sums(h).OK++
		}
		if err := refuseBlocks(blocks); err != nil {
			return err
		}
		blocks = plan.Filter(blocks, pr.selected)
		added = append(added, blocks...)
		for _, h := range inc.hosts {
			pr.pending(h, blocks)
		}
	}
	if pr.strategy == linear || task.Handler { // where hosts do not wait there is no common order
		pr.order.insert(task, added)
	}
	for h, blocks := range pr.ahead {
		pr.cursors[h].Insert(blocks)
	}
	pr.ahead = nil
	return nil
}

// pending collects blocks for a host, so that those of several inclusions keep
// their order.
func (pr *playRun) pending(host string, blocks []*plan.Block) {
	if pr.ahead == nil {
		pr.ahead = map[string][]*plan.Block{}
	}
	pr.ahead[host] = append(pr.ahead[host], blocks...)
}

// wanted groups the outcomes' inclusions: one for hosts that want the same
// file with the same variables.
func (pr *playRun) wanted(ctx context.Context, task *plan.Task, outcomes []hostOutcome) []*inclusion {
	var list []*inclusion
	byKey := map[string]*inclusion{}
	for _, o := range outcomes {
		if pr.unreachable[o.host] || pr.Run.failed[o.host] {
			continue
		}
		for _, item := range o.Items {
			if item.Result == nil || item.Result.Include == nil || item.Result.Failed {
				continue
			}
			inc := item.Result.Include
			key := inc.File + "\x00" + value.Repr(inc.Vars)
			if item.Vars != nil {
				key += "\x00" + value.Repr(item.Vars)
			}
			in := byKey[key]
			if in == nil {
				in = &inclusion{file: inc.File, args: inc.Vars, item: item, noLog: o.NoLog}
				if o.Looped {
					in.gave = map[string]*value.Dict{}
				}
				if item.Var != nil {
					in.label = pr.labelOf(ctx, task, o.host, item)
				}
				byKey[key] = in
				list = append(list, in)
			}
			in.hosts = append(in.hosts, o.host)
			if in.gave != nil {
				in.gave[o.host] = o.Dict
			}
		}
	}
	return list
}

func (pr *playRun) labelOf(ctx context.Context, task *plan.Task, host string, item executor.Item) value.Value {
	if task.LoopControl.Label == nil {
		return item.Var
	}
	scope, err := pr.Store.Task(pr.vars, host, task)
	if err != nil {
		return item.Var
	}
	v, err := pr.eval(ctx, scope.Overlay(item.Vars), task.LoopControl.Label)
	if err != nil {
		return item.Var
	}
	return v
}

// load reads the file or role, and gives its blocks and what it is shown as.
func (pr *playRun) load(task *plan.Task, inc *inclusion) ([]*plan.Block, string, error) {
	what := playbook.Include{Play: pr.plan, Task: task, Args: inc.args, Vars: inc.item.Vars}
	if task.FQCN == includeTasks {
		path, _ := pr.Loader.FindTasks(task, pr.plan, inc.file)
		blocks, err := pr.Loader.IncludeTasks(what)
		return blocks, path, err
	}
	found, err := pr.Loader.IncludeRole(what)
	if err != nil {
		return nil, "", err
	}
	pr.remember(append(found.Imported, found.Role))
	if len(found.Handlers) > 0 {
		pr.handlers = append(slices.Clip(pr.handlers), found.Handlers...)
		pr.order.handlers = plan.Tasks(pr.handlers)
		pr.order.index()
	}
	return found.Blocks, inc.file, nil
}

// includeFailed fails the hosts whose include could not be loaded. Content that
// cannot be read ends the run: the error is given back.
func (pr *playRun) includeFailed(task *plan.Task, shown *event.Task, inc *inclusion, err error) error {
	var bad source.Errors
	if !errors.As(err, &bad) {
		return fmt.Errorf("%s: %w", task.Pos, err)
	}
	if playbook.ExitCode(err) == playbook.ExitParse {
		return &Fault{Code: StatusParse, Err: err}
	}
	reason, pos := bad[0].Msg, bad[0].Pos
	if strings.HasPrefix(reason, "the role '"+inc.file+"' was not found") {
		if written := pr.Content.Place(value.Str(inc.file)); !written.IsZero() { // in the list of a loop
			pos = written
		}
	}
	pr.tell(event.Error{Text: reason, Pos: pos})
	for _, h := range inc.hosts {
		d := value.DictOf("changed", value.False, "failed", value.True, "reason", value.Str(reason))
		if task.FQCN == includeTasks {
			d.SetStr("include", value.Str(inc.file))
		}
		if all := inc.gave[h]; all != nil {
			d = all.Clone()
			d.SetStr("failed", value.True)
			d.SetStr("reason", value.Str(reason))
		}
		// As the reference counts it: failed, whether rescued or not, and the
		// rescue part sees nothing of it.
		pr.sums(h).Failed++
		c := pr.cursors[h]
		if !c.Fail() && !c.Rescuable() {
			pr.lastFail[h] = true
		}
		pr.tell(event.Result{Host: h, Task: shown, Status: event.Failed, Value: d})
	}
	return nil
}
