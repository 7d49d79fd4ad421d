package consulmaintmode

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/churten/churten/modules/kit/consul"
	"github.com/churten/churten/modules/kit/module"
)

// serfHealth is the check by which Consul tells whether a node's agent answers.
const serfHealth = "serfHealth"

// member is the node that the task is about.
type member struct {
	name     string
	external *consul.Node // set for a node without an agent
	services []offered    // in the order of their names
}

// offered is a service of the node that takes part in the decision.
type offered struct {
	name   string
	ids    []string
	tags   []string
	limits limits
}

// identify finds out which node this is, and what it offers.
func (t *task) identify(ctx context.Context) (*member, error) {
	self, err := t.client.Self(ctx)
	if err != nil {
		return nil, err
	}
	m := &member{name: self.Node}
	var services map[string]consul.Service
	if t.node == "" || t.node == self.Node {
		services, err = t.client.AgentServices(ctx)
	} else {
		m.name = t.node
		if m.external, err = t.external(ctx, self.Node); err == nil {
			services = m.external.Services
		}
	}
	if err != nil {
		return nil, err
	}
	if m.services, err = t.offers(m.name, services); err != nil {
		return nil, err
	}
	return m, nil
}

// external finds a node that has no agent of its own.
func (t *task) external(ctx context.Context, asked string) (*consul.Node, error) {
	n, err := t.client.CatalogNode(ctx, t.node, consul.Query{Consistent: true})
	if err != nil {
		return nil, err
	}
	if n == nil {
		return nil, module.Failf("node %s is not in consul's catalogue (the agent at %s is %s's)", t.node, t.client.Addr(), asked)
	}
	checks, _, err := t.client.NodeHealth(ctx, t.node, consul.Query{Consistent: true})
	if err != nil {
		return nil, err
	}
	for _, c := range checks {
		if c.CheckID == serfHealth {
			return nil, module.Failf("node %s has an agent of its own (at %s), and the agent at %s is %s's: only its own can put it in maintenance, so consul_addr has to name that one", t.node, n.Node.Address, t.client.Addr(), asked)
		}
	}
	return n, nil
}

// offers picks the services that decide.
func (t *task) offers(node string, services map[string]consul.Service) ([]offered, error) {
	byName := map[string][]consul.Service{}
	for _, s := range services {
		// A sidecar goes and comes with the service it stands before.
		if s.Kind == "connect-proxy" {
			continue
		}
		byName[s.Service] = append(byName[s.Service], s)
	}
	var names []string
	for name := range byName {
		names = append(names, name)
	}
	sort.Strings(names)
	wanted := t.named
	if wanted == nil {
		for _, name := range names {
			if name != "consul" { // the servers' own
				wanted = append(wanted, named{name: name, tags: t.tags, limits: t.limits})
			}
		}
	}
	var out []offered
	for _, n := range wanted {
		o := offered{name: n.name, tags: n.tags, limits: n.limits}
		for _, s := range byName[n.name] {
			if tagged(s, n.tags) {
				o.ids = append(o.ids, s.ID)
			}
		}
		if len(o.ids) == 0 {
			if t.named == nil {
				continue
			}
			have := "none"
			if len(names) > 0 {
				have = strings.Join(names, ", ")
			}
			what := n.name
			if len(n.tags) > 0 {
				what += " with the tags " + strings.Join(n.tags, ", ")
			}
			return nil, module.Failf("service %s is not registered on node %s (registered: %s; a token without service:read sees none)", what, node, have)
		}
		sort.Strings(o.ids)
		out = append(out, o)
	}
	if len(out) == 0 {
		return nil, module.Failf("no service is registered on node %s, so there is nothing to decide by (a token without service:read sees none)", node)
	}
	// One order for all nodes.
	slices.SortFunc(out, func(a, b offered) int { return strings.Compare(a.name, b.name) })
	return out, nil
}

func tagged(s consul.Service, tags []string) bool {
	for _, tag := range tags {
		if !slices.Contains(s.Tags, tag) {
			return false
		}
	}
	return true
}

// view is the world as it was seen for one service.
type view struct {
	offered
	*service
	mine, others []instance
	maintained   map[string]bool // nodes whose instance is in maintenance
	instances    []consul.Instance
	healthIndex  uint64
}

// world is one look at everything that the decision rests on.
type world struct {
	views     []*view
	stop      *consul.Pair
	stopIndex uint64
}

// consistent has the leader answer, once it is sure that it still is.
var consistent = consul.Query{Consistent: true}

func (t *task) servicePrefix(name string) string { return t.prefix + "/service/" + name + "/" }
func (t *task) stopKey() string                  { return t.prefix + "/stop" }

