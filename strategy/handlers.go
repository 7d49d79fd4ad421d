package strategy

import (
	"context"
	"fmt"
	"slices"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/plan"
)

// notify marks the handlers that a changed task names.
func (pr *playRun) notify(ctx context.Context, task *plan.Task, host string, o *executor.Outcome) error {
	if len(task.Notify) == 0 {
		return nil
	}
	scope, err := pr.Store.Task(pr.vars, host, task)
	if err != nil {
		return err
	}
	// A loop's items notify with their own variables, so that
	// `notify: restart {{ item }}` reaches one handler per item; as in the
	// reference those that changed nothing too, once one did.
	overlays := []*value.Dict{nil}
	if o.Looped {
		overlays = overlays[:0]
		for _, item := range o.Items {
			if v, ok := item.Dict.GetStr("skipped"); !ok || v != value.True {
				overlays = append(overlays, item.Vars)
			}
		}
	}
	for _, over := range overlays {
		sc := scope.Overlay(over)
		for _, n := range task.Notify {
			v, err := pr.eval(ctx, sc, n)
			if err != nil {
				return fmt.Errorf("%s: the notify of task '%s' could not be evaluated: %w", task.Pos, rawName(task), err)
			}
			names := []value.Value{v}
			if l, ok := v.(*value.List); ok {
				names = l.Items
			}
			for _, name := range names {
				if err := pr.notifyName(ctx, task, host, value.Text(name)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// notifyName keeps a notification for the next flush; one by a handler is
// resolved at once, so that handlers further down run in the same flush.
func (pr *playRun) notifyName(ctx context.Context, task *plan.Task, host, name string) error {
	found := pr.answering(ctx, host, name)
	if len(found) == 0 {
		msg := fmt.Sprintf("The requested handler '%s' was not found in either the main handlers list nor in the listening handlers list", name)
		if pr.MissingHandlerOK {
			pr.Warn("%s", msg)
			return nil
		}
		return fmt.Errorf("%s", msg)
	}
	if task.Handler {
		pr.mark(ctx, found, host)
		return nil
	}
	if !slices.Contains(pr.saved[host], name) {
		pr.saved[host] = append(pr.saved[host], name)
	}
	pr.tell(event.Verbose{Level: 2, Text: "Notification for handler " + name + " has been saved."})
	return nil
}

// mark makes handlers run on host when the walk reaches them.
func (pr *playRun) mark(ctx context.Context, handlers []*plan.Task, host string) {
	for _, h := range handlers {
		if pr.notified[h.ID] == nil {
			pr.notified[h.ID] = map[string]bool{}
		}
		if !pr.notified[h.ID][host] {
			pr.notified[h.ID][host] = true
			pr.tell(event.Notified{Host: host, Handler: pr.handlerName(ctx, h, host)})
		}
	}
}

// answering gives the handlers that a notification reaches: the first of that
// name, in the list of handlers read last, and all that listen to it.
func (pr *playRun) answering(ctx context.Context, host, name string) []*plan.Task {
	var found []*plan.Task
	lists := make([][]*plan.Task, 0, len(pr.handlers))
	for _, b := range slices.Backward(pr.handlers) {
		lists = append(lists, plan.Tasks([]*plan.Block{b}))
	}
named:
	for _, list := range lists {
		for _, h := range list {
			if h.Name != nil && pr.handlerIs(ctx, h, host, name) {
				found = append(found, h)
				break named
			}
		}
	}
	seen := map[string]bool{}
	for _, list := range lists {
		for _, h := range list {
			if !slices.Contains(h.Listen, name) || slices.Contains(found, h) {
				continue
			}
			// Of handlers with one name, only one is run.
			if h.Name != nil {
				full := pr.handlerName(ctx, h, host)
				if seen[full] {
					continue
				}
				seen[full] = true
			}
			found = append(found, h)
		}
	}
	return found
}

// handlerIs reports whether a handler answers to name: its own, or with its
// role's in front.
func (pr *playRun) handlerIs(ctx context.Context, h *plan.Task, host, name string) bool {
	own := pr.ownName(ctx, h, host)
	if own == name {
		return true
	}
	if h.Role == nil {
		return false
	}
	return h.Role.Name+" : "+own == name || h.Role.FQCN+" : "+own == name
}

func (pr *playRun) ownName(ctx context.Context, h *plan.Task, host string) string {
	if s, ok := h.Name.(value.Str); ok {
		return string(s)
	}
	scope, err := pr.Store.Task(pr.vars, host, h)
	if err != nil {
		return rawName(h)
	}
	return pr.nameOf(ctx, h, scope, pr.tell)
}

func (pr *playRun) handlerName(ctx context.Context, h *plan.Task, host string) string {
	name := pr.ownName(ctx, h, host)
	if h.Role != nil {
		return h.Role.FQCN + " : " + name
	}
	return name
}

func (pr *playRun) isNotified(h *plan.Task, host string) bool { return pr.notified[h.ID][host] }

func (pr *playRun) forget(h *plan.Task, host string) { delete(pr.notified[h.ID], host) }

// inIncludedHandler reports whether a task came in through an include that
// was itself a handler: it runs because its include was notified.
func inIncludedHandler(t *plan.Task) bool {
	for b := t.Parent; b != nil; b = b.Parent {
		if b.Include != nil && b.Include.Handler {
			return true
		}
	}
	return false
}

// flush resolves what a host notified and sends it through its handlers.
func (pr *playRun) flush(ctx context.Context, host string) {
	for _, name := range pr.saved[host] {
		pr.mark(ctx, pr.answering(ctx, host, name), host)
	}
	delete(pr.saved, host)
	for _, t := range pr.order.handlers {
		if pr.isNotified(t, host) {
			pr.cursors[host].Flush(pr.handlers)
			return
		}
	}
}
