package consulmaintmode

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/churten/churten/modules/kit/consul"
	"github.com/churten/churten/modules/kit/module"
)

// claim takes the places of all services in one transaction, which also
// removes the dead, and cannot go while the stop key is there.
func (t *task) claim(ctx context.Context, w *world, out *outcome) (done bool, why []string, err error) {
	l, err := t.open(ctx)
	if err != nil {
		return false, nil, err
	}
	var ops []consul.Op
	if t.breakGlass == "" {
		ops = append(ops, consul.Op{Verb: "check-not-exists", Key: t.stopKey()})
	}
	for i, v := range w.views {
		h := out.holder
		h.Limit = out.answers[i].Limit
		if t.breakGlass != "" {
			h.Limit = v.limits.most(out.answers[i].Total)
		}
		prefix := t.servicePrefix(v.offered.name)
		ops = append(ops, t.bury(v, l.id)...)
		ops = append(ops,
			t.write(v, append(v.live(t.me.name), h)),
			consul.Op{Verb: "lock", Key: prefix + "slot/" + t.me.name, Value: encode(h), Session: l.id},
		)
		if v.waiting(l.id) {
			ops = append(ops, consul.Op{Verb: "delete", Key: prefix + "queue/" + l.id})
		}
	}
	if len(ops) > consul.MaxOps {
		return false, nil, module.Failf("%d services take %d operations in one transaction, and Consul allows %d: name fewer services", len(w.views), len(ops), consul.MaxOps)
	}
	done, _, why, err = t.client.Txn(ctx, ops)
	if strings.Contains(strings.Join(why, " "), "invalid session") {
		l.mu.Lock()
		l.lost = true
		l.mu.Unlock()
	}
	return done, why, err
}

// write is the compare-and-set of a service's record.
func (t *task) write(v *view, holders []holder) consul.Op {
	r := record{Holders: holders}
	for i, h := range holders {
		if i == 0 || h.Limit < r.Limit {
			r.Limit = h.Limit
		}
	}
	return consul.Op{Verb: "cas", Key: t.servicePrefix(v.offered.name) + "record", Value: encode(r), Index: v.index}
}

// bury removes the places of holders that are no more. Of one that died before
// it was done the place has to be locked first, which the server refuses as
// long as the lock delay lasts: such a holder may still be about to act.
func (t *task) bury(v *view, session string) []consul.Op {
	var ops []consul.Op
	for _, h := range v.record.Holders {
		slot := v.slots[h.Node]
		if h.Node == t.me.name || slot == nil || v.alive(h, v.maintained[h.Node]) {
			continue
		}
		if h.State == offline {
			ops = append(ops, consul.Op{Verb: "delete-cas", Key: slot.Key, Index: slot.ModifyIndex})
			continue
		}
		ops = append(ops, consul.Op{Verb: "lock", Key: slot.Key, Value: slot.Value, Session: session}, consul.Op{Verb: "delete", Key: slot.Key})
	}
	for _, p := range v.dead {
		if len(ops) < 8 { // the rest another time
			ops = append(ops, consul.Op{Verb: "delete-cas", Key: p.Key, Index: p.ModifyIndex})
		}
	}
	return ops
}

// delayed finds the node whose lock delay made a transaction fail.
func delayed(why []string) string {
	for _, w := range why {
		if strings.Contains(w, "lock delay") {
			_, rest, _ := strings.Cut(w, "/slot/")
			node, _, _ := strings.Cut(rest, ":")
			return node
		}
	}
	return ""
}

// giveBack removes the places that this call's session holds. One that cannot
// be removed dies with the session.
func (t *task) giveBack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.timeout)
	defer cancel()
	for {
		w, err := t.look(ctx)
		if err != nil {
			return err
		}
		var ops []consul.Op
		for _, v := range w.views {
			slot := v.slots[t.me.name]
			if slot != nil && t.lease != nil && slot.Session == t.lease.id {
				ops = append(ops, t.write(v, v.live(t.me.name)), consul.Op{Verb: "delete", Key: slot.Key})
			}
		}
		if len(ops) == 0 {
			return nil
		}
		if done, _, _, err := t.client.Txn(ctx, ops); err != nil || done {
			return err
		}
		if err := pause(ctx, time.Duration(rand.IntN(40)+5)*time.Millisecond); err != nil {
			return err
		}
	}
}
