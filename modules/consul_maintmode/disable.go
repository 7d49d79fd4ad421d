package consulmaintmode

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/churten/churten/modules/kit/consul"
	"github.com/churten/churten/modules/kit/module"
)

// disable comes back: ends the maintenance, waits until the node is healthy,
// and gives its place back.
func (t *task) disable(ctx context.Context) (*module.Result, error) {
	defer t.close(ctx)
	w, err := t.look(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.fenced(w); err != nil {
		return nil, err
	}
	if why := t.busy(w); why != "" {
		return nil, module.Failf("%s", why)
	}
	found, err := t.maintenances(ctx)
	if err != nil {
		return nil, err
	}
	h, held := t.anyHeld(w)
	end := slices.Clone(found)
	if !t.force {
		end = slices.DeleteFunc(end, func(m maintenance) bool { return !m.ours })
	}
	if len(end) < len(found) {
		t.call.Warn("a maintenance of node " + t.me.name + " was not begun by consul_maintmode, and stays (force ends it)")
	}
	out := &outcome{world: w, changed: len(end) > 0 || held, holder: h}
	if t.check || !out.changed {
		return t.back(out, len(found) > len(end))
	}
	if held {
		if err := t.retake(ctx, w); err != nil {
			return nil, err
		}
	}
	t.at("returning")
	var ids []string
	for _, m := range end {
		ids = append(ids, m.id)
		if err := t.maintain(ctx, m.id, false, ""); err != nil {
			return nil, err
		}
	}
	if err := t.shown(ctx, ids, false); err != nil {
		return nil, err
	}
	t.at("returned")
	foreign := len(end) < len(found)
	if t.waitHealthy > 0 && !foreign {
		if err := t.healthy(ctx); err != nil {
			return nil, err
		}
	}
	if held && t.releaseDelay > 0 {
		if err := pause(ctx, t.releaseDelay); err != nil {
			return nil, err
		}
	}
	if held {
		if err := t.giveBack(ctx); err != nil {
			t.call.Warn("the place could not be given back, and is free when this session ends: " + err.Error())
		}
	}
	return t.back(out, foreign)
}

// anyHeld finds an entry of this node's.
func (t *task) anyHeld(w *world) (holder, bool) {
	for _, v := range w.views {
		if h, ok := v.own(t.me.name); ok {
			return h, true
		}
	}
	return holder{}, false
}

// fenced fails when the task speaks for a run that has lost its place.
func (t *task) fenced(w *world) error {
	var index uint64
	h, held := holder{}, false
	for _, v := range w.views {
		if own, ok := v.own(t.me.name); ok {
			h, held = own, true
		}
		if p := v.slots[t.me.name]; p != nil {
			index = max(index, p.ModifyIndex)
		}
	}
	switch {
	case t.fence != 0 && !held:
		return module.Failf("fence %d is out of date: node %s holds no place any more", t.fence, t.me.name)
	case t.fence != 0 && index != t.fence:
		return module.Failf("fence %d is out of date: the place of node %s is now that of %s (fence %d)", t.fence, t.me.name, h.name(), index)
	case t.run != "" && held && h.Run != "" && h.Run != t.run && t.options.state == "disabled" && !t.force:
		return module.Failf("node %s is offline for run %s, not for %s (force ends it all the same)", t.me.name, h.Run, t.run)
	}
	return nil
}

// retake locks the places with a session of this call, so that they are held
// while the node gets healthy.
func (t *task) retake(ctx context.Context, w *world) error {
	longest := 3*t.timeout + t.lockDelay
	for begun := time.Now(); ; {
		l, err := t.open(ctx)
		var e *consul.Error
		if err != nil {
			// An agent that was just started counts as failed for a moment, and
			// gets no session.
			if !errors.As(err, &e) || !e.Passing() || ctx.Err() != nil || time.Since(begun) > longest {
				return err
			}
			if err := pause(ctx, time.Second/2); err != nil {
				return err
			}
			continue
		}
		var ops []consul.Op
		for _, v := range w.views {
			h, ok := v.own(t.me.name)
			slot := v.slots[t.me.name]
			if !ok {
				continue
			}
			h.State = returning
			ops = append(ops, t.write(v, append(v.live(t.me.name), h)))
			if slot != nil {
				ops = append(ops, consul.Op{Verb: "check-index", Key: slot.Key, Index: slot.ModifyIndex})
			}
			ops = append(ops, consul.Op{Verb: "lock", Key: t.servicePrefix(v.offered.name) + "slot/" + t.me.name, Value: encode(h), Session: l.id})
		}
		// Without a leader, and with many others at the same record, it is tried
		// again: a node that cannot come back costs more than the time.
		done, _, why, err := t.client.Txn(ctx, ops)
		if done || err != nil && (!errors.As(err, &e) || !e.Passing() || ctx.Err() != nil || time.Since(begun) > longest) {
			return err
		}
		if time.Since(begun) > longest {
			return module.Failf("the place could not be taken back: %s", strings.Join(why, "; "))
		}
		if err := pause(ctx, time.Duration(rand.IntN(200)+20)*time.Millisecond); err != nil {
			return err
		}
		if w, err = t.look(ctx); err != nil {
			return err
		}
		if t.mine(w) { // it was done, and only the answer was lost
			return nil
		}
		if err := t.fenced(w); err != nil {
			return err
		}
	}
}

// healthy waits until all checks of the node and of its services pass, for as
// long as min_healthy_time without a break.
func (t *task) healthy(ctx context.Context) error {
	deadline := time.Now().Add(t.waitHealthy)
	var since time.Time
	q := consistent
	var bad []string
	for {
		checks, meta, err := t.client.NodeHealth(ctx, t.me.name, q)
		if err != nil {
			return err
		}
		bad = t.unwell(checks)
		now := time.Now()
		if len(bad) > 0 {
			since = time.Time{}
		} else if since.IsZero() {
			since = now
		}
		if len(bad) == 0 && now.Sub(since) >= t.minHealthyTime {
			return nil
		}
		left := time.Until(deadline)
		if left <= 0 {
			break
		}
		q.Index, q.Wait = meta.Index, min(left, 10*time.Second)
		if len(bad) == 0 {
			q.Wait = min(q.Wait, t.minHealthyTime-now.Sub(since))
		}
		q.Wait = max(q.Wait, 10*time.Millisecond)
	}
	if len(bad) == 0 {
		return module.Failf("node %s has not been healthy for %s within %s: it keeps its place until it is, or its session ends", t.me.name, t.minHealthyTime, t.waitHealthy)
	}
	return module.Failf("node %s is not healthy %s after its maintenance ended: %s", t.me.name, t.waitHealthy, strings.Join(bad, "; "))
}

// unwell lists the checks that do not pass, of the node and of the services
// that take part.
func (t *task) unwell(checks []consul.Check) []string {
	var out []string
	for _, c := range checks {
		if c.Status == "passing" || c.ServiceID != "" && !slices.ContainsFunc(t.me.services, func(o offered) bool { return slices.Contains(o.ids, c.ServiceID) }) {
			continue
		}
		said := strings.TrimSpace(c.Output)
		if len(said) > 200 {
			said = said[:200] + " …"
		}
		out = append(out, strings.TrimSuffix(fmt.Sprintf("%s is %s (%s)", c.Name, c.Status, said), " ()"))
	}
	slices.Sort(out)
	return out
}
