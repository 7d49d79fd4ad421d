package executor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
)

// items evaluates the loop.
func (x *execution) items(std context.Context) ([]value.Value, *event.Failure) {
	ctx := x.ctx(std, x.scope)
	if x.task.LoopWith != "" {
		return x.with(ctx)
	}
	v, err := eval(ctx, x.task.Loop)
	if err != nil {
		return nil, x.loopFailed(err)
	}
	list, ok := v.(*value.List)
	if !ok {
		return nil, &event.Failure{Msg: fmt.Sprintf("The `loop` value must resolve to a 'list', not '%s'.", v.Type()),
			Pos: placeOf(ctx, x.task.Loop), Help: "Provide a list of items/templates, or a template resolving to a list."}
	}
	return list.Items, nil
}

// Items evaluates a task's loop with the variables in scope, for one that is run
// elsewhere.
func (r *Runner) Items(ctx context.Context, w World, task *plan.Task, scope Scope) ([]value.Value, error) {
	x := &execution{Runner: r, w: w, task: task, scope: scope}
	items, failure := x.items(ctx)
	if failure != nil {
		return nil, errors.New(failure.Msg)
	}
	return items, nil
}

// with runs the lookup of a with_… loop. The terms are left as they are: some
// lookups put up with undefined ones.
func (x *execution) with(ctx *expr.Ctx) ([]value.Value, *event.Failure) {
	if x.Lookup == nil {
		return nil, taskFailed(x.task, fmt.Errorf("with_%s needs the controller", x.task.LoopWith))
	}
	terms := x.task.Loop
	if t, ok := terms.(*expr.Template); ok {
		var err error
		if terms, err = expr.Bind(ctx, t); err != nil {
			return nil, x.loopFailed(err)
		}
	}
	list, ok := terms.(*value.List)
	if !ok {
		list = value.NewList(terms)
	}
	items, err := x.Lookup(ctx, x.task.LoopWith, list.Items, x.task.Action)
	var failed *expr.TemplateError
	if errors.As(err, &failed) && failed.Pos.IsZero() {
		// The reference calls the lookup by an expression of its own, and shows that.
		return nil, &event.Failure{Msg: err.Error(), Pos: source.Pos{File: "<unknown>"}, Help: "invoke_lookup()"}
	}
	if err != nil {
		return nil, x.loopFailed(err)
	}
	return items, nil
}

// loopFailed tells of a loop that cannot be evaluated: only of what is undefined
// the reference says that the task failed.
func (x *execution) loopFailed(err error) *event.Failure {
	var undefined *expr.UndefinedError
	if errors.As(err, &undefined) {
		return taskFailed(x.task, err)
	}
	f := chain(err)
	if f.Pos.IsZero() {
		f.Pos = posOf(x.task.Loop)
	}
	return f
}

// loop runs all items and sums them up.
func (x *execution) loop(std context.Context, items []value.Value) *Outcome {
	if len(items) == 0 {
		d := value.NewDict(4)
		d.SetStr("changed", value.False)
		d.SetStr("skipped", value.True)
		d.SetStr("skipped_reason", value.Str("No items in the list"))
		d.SetStr("results", value.NewList())
		out := x.single(&attempt{dict: d, skipped: true, result: &module.Result{Skipped: true}})
		out.Looped = true
		return out
	}
	l := &looping{x: x, all: items}
	l.warnShadowed()
	if x.inOrder() {
		l.oneByOne(std)
	} else {
		l.pipelined(std)
	}
	return l.sum(std)
}

// inOrder reports whether an item may begin only when the one before is done.
func (x *execution) inOrder() bool {
	lc := x.task.LoopControl
	return len(x.task.Until) > 0 || x.task.Retries != nil || lc.Pause != nil || len(lc.BreakWhen) > 0 || x.polls() ||
		(x.act != nil && (x.act.Local || x.act.OncePerPlay)) || (x.act == nil && x.mod == nil) || x.readsItself()
}

