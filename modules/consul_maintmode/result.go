package consulmaintmode

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// result is what state=enabled gives.
func (t *task) result(out *outcome) (*module.Result, error) {
	d := t.values(out)
	d.SetStr("granted", value.Bool(out.granted))
	d.SetStr("reason", value.Str(out.reason))
	d.SetStr("resumed", value.Bool(out.resumed))
	var waiting []string
	for _, a := range out.answers {
		for _, n := range a.WaitingFor {
			if !out.granted && !contains(waiting, n) {
				waiting = append(waiting, n)
			}
		}
	}
	d.SetStr("waiting_for", value.Strings(waiting...))
	if out.fence != 0 {
		d.SetStr("fence", value.Int(int64(out.fence)))
	}
	if t.breakGlass != "" && out.granted {
		d.SetStr("break_glass", value.Str(t.breakGlass))
		t.call.Warn("the limit was passed by break_glass: " + t.breakGlass)
	}
	if out.holder.Foreign {
		t.call.Warn("node " + t.me.name + " is in a maintenance that consul_maintmode did not begin; it will not end it either")
	}
	if !out.granted && t.required {
		f := module.Failf("not granted: %s", out.reason)
		f.Values = d
		return nil, f
	}
	return &module.Result{Changed: out.changed, Values: d}, nil
}

// values are the keys that all states share.
func (t *task) values(out *outcome) *value.Dict {
	d := value.DictOf("node", value.Str(t.me.name), "mode", value.Str(t.mode))
	services := value.NewDict(len(out.answers))
	for i, a := range out.answers {
		one := value.DictOf(
			"total", value.Int(int64(a.Total)), "offline", value.Int(int64(len(a.Offline))), "offline_names", value.Strings(a.Offline...),
			"healthy", value.Int(int64(a.Healthy)), "limit", value.Int(int64(a.Limit)), "reason", value.Str(a.Reason),
		)
		if a.LimitOf != "" {
			one.SetStr("limit_of", value.Str(a.LimitOf))
		}
		services.SetStr(t.me.services[i].name, one)
		if i == out.worst {
			d.SetStr("offline", value.Int(int64(len(a.Offline))))
			d.SetStr("healthy", value.Int(int64(a.Healthy)))
			d.SetStr("limit", value.Int(int64(a.Limit)))
		}
	}
	if len(out.answers) > 0 {
		d.SetStr("services", services)
	}
	return d
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// back is what state=disabled gives.
func (t *task) back(out *outcome, foreign bool) (*module.Result, error) {
	d := value.DictOf("node", value.Str(t.me.name), "granted", value.False, "maintenance", value.Bool(foreign))
	reason := "node " + t.me.name + " is in service"
	switch {
	case foreign:
		reason = "node " + t.me.name + " stays in a maintenance that somebody else began"
	case !out.changed:
		reason = "node " + t.me.name + " was not offline"
	}
	d.SetStr("reason", value.Str(reason))
	return &module.Result{Changed: out.changed, Values: d}, nil
}

// status tells how things are, and changes nothing.
func (t *task) status(ctx context.Context) (*module.Result, error) {
	w, err := t.look(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.fenced(w); err != nil {
		return nil, err
	}
	found, err := t.maintenances(ctx)
	if err != nil {
		return nil, err
	}
	out := &outcome{world: w, verdict: t.judge(w, false)}
	d := t.values(out)
	all, h := t.held(w)
	d.SetStr("granted", value.Bool(all))
	d.SetStr("would_be_granted", value.Bool(all || out.granted))
	d.SetStr("reason", value.Str(out.reason))
	if all {
		d.SetStr("reason", value.Str("the node is offline, for "+h.name()))
		var fence uint64
		for _, v := range w.views {
			fence = max(fence, v.slots[t.me.name].ModifyIndex)
		}
		d.SetStr("fence", value.Int(int64(fence)))
		d.SetStr("holder", value.DictOf("run", value.Str(h.Run), "by", value.Str(h.By), "since", value.Str(h.Since), "reason", value.Str(h.Reason), "break_glass", value.Str(h.BreakGlass)))
	}
	d.SetStr("stopped", value.Bool(w.stop != nil))
	d.SetStr("maintenance", value.Bool(len(found) > 0))
	var waiting []string
	for _, v := range w.views {
		for _, q := range v.queue {
			if !contains(waiting, q.Node) {
				waiting = append(waiting, q.Node)
			}
		}
	}
	d.SetStr("queue", value.Strings(waiting...))
	return &module.Result{Values: d}, nil
}
