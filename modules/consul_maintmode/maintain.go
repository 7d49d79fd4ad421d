package consulmaintmode

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/churten/churten/modules/kit/consul"
	"github.com/churten/churten/modules/kit/module"
)

// mark begins the reason of every maintenance that this module began.
const mark = "churten gate"

// maintenance is one that was found on the node.
type maintenance struct {
	id    string // of the service, "" for the node
	notes string
	ours  bool
}

// note is the reason that the maintenance carries: who, which run, when.
func (t *task) note(h holder) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: since %s by %s", mark, h.Since, h.By)
	if h.Run != "" {
		b.WriteString(", run " + h.Run)
	}
	if h.Reason != "" {
		b.WriteString(": " + h.Reason)
	}
	if h.BreakGlass != "" {
		b.WriteString(" (break-glass: " + h.BreakGlass + ")")
	}
	return b.String()
}

// maintenances lists the node's own, and those of the services that take part.
func (t *task) maintenances(ctx context.Context) ([]maintenance, error) {
	checks := map[string]consul.Check{}
	if t.me.external != nil {
		list, _, err := t.client.NodeHealth(ctx, t.me.name, consistent)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			checks[c.CheckID] = c
		}
	} else {
		var err error
		if checks, err = t.client.AgentChecks(ctx); err != nil {
			return nil, err
		}
	}
	var out []maintenance
	add := func(id, check string) {
		if c, ok := checks[check]; ok {
			out = append(out, maintenance{id: id, notes: c.Notes, ours: strings.HasPrefix(c.Notes, mark)})
		}
	}
	add("", consul.NodeMaintenance)
	for _, o := range t.me.services {
		for _, id := range o.ids {
			add(id, consul.ServiceMaintenance+id)
		}
	}
	return out, nil
}

// targets are what is put in maintenance: IDs of services, or "" for the node.
func (t *task) targets(mode string) []string {
	if mode == "node" {
		return []string{""}
	}
	var ids []string
	for _, o := range t.me.services {
		ids = append(ids, o.ids...)
	}
	return ids
}

// maintain begins or ends the maintenance of one target.
func (t *task) maintain(ctx context.Context, id string, enable bool, note string) error {
	switch {
	case t.me.external != nil && enable:
		return t.client.Register(ctx, t.me.external, t.checkOf(id, note))
	case t.me.external != nil:
		return t.client.Deregister(ctx, t.me.name, t.checkOf(id, "").CheckID)
	case id == "":
		return t.client.MaintainNode(ctx, enable, note)
	}
	return t.client.MaintainService(ctx, id, enable, note)
}

// checkOf is the check that an agent would make.
func (t *task) checkOf(id, note string) consul.Check {
	c := consul.Check{Node: t.me.name, CheckID: consul.NodeMaintenance, Name: "Node Maintenance Mode", Status: "critical", Notes: note}
	if id != "" {
		c.CheckID, c.Name, c.ServiceID = consul.ServiceMaintenance+id, "Service Maintenance Mode", id
		c.ServiceName = t.me.external.Services[id].Service
	}
	return c
}

// shown waits until the catalogue shows all targets in maintenance, or none of
// them, as enable says.
func (t *task) shown(parent context.Context, targets []string, enable bool) error {
	ctx, cancel := context.WithTimeout(parent, t.timeout)
	defer cancel()
	q := consistent
	for {
		checks, meta, err := t.client.NodeHealth(ctx, t.me.name, q)
		if err != nil && parent.Err() == nil && ctx.Err() != nil {
			return module.Failf("the agent has taken the change, and the servers did not say within %s whether the catalogue shows it", t.timeout)
		}
		if err != nil {
			return err
		}
		there := map[string]bool{}
		for _, c := range checks {
			there[c.CheckID] = true
		}
		wrong := ""
		for _, id := range targets {
			check := consul.NodeMaintenance
			if id != "" {
				check = consul.ServiceMaintenance + id
			}
			if there[check] != enable {
				wrong = check
			}
		}
		if wrong == "" {
			return nil
		}
		if deadline, _ := ctx.Deadline(); time.Until(deadline) < 100*time.Millisecond {
			return module.Failf("the agent has taken the change of %s, and the catalogue does not show it after %s: the agent cannot reach the servers, or its own token lacks node:write or service:write", wrong, t.timeout)
		}
		q.Index, q.Wait = meta.Index, min(time.Second, t.timeout/4)
	}
}