// readsItself reports whether the task reads what it registers: an item then
// sees the result of the item before.
func (x *execution) readsItself() bool {
	name := x.task.Register
	if name == "" {
		return false
	}
	reads := func(v value.Value) bool { return readsName(v, name) }
	for _, c := range x.task.When {
		if c.Expr != nil && slices.Contains(c.Expr.Reads(), name) || c.Value != nil && reads(c.Value) {
			return true
		}
	}
	for _, v := range x.task.Args.All() {
		if reads(v) {
			return true
		}
	}
	return x.task.ArgsTemplate != nil && reads(x.task.ArgsTemplate) || x.task.DelegateTo != nil && reads(x.task.DelegateTo) ||
		slices.ContainsFunc(x.task.Environment, reads)
}

// readsName reports whether a template in v reads the variable called name.
func readsName(v value.Value, name string) bool {
	switch v := v.(type) {
	case *expr.Template:
		return slices.Contains(v.Reads(), name)
	case *value.List:
		return slices.ContainsFunc(v.Items, func(item value.Value) bool { return readsName(item, name) })
	case *value.Dict:
		for _, item := range v.All() {
			if readsName(item, name) {
				return true
			}
		}
	}
	return false
}

// looping is a loop under way.
type looping struct {
	x    *execution
	all  []value.Value
	done []*attempt
	left *value.Dict // what the items so far leave for those that follow
}

func (l *looping) warnShadowed() {
	lc := l.x.task.LoopControl
	if _, found, _ := l.x.scope.Lookup(lc.LoopVar); !found {
		return
	}
	w := event.Warning{Text: "The loop variable '" + lc.LoopVar + "' is already in use.", Pos: lc.LoopVarPos,
		Help: "You should set the `loop_var` value in the `loop_control` option for the task to something else to avoid variable collisions and unexpected behavior."}
	if w.Pos.IsZero() { // it is the usual one, which nobody wrote
		w.Text, w.Help = w.Text+"\nOrigin: <unknown>\n\n"+lc.LoopVar+"\n\n"+w.Help+"\n", ""
	}
	l.x.Sink(w)
}

// vars gives the loop variables of item i.
func (l *looping) vars(std context.Context, i int) (*value.Dict, error) {
	lc := l.x.task.LoopControl
	d := value.NewDict(4)
	d.SetStr(lc.LoopVar, l.all[i])
	d.SetStr("ansible_loop_var", value.Str(lc.LoopVar))
	if lc.IndexVar != "" {
		d.SetStr(lc.IndexVar, value.Int(i))
		d.SetStr("ansible_index_var", value.Str(lc.IndexVar))
	}
	extended, err := l.x.flag(l.x.ctx(std, l.x.scope), "extended", lc.Extended, false)
	if err != nil || !extended {
		return d, err
	}
	n := len(l.all)
	ext := value.DictOf("index", value.Int(i+1), "index0", value.Int(i), "first", value.Bool(i == 0),
		"last", value.Bool(i+1 == n), "length", value.Int(n), "revindex", value.Int(n-i), "revindex0", value.Int(n-i-1))
	allItems, err := l.x.flag(l.x.ctx(std, l.x.scope), "extended_allitems", lc.ExtendedAllItems, true)
	if err != nil {
		return nil, err
	}
	if allItems {
		ext.SetStr("allitems", value.NewList(l.all...))
	}
	if i+1 < n {
		ext.SetStr("nextitem", l.all[i+1])
	}
	if i > 0 {
		ext.SetStr("previtem", l.all[i-1])
	}
	d.SetStr("ansible_loop", ext)
	return d, nil
}

// item runs item i.
func (l *looping) item(std context.Context, i int, sent ...func()) *attempt {
	vars, err := l.vars(std, i)
	if err != nil {
		return l.x.failed(vars, taskFailed(l.x.task, err))
	}
	scope := l.x.scope
	if l.left != nil {
		scope = scope.Overlay(l.left)
	}
	return l.x.attempts(std, scope.Overlay(vars), vars, sent...)
}

func (l *looping) oneByOne(std context.Context) {
	lc := l.x.task.LoopControl
	ctx := l.x.ctx(std, l.x.scope)
	pause, _ := l.x.number(ctx, "pause", lc.Pause, 0)
	for i := range l.all {
		if i > 0 && pause > 0 {
			select {
			case <-std.Done():
			case <-time.After(time.Duration(pause * float64(time.Second))):
			}
		}
		if std.Err() != nil {
			return
		}
		a := l.item(std, i)
		l.leave(a)
		if l.tell(std, i, a) {
			return
		}
	}
}

