package consulmaintmode

import (
	"context"

	"github.com/churten/churten/modules/kit/consul"
)

// again goes on with a place that the node has: the same run gets the fence it
// had, another run a new one, so that the one before can no longer pass for
// the holder.
func (t *task) again(ctx context.Context, out *outcome, first holder) (*outcome, bool, error) {
	out.granted, out.resumed, out.holder = true, true, first
	out.reason = "the node is offline already, for " + first.name()
	same := t.run != "" && first.Run == t.run
	if !same && !t.resume {
		out.granted, out.resumed = false, false
		return out, false, nil
	}
	for i := range out.answers {
		out.answers[i].WaitingFor = nil
	}
	if same && first.State == offline {
		for _, v := range out.world.views {
			out.fence = max(out.fence, v.slots[t.me.name].ModifyIndex)
		}
		return out, false, nil
	}
	if t.check {
		return out, false, nil
	}
	var ops []consul.Op
	for _, v := range out.world.views {
		h, _ := v.own(t.me.name)
		h.State, h.Run, h.By, h.Reason, h.Since = offline, t.run, t.by, t.reason, now()
		slot := v.slots[t.me.name]
		ops = append(ops,
			t.write(v, append(v.live(t.me.name), h)),
			consul.Op{Verb: "cas", Key: slot.Key, Value: encode(h), Index: slot.ModifyIndex},
		)
		out.holder = h
	}
	done, index, _, err := t.client.Txn(ctx, ops)
	if err != nil || !done {
		return nil, !done, err
	}
	out.fence = index
	return out, false, nil
}
