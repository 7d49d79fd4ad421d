package consulmaintmode

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/churten/churten/modules/kit/consul"
	"github.com/churten/churten/modules/kit/module"
)

// enable asks to go, waits when told to, and goes.
func (t *task) enable(ctx context.Context) (*module.Result, error) {
	defer t.close(ctx)
	deadline := time.Now().Add(t.wait)
	for {
		out, w, err := t.attempt(ctx)
		left := time.Until(deadline)
		var e *consul.Error
		switch {
		case err != nil && (!errors.As(err, &e) || !e.Passing() || left <= 0 || ctx.Err() != nil):
			t.unqueue(ctx)
			return nil, err
		case err != nil:
			if err := pause(ctx, time.Second); err != nil {
				return nil, err
			}
			continue
		case out.granted || left <= 0 || t.check:
			if !out.granted {
				t.unqueue(ctx)
			}
			return t.result(out)
		}
		switch err := t.await(ctx, w, left); {
		case err != nil && (!errors.As(err, &e) || !e.Passing() || ctx.Err() != nil):
			t.unqueue(ctx)
			return nil, err
		case err != nil: // no leader: the next attempt sees to it
			if err := pause(ctx, time.Second); err != nil {
				return nil, err
			}
		}
	}
}

// outcome is what became of one attempt.
type outcome struct {
	verdict
	world   *world
	changed bool
	resumed bool
	fence   uint64
	holder  holder
}

// attempt asks once. Where others change the record at the same moment it asks
// again at once. The world is what the last look saw.
func (t *task) attempt(ctx context.Context) (*outcome, *world, error) {
	for begun := time.Now(); ; {
		w, err := t.look(ctx)
		if err != nil {
			return nil, nil, err
		}
		out, again, err := t.ask(ctx, w)
		if err != nil || !again {
			return out, w, err
		}
		if time.Since(begun) > t.timeout {
			out = &outcome{world: w, verdict: t.judge(w, false)}
			out.granted, out.reason = false, "others change the record all the time"
			return out, w, nil
		}
		if err := pause(ctx, time.Duration(rand.IntN(40)+5)*time.Millisecond); err != nil {
			return nil, nil, err
		}
	}
}

// ask decides on what was seen and goes; again means that the world has
// changed under it.
func (t *task) ask(ctx context.Context, w *world) (out *outcome, again bool, err error) {
	out = &outcome{world: w, verdict: t.judge(w, false)}
	if why := t.busy(w); why != "" {
		out.granted, out.reason = false, why
		return out, false, nil
	}
	held, first := t.held(w)
	if held {
		return t.again(ctx, out, first)
	}
	if !out.granted {
		return out, false, nil
	}
	if t.check {
		out.changed = true
		return out, false, nil
	}
	out.holder = t.place(w)
	done, why, err := t.claim(ctx, w, out)
	if err != nil {
		return nil, false, err
	}
	if !done {
		if node := delayed(why); node != "" {
			out.granted, out.reason = false, "the place of "+node+", which died while it asked, is kept by Consul's lock delay"
			out.answers[out.worst].WaitingFor = []string{node}
			return out, false, nil
		}
		return nil, true, nil
	}
	t.at("claimed")
	if err := t.confirm(ctx, out); err != nil {
		return nil, false, err
	}
	return out, false, nil
}

// busy tells of another process on this node that is at it.
func (t *task) busy(w *world) string {
	for _, v := range w.views {
		slot := v.slots[t.me.name]
		if slot == nil || slot.Session == "" || t.lease != nil && slot.Session == t.lease.id {
			continue
		}
		h, _ := slotOf(slot)
		return v.offered.name + ": another run on this node (" + h.name() + ") is " + map[string]string{returning: "coming back"}[h.State] + map[string]string{claimed: "taking the place"}[h.State] + " at this moment"
	}
	return ""
}

func (h holder) name() string {
	if h.Run != "" {
		return h.Run
	}
	return h.By + " since " + h.Since
}

// held reports whether the node has its place for all services and is in
// maintenance: a run before this one crashed, or goes on.
func (t *task) held(w *world) (all bool, first holder) {
	for i, v := range w.views {
		h, ok := v.own(t.me.name)
		if !ok || !v.maintained[t.me.name] || v.slots[t.me.name] == nil {
			return false, holder{}
		}
		if i == 0 {
			first = h
		}
	}
	return true, first
}

// place is the entry of this call.
func (t *task) place(w *world) holder {
	h := holder{
		Node: t.me.name, State: claimed, Run: t.run, By: t.by, Reason: t.reason, Since: now(), BreakGlass: t.breakGlass, Mode: t.mode,
	}
	for _, view := range w.views {
		h.Services = append(h.Services, view.offered.name)
	}
	return h
}

func now() string { return time.Now().UTC().Format(time.RFC3339) }