// leave keeps what an item leaves for those that follow. The dict is made anew
// as scopes under way still hold the one before.
func (l *looping) leave(a *attempt) {
	own := l.x.left(a)
	if own.Len() == 0 {
		return
	}
	if l.left == nil {
		l.left = own
		return
	}
	next := l.left.Clone()
	for k, v := range own.All() {
		next.Set(k, v)
	}
	l.left = next
}

// pipelined keeps several items under way. Each starts when the one before
// has sent its call, so that they run on the host in their order.
func (l *looping) pipelined(std context.Context) {
	window := l.x.Window
	if window == 0 {
		window = 64
	}
	gone := &Unreached{}
	std = context.WithValue(std, unreachedKey{}, gone)
	results := make([]chan *attempt, len(l.all))
	told := 0
	stop := false
	var broken atomic.Bool
	next := func() {
		a := <-results[told]
		if !stop {
			stop = l.tell(std, told, a)
		}
		told++
	}
	started := 0
	for i := range l.all {
		if stop || std.Err() != nil {
			break
		}
		if i-told >= window {
			next()
		}
		sent := make(chan struct{})
		var signalled bool
		results[i] = make(chan *attempt, 1)
		go func() {
			a := l.item(std, i, func() {
				if !signalled {
					signalled = true
					close(sent)
				}
			})
			if a.status() == event.Unreachable {
				gone.giveUp()
			}
			results[i] <- a
			if !signalled {
				if s := a.status(); s == event.Unreachable || s == event.Failed && !a.ignored {
					broken.Store(true) // and the host knows nothing of it
				}
				close(sent)
			}
		}()
		started++
		<-sent
	}
	if started == len(l.all) && std.Err() == nil && !broken.Load() && l.labelled(std) {
		l.x.lastSent()
	}
	for told < started {
		next()
	}
}

// labelled reports whether all items are sure to have a label: one that has none
// fails. What depends on more than variables is not asked for before its time.
func (l *looping) labelled(std context.Context) bool {
	label := l.x.task.LoopControl.Label
	if !isTemplate(label) || !l.x.settles {
		return true
	}
	std = expr.Ahead(std, func(context.Context, expr.Hangs) error { return errNotNow })
	for i := range l.all {
		vars, err := l.vars(std, i)
		if err == nil {
			_, err = eval(expr.NewCtx(std, l.x.Env, l.x.scope.Overlay(vars)), label)
		}
		if err != nil {
			return false
		}
	}
	return true
}

var errNotNow = errors.New("not before its turn")

// tell adds the loop's own keys to an item's result and shows it. It reports
// whether break_when ends the loop.
func (l *looping) tell(std context.Context, i int, a *attempt) (stop bool) {
	x := l.x
	lc := x.task.LoopControl
	for k, v := range a.vars.All() {
		a.dict.Set(k, v)
	}
	l.done = append(l.done, a)
	label := l.all[i]
	if lc.Label != nil && value.Truth(lc.Label) { // what is written as nothing is none, as in the reference
		// It sees what the item registered, as in the reference.
		if v, err := eval(x.ctx(std, x.scope.Overlay(x.left(a)).Overlay(a.vars)), lc.Label); err == nil {
			label = v
		} else {
			a.dict.SetStr("failed", value.True)
			a.dict.SetStr("msg", value.Str("Failed to template loop_control.label: "+err.Error()))
			a.failure = nil
			x.judgeIgnored(std, x.scope.Overlay(a.vars), a)
			if x.task.FQCN == "ansible.builtin.debug" {
				label = value.None // of debug's failures only the message is kept
			}
		}
	}
	e := x.event(a)
	e.Item, e.Label = true, label
	x.Sink(e)
	if len(lc.BreakWhen) == 0 {
		return false
	}
	own := a.vars.Clone()
	if x.task.Register != "" {
		own.SetStr(x.task.Register, a.dict)
	}
	stop, err := all(x.ctx(std, x.scope.Overlay(own)), lc.BreakWhen)
	return err == nil && stop
}

