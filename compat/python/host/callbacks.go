package host

import (
	"context"
	"fmt"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

// CallbackChoice says which callbacks Python has to load.
type CallbackChoice struct {
	Stdout  string   // the one that has stdout; "" if that is not Python's
	Enabled []string // by name
	Skip    []string // names that are native, and loaded already
	// Auto loads those that nobody has to enable, too.
	Auto bool
}

// Callbacks are Python's callbacks of a run.
type Callbacks struct {
	h    *Host
	ctx  context.Context
	warn func(text string)
	n    int
	path string
}

// Callbacks loads callbacks; nil if there are none. The listener hears events
// until ctx ends; warn tells of what goes wrong meanwhile.
func (h *Host) Callbacks(ctx context.Context, c CallbackChoice, warn func(text string)) (*Callbacks, error) {
	v, err := h.Call(ctx, Request{Op: "callback.load", Args: value.DictOf("stdout", value.Str(c.Stdout), "enabled", value.Strings(c.Enabled...),
		"skip", value.Strings(c.Skip...), "auto", value.Bool(c.Auto))})
	if err != nil {
		return nil, err
	}
	n, _ := value.AsInt(v)
	if n == 0 {
		return nil, nil
	}
	return &Callbacks{h: h, ctx: ctx, warn: warn, n: int(n)}, nil
}

// Hear hands an event to the callbacks and waits for them.
func (c *Callbacks) Hear(e event.Event) {
	d := c.told(e)
	if d == nil {
		return
	}
	v, err := c.h.Call(c.ctx, Request{Op: "callback.hear", Args: d})
	if err != nil {
		if c.ctx.Err() == nil {
			c.warn("Python callbacks: " + err.Error())
		}
		return
	}
	if failures, ok := v.(*value.List); ok {
		for _, f := range failures.Items {
			c.warn(value.Text(f))
		}
	}
}

// told gives what Python is told of an event, nil for nothing.
func (c *Callbacks) told(e event.Event) *value.Dict {
	method := func(name string, pairs ...any) *value.Dict {
		return value.DictOf(append([]any{"method", value.Str(name)}, pairs...)...)
	}
	switch e := e.(type) {
	case event.PlaybookStart:
		c.path = e.Path
		return method("v2_playbook_on_start", "path", value.Str(e.Path))
	case event.PlayStart:
		return method("v2_playbook_on_play_start", "play", value.DictOf("id", value.Int(e.ID), "name", value.Str(e.Name), "hosts", value.Strings(e.Hosts...),
			"check", value.Bool(e.Check), "free", value.Bool(e.Free), "path", value.Str(fmt.Sprintf("%s:%d", e.Pos.File, e.Pos.Line))))
	case event.VarsPrompt:
		size := value.Value(value.None)
		if e.SaltSize > 0 {
			size = value.Int(e.SaltSize)
		}
		def := e.Default
		if def == nil {
			def = value.None
		}
		prompt := e.Text
		if prompt == "" {
			prompt = e.Name
		}
		return method("v2_playbook_on_vars_prompt", "prompt", value.NewList(value.Str(e.Name), value.Bool(e.Private), value.Str(prompt), orNone(e.Encrypt),
			value.Bool(e.Confirm), size, orNone(e.Salt), def, value.Bool(e.Unsafe)))
	case event.NoHostsMatched:
		return method("v2_playbook_on_no_hosts_matched")
	case event.NoHostsRemaining:
		return method("v2_playbook_on_no_hosts_remaining")
	case event.TaskStart:
		name := "v2_playbook_on_task_start"
		if e.Task.Handler {
			name = "v2_playbook_on_handler_task_start"
		}
		return method(name, "task", task(e.Task))
	case event.HostStart:
		return method("v2_runner_on_start", "task", task(e.Task), "host", value.Str(e.Host))
	case event.Result:
		return result(e, method)
	case event.Retry:
		d := callback.Shown(e.Value, e.NoLog).Clone()
		d.SetStr("attempts", value.Int(e.Attempt))
		d.SetStr("retries", value.Int(e.Attempt+e.Left))
		return method("v2_runner_retry", "task", task(e.Task), "host", value.Str(e.Host), "result", d)
	case event.Async:
		name := map[event.Status]string{event.OK: "v2_runner_on_async_ok", event.Failed: "v2_runner_on_async_failed", event.Polled: "v2_runner_on_async_poll"}[e.Status]
		d := callback.Shown(e.Value, e.NoLog).Clone()
		d.SetStr("ansible_job_id", value.Str(e.JobID))
		d.SetStr("started", value.Bool(e.Started))
		d.SetStr("finished", value.Bool(e.Finished))
		return method(name, "task", task(e.Task), "host", value.Str(e.Host), "result", d)
	case event.Include:
		d := method("v2_playbook_on_include", "task", task(e.Task), "file", value.Str(e.File), "hosts", value.Strings(e.Hosts...))
		if e.Label != nil {
			d.SetStr("label", e.Label)
		}
		return d
	case event.Notified:
		return method("v2_playbook_on_notify", "handler", value.Str(e.Handler), "host", value.Str(e.Host))
	case event.Stats:
		return method("v2_playbook_on_stats", "stats", stats(e))
	}
	return nil
}

func orNone(s string) value.Value {
	if s == "" {
		return value.None
	}
	return value.Str(s)
}

func task(t *event.Task) *value.Dict {
	args := value.NewDict(0)
	if t.Args != nil {
		args = t.Args
	}
	return value.DictOf("id", value.Int(t.ID), "name", value.Str(t.Name), "role", value.Str(t.Role), "action", value.Str(t.Action), "fqcn", value.Str(t.FQCN),
		"path", value.Str(fmt.Sprintf("%s:%d", t.Pos.File, t.Pos.Line)), "args", args, "no_log", value.Bool(t.NoLog), "check", value.Bool(t.Check),
		"run_once", value.Bool(t.RunOnce), "loop", value.Bool(t.Loop), "handler", value.Bool(t.Handler))
}

// result tells of a result by the method that the reference calls for it.
func result(e event.Result, method func(string, ...any) *value.Dict) *value.Dict {
	name := map[event.Status]string{event.OK: "ok", event.Failed: "failed", event.Skipped: "skipped", event.Unreachable: "unreachable"}[e.Status]
	if e.Item {
		if e.Status == event.Unreachable {
			return nil // the reference has no method for that
		}
		name = "v2_runner_item_on_" + name
	} else {
		name = "v2_runner_on_" + name
	}
	shown := callback.Shown(e.Value, e.NoLog).Clone()
	// The method says it; the reference takes these out, too.
	shown.Delete(value.Str("failed"))
	shown.Delete(value.Str("skipped"))
	if items, ok := e.Value.GetStr("results"); ok && e.NoLog && e.Task.Loop {
		hidden := value.NewList()
		if l, ok := items.(*value.List); ok {
			for range l.Items {
				hidden.Items = append(hidden.Items, callback.Shown(e.Value, true))
			}
		}
		shown.SetStr("results", hidden)
	}
	if e.Item && e.Label != nil && !e.NoLog {
		shown.SetStr("_ansible_item_label", e.Label)
	}
	if e.NoLog {
		shown.SetStr("_ansible_no_log", value.True)
	}
	if e.Delegated != "" {
		shown.SetStr("_ansible_delegated_vars", value.DictOf("ansible_delegated_host", value.Str(e.Delegated)))
	}
	about := task(e.Task)
	about.SetStr("delegate_to", value.Str(e.Delegated))
	d := method(name, "task", about, "host", value.Str(e.Host), "result", shown, "ignored", value.Bool(e.Ignored))
	_, hasDiff := e.Value.GetStr("diff")
	d.SetStr("diff", value.Bool(e.ShowDiff && hasDiff && !e.NoLog))
	if e.Error != nil {
		links := value.NewList()
		for _, l := range e.Error.Links() {
			links.Items = append(links.Items, value.Strings(l.Msg, l.Place, l.Help))
		}
		d.SetStr("error", links)
	}
	return d
}

func stats(e event.Stats) *value.Dict {
	sums, custom := value.NewDict(len(e.Hosts)), value.NewDict(len(e.Custom))
	for _, h := range e.Hosts {
		s := e.Sums[h]
		if s == nil {
			continue
		}
		sums.SetStr(h, value.DictOf("ok", value.Int(s.OK), "failures", value.Int(s.Failed), "dark", value.Int(s.Unreachable), "changed", value.Int(s.Changed),
			"skipped", value.Int(s.Skipped), "rescued", value.Int(s.Rescued), "ignored", value.Int(s.Ignored)))
	}
	for h, d := range e.Custom {
		custom.SetStr(h, d)
	}
	return value.DictOf("sums", sums, "custom", custom)
}