// confirm looks again with the place in hand, and only then acts.
func (t *task) confirm(ctx context.Context, out *outcome) error {
	w, err := t.look(ctx)
	if err != nil {
		_ = t.giveBack(ctx)
		return err
	}
	if !t.mine(w) {
		return module.Failf("the place was lost while the node was asking: nothing was done")
	}
	second := t.judge(w, true)
	if !second.granted {
		_ = t.giveBack(ctx)
		out.verdict, out.world = second, w
		return nil
	}
	out.verdict, out.world = second, w
	acting, cancel, err := t.lease.fresh(ctx)
	if err != nil {
		_ = t.giveBack(ctx)
		return err
	}
	defer cancel()
	t.at("acting")
	if out.holder.Foreign, out.changed, err = t.act(ctx, acting, out.holder); err != nil {
		return late(ctx, acting, err)
	}
	t.at("acted")
	out.fence, err = t.endure(ctx, out.holder)
	if err != nil {
		return t.undo(ctx, err)
	}
	t.at("done")
	return nil
}

// late words the error of an act that took longer than the session is certain
// to last. A request that was cut off so may still be carried out, once the
// agent goes on: the node is then in maintenance, and counted.
func late(ctx, acting context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	const refused = ", so the node does not go"
	text := err.Error()
	switch {
	case acting.Err() != nil && strings.Contains(text, context.DeadlineExceeded.Error()):
		return module.Failf("%s", strings.Replace(text, context.DeadlineExceeded.Error(), "the agent did not answer in time"+refused, 1))
	case strings.Contains(text, "did not answer within"): // the request's own bound came first
		return module.Failf("%s%s", text, refused)
	}
	return err
}

// mine reports whether the places are this call's own.
func (t *task) mine(w *world) bool {
	for _, v := range w.views {
		slot := v.slots[t.me.name]
		_, ok := v.own(t.me.name)
		if !ok || slot == nil || t.lease == nil || slot.Session != t.lease.id {
			return false
		}
	}
	return true
}

// act puts the node in maintenance, where it is not, within acting, and waits
// until the catalogue shows it; the session is renewed meanwhile. foreign: what
// was there before is an operator's.
func (t *task) act(ctx, acting context.Context, h holder) (foreign, changed bool, err error) {
	found, err := t.maintenances(acting)
	if err != nil {
		_ = t.giveBack(ctx)
		return false, false, err
	}
	there := map[string]bool{}
	for _, m := range found {
		there[m.id] = true
		foreign = foreign || !m.ours
	}
	targets := t.targets(h.Mode)
	for _, id := range targets {
		if there[id] {
			continue
		}
		if t.lease.gone() || acting.Err() != nil {
			return foreign, changed, t.undo(ctx, module.Failf("the session in Consul may have ended before the node could go: nothing was done"))
		}
		t.at("sending")
		t.began = append(t.began, id)
		if err := t.maintain(acting, id, true, t.note(h)); err != nil {
			return foreign, changed, t.undo(ctx, err)
		}
		changed = true
	}
	if err := t.shown(ctx, targets, true); err != nil {
		return foreign, changed, t.undo(ctx, err)
	}
	return foreign, changed, nil
}

// endure marks the place as taken for good: from now on the maintenance is
// what counts, and the session is not needed any more.
func (t *task) endure(ctx context.Context, h holder) (fence uint64, err error) {
	h.State = offline
	for {
		w, err := t.look(ctx)
		if err != nil {
			return 0, err
		}
		if !t.mine(w) {
			return 0, module.Failf("the place was lost before the act was done")
		}
		var ops []consul.Op
		for _, v := range w.views {
			own, _ := v.own(t.me.name)
			h.Limit = own.Limit
			ops = append(ops,
				t.write(v, append(v.live(t.me.name), h)),
				consul.Op{Verb: "unlock", Key: t.servicePrefix(v.offered.name) + "slot/" + t.me.name, Value: encode(h), Session: t.lease.id},
			)
		}
		done, index, _, err := t.client.Txn(ctx, ops)
		if err != nil || done {
			return index, err
		}
		if err := pause(ctx, time.Duration(rand.IntN(40)+5)*time.Millisecond); err != nil {
			return 0, err
		}
	}
}

// undo ends what was begun and gives the place back. What cannot be ended is
// said: the node then stays in maintenance and counts as offline.
func (t *task) undo(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*t.timeout)
	defer cancel()
	found, err := t.maintenances(ctx)
	for _, m := range found {
		if m.ours && err == nil && slices.Contains(t.began, m.id) {
			err = t.maintain(ctx, m.id, false, "")
		}
	}
	if err != nil {
		return module.Failf("%s; the maintenance could not be ended again (%s), so the node counts as offline until it is", cause.Error(), err.Error())
	}
	if err := t.shown(ctx, t.began, false); err == nil {
		_ = t.giveBack(ctx)
	}
	return cause
}

// pause sleeps.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