// sum makes the loop's result of its items'.
func (l *looping) sum(std context.Context) *Outcome {
	out := &Outcome{Looped: true}
	d := value.NewDict(6)
	results := make([]value.Value, len(l.done))
	var changed bool
	skipped := len(l.done) > 0
	total := &attempt{dict: d, result: &module.Result{}}
	var notes itemNotes
	d.SetStr("results", value.None) // the keys stand in the order in which the items give them
	d.SetStr("skipped", value.None)
	for i, a := range l.done {
		results[i] = notes.take(public(a.dict))
		if truthy(a.dict, "changed") {
			changed = true
			d.SetStr("changed", value.True)
		}
		if truthy(a.dict, "failed") {
			d.SetStr("failed", value.True)
			d.SetStr("msg", value.Str("One or more items failed"))
		}
		if truthy(a.dict, "unreachable") {
			d.SetStr("unreachable", value.True)
		}
		skipped = skipped && truthy(a.dict, "skipped")
		if a.status() == event.Failed && total.failure == nil {
			total.failure = a.failure
		}
		out.Items = append(out.Items, Item{Var: l.all[i], Vars: a.vars, Result: a.result, Dict: a.dict, Delegate: a.delegate})
		out.NoLog = out.NoLog || a.noLog
		if a.delegate != "" {
			total.delegate, total.address, total.began = a.delegate, a.address, total.began || a.began
		}
	}
	d.SetStr("results", value.NewList(results...))
	d.SetStr("skipped", value.Bool(skipped))
	switch {
	case truthy(d, "failed"): // said above
	case skipped:
		d.SetStr("msg", value.Str("All items skipped"))
	default:
		d.SetStr("msg", value.Str("All items completed"))
	}
	notes.into(d)
	d.SetStr("changed", value.Bool(changed))
	total.said = l.said()
	l.x.judgeIgnored(std, l.x.scope, total)
	total.ignored = l.ignored(total.status())
	total.noLog = total.noLog || out.NoLog
	out.Status, out.Dict, out.NoLog, out.Ignored, out.Changed = total.status(), d, total.noLog, total.ignored, changed
	out.Delegate, out.Failure = total.delegate, total.failure
	out.Event = l.x.event(total)
	return out
}

// said is what failed_when said of the items, nil where it was not asked.
func (l *looping) said() *bool {
	var said *bool
	for _, a := range l.done {
		if _, ok := a.dict.GetStr("failed_when_result"); ok {
			failed := said != nil && *said || a.failed()
			said = &failed
		}
	}
	return said
}

// itemNotes are the warnings and deprecations of a loop's items: in what is
// registered they are the task's.
type itemNotes struct{ warnings, deprecations []value.Value }

func (n *itemNotes) take(d *value.Dict) *value.Dict {
	for key, all := range map[string]*[]value.Value{"warnings": &n.warnings, "deprecations": &n.deprecations} {
		if v, ok := d.GetStr(key); ok {
			items, _ := value.Items(v)
			*all = append(*all, items...)
			d.Delete(value.Str(key))
		}
	}
	return d
}

func (n *itemNotes) into(d *value.Dict) {
	if len(n.warnings) > 0 {
		d.SetStr("warnings", value.NewList(n.warnings...))
	}
	if len(n.deprecations) > 0 {
		d.SetStr("deprecations", value.NewList(n.deprecations...))
	}
}

// ignored reports whether each of the items that made the loop fail, or the
// host unreachable, is one whose errors are ignored.
func (l *looping) ignored(status event.Status) bool {
	some := false
	for _, a := range l.done {
		if a.status() == status && status != event.OK {
			if !a.ignored {
				return false
			}
			some = true
		}
	}
	return some
}

// public is a result without the keys that are meant for callbacks only.
func public(d *value.Dict) *value.Dict {
	out := value.NewDict(d.Len())
	for k, v := range d.All() {
		if name, ok := k.(value.Str); !ok || !strings.HasPrefix(string(name), "_ansible_") {
			out.Set(k, v)
		}
	}
	return out
}
