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
	{Name: includeTasks, Doc: "Includes a file of tasks when the play reaches it.", Local: true, Check: true, Diff: true, Ahead: true,
		Spec: module.Spec{AnyArgs: true, FreeForm: true}, Run: wantFile},
	{Name: includeRole, Doc: "Includes a role when the play reaches it.", Local: true, Check: true, Diff: true, Ahead: true,
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
	read := pr.readAhead(outcomes)
	for i, inc := range pr.wanted(ctx, task, outcomes) {
		var b *brought
		if read != nil {
			b = read[i]
		} else {
			var err error
			if b, err = pr.read(task, inc); err != nil {
				if failed := pr.includeFailed(task, shown, inc, err); failed != nil {
					return failed
				}
				continue
			}
		}
		pr.join(b)
		pr.tell(event.Include{Task: shown, File: b.shown, Hosts: inc.hosts, Label: inc.label, NoLog: inc.noLog})
		for _, h := range inc.hosts {
			pr.sums(h).OK++
		}
		if b.refused != nil {
			return b.refused
		}
		added = append(added, b.blocks...)
		for _, h := range inc.hosts {
			pr.pending(h, b.blocks)
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

// brought is what an include brings in.
type brought struct {
	shown   string // the file or role as it is told
	blocks  []*plan.Block
	refused error // what cannot be done in them
	role    *playbook.Included
}

// read reads a file or role. The run is not changed by it.
func (pr *playRun) read(task *plan.Task, inc *inclusion) (*brought, error) {
	what := playbook.Include{Play: pr.plan, Task: task, Args: inc.args, Vars: inc.item.Vars}
	b := &brought{shown: inc.file}
	var err error
	if task.FQCN == includeTasks {
		b.shown, _ = pr.Loader.FindTasks(task, pr.plan, inc.file)
		b.blocks, err = pr.Loader.IncludeTasks(what)
	} else if b.role, err = pr.Loader.IncludeRole(what); err == nil {
		b.blocks = b.role.Blocks
	}
	if err != nil {
		return nil, err
	}
	b.refused = refuseBlocks(b.blocks)
	b.blocks = plan.Filter(b.blocks, pr.selected)
	return b, nil
}

// join makes a role's names, variables and handlers those of the play.
func (pr *playRun) join(b *brought) {
	if b.role == nil {
		return
	}
	pr.remember(append(b.role.Imported, b.role.Role))
	if len(b.role.Handlers) > 0 {
		pr.handlers = append(slices.Clip(pr.handlers), b.role.Handlers...)
		pr.order.handlers = plan.Tasks(pr.handlers)
		pr.order.index()
	}
}

// readAhead gives what was read for the outcome of the only host before its
// turn, nil where nothing was.
func (pr *playRun) readAhead(outcomes []hostOutcome) []*brought {
	if len(outcomes) != 1 {
		return nil
	}
	l := pr.lanes[outcomes[0].host]
	if l == nil || l.landed == nil || l.landed.out != outcomes[0].Outcome {
		return nil
	}
	return l.landed.brought
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