// look reads the store first and the health after it: a holder is marked as
// offline only when the catalogue shows it, so whoever is offline in what we
// read of the store is in maintenance in what we read of the catalogue,
// or has come back in between, and then its record has changed under our
// compare-and-set.
func (t *task) look(ctx context.Context) (*world, error) {
	w := &world{}
	var meta consul.Meta
	var err error
	if w.stop, meta, err = t.client.Get(ctx, t.stopKey(), consistent); err != nil {
		return nil, err
	}
	w.stopIndex = meta.Index
	for _, o := range t.me.services {
		v := &view{offered: o}
		prefix := t.servicePrefix(o.name)
		pairs, meta, err := t.client.List(ctx, prefix, consistent)
		if err != nil {
			return nil, err
		}
		if v.service, err = parse(o.name, prefix, pairs); err != nil {
			return nil, module.Failf("%w", err)
		}
		v.seen = meta.Index
		if err := t.health(ctx, v); err != nil {
			return nil, err
		}
		w.views = append(w.views, v)
	}
	return w, nil
}

func (t *task) health(ctx context.Context, v *view) error {
	instances, meta, err := t.client.Health(ctx, v.offered.name, consistent)
	if err != nil {
		return err
	}
	v.healthIndex, v.instances = meta.Index, instances
	v.mine, v.others, v.maintained = nil, nil, map[string]bool{}
	for i := range instances {
		in := &instances[i]
		if !tagged(in.Service, v.tags) {
			continue
		}
		one := instanceOf(in)
		if one.Maintenance {
			v.maintained[one.Node] = true
		}
		if one.Node == t.me.name {
			v.mine = append(v.mine, one)
		} else {
			v.others = append(v.others, one)
		}
	}
	if len(v.mine) == 0 {
		lacking := "the agent has not told the servers of it yet, or the token lacks service:read or node:read"
		if meta.Filtered {
			lacking = "the token lacks service:read or node:read"
		}
		return module.Failf("service %s of node %s is not in the catalogue: %s", v.offered.name, t.me.name, lacking)
	}
	if meta.Filtered {
		return module.Failf("the token does not see all instances of service %s, so they cannot be counted: it lacks service:read or node:read", v.offered.name)
	}
	return nil
}

func instanceOf(in *consul.Instance) instance {
	one := instance{Node: in.Node.Node, ID: in.Service.ID, Health: "passing"}
	for _, c := range in.Checks {
		switch {
		case c.CheckID == consul.NodeMaintenance, strings.HasPrefix(c.CheckID, consul.ServiceMaintenance):
			one.Maintenance = true
		case c.CheckID == serfHealth && c.Status == "critical":
			one.Gone = true
		}
		if c.Status == "critical" || c.Status == "warning" && one.Health == "passing" {
			one.Health = c.Status
		}
	}
	return one
}

// live lists the others that hold a place.
func (v *view) live(node string) []holder {
	var out []holder
	for _, h := range v.record.Holders {
		if h.Node != node && v.alive(h, v.maintained[h.Node]) {
			out = append(out, h)
		}
	}
	return out
}

// own gives this node's entry in the record.
func (v *view) own(node string) (holder, bool) {
	for _, h := range v.record.Holders {
		if h.Node == node {
			return h, true
		}
	}
	return holder{}, false
}

// question is what decide is asked for a service.
// With the place in hand nobody is ahead any more.
func (t *task) question(v *view, inHand bool) question {
	q := question{
		Service: v.offered.name, Node: t.me.name, Mine: v.mine, Others: v.others, Holders: v.live(t.me.name),
		Limits: v.limits, Broken: t.breakGlass != "",
	}
	if inHand {
		return q
	}
	session := ""
	if t.lease != nil {
		session = t.lease.id
	}
	q.Ahead = v.ahead(t.me.name, session)
	// A holder is no longer one who waits.
	q.Ahead = slices.DeleteFunc(q.Ahead, func(n string) bool {
		return slices.ContainsFunc(q.Holders, func(h holder) bool { return h.Node == n })
	})
	return q
}

// verdict is the decision for all services of the node.
type verdict struct {
	granted bool
	reason  string
	answers []answer
	worst   int // the answer that decided
}

// judge decides for all services: all or none.
func (t *task) judge(w *world, inHand bool) verdict {
	v := verdict{granted: true}
	tightest := 0
	for i, view := range w.views {
		a := decide(t.question(view, inHand))
		v.answers = append(v.answers, a)
		if !a.Granted && v.granted {
			v.granted, v.worst, v.reason = false, i, a.Reason
		}
		room, least := a.Limit-len(a.Offline), v.answers[tightest].Limit-len(v.answers[tightest].Offline)
		if room < least {
			tightest = i
		}
	}
	if v.granted {
		v.worst = tightest
		reasons := make([]string, len(v.answers))
		for i := range v.answers {
			reasons[i] = v.answers[i].Reason
		}
		v.reason = strings.Join(reasons, "; ")
	}
	if w.stop != nil {
		said := "all grants are stopped by the key " + t.stopKey()
		if len(w.stop.Value) > 0 {
			said += ": " + string(w.stop.Value)
		}
		if t.breakGlass == "" {
			v.granted, v.reason = false, said
		} else {
			v.reason = "break-glass, although " + said + "; " + v.reason
		}
	}
	return v
}
