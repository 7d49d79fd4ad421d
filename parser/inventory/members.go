package inventory

import (
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// shape is what follows from the tree of groups, kept until that changes.
type shape struct {
	gen     int
	members map[*Group][]*Host
}

func priority(v value.Value) (int, error) {
	switch v := v.(type) {
	case value.Float:
		return int(v), nil
	case value.Bool:
		if v {
			return 1, nil
		}
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(value.Text(v)))
	if err != nil {
		return 0, fmt.Errorf("invalid literal for int() with base 10: %s", value.Repr(v))
	}
	return n, nil
}

// refresh recomputes what depends on the tree. The lock is held for writing.
func (inv *Inventory) refresh() {
	if inv.shape.members != nil && inv.shape.gen == inv.gen {
		return
	}
	inv.shape = shape{gen: inv.gen, members: map[*Group][]*Host{}}
	depths := map[*Group]int{}
	for _, g := range inv.ranks {
		g.depth = depth(g, depths)
	}
}

func depth(g *Group, known map[*Group]int) int {
	if d, ok := known[g]; ok {
		return d
	}
	d := 0
	for _, p := range g.parents {
		d = max(d, depth(p, known)+1)
	}
	known[g] = d
	return d
}

// membersOf gives the hosts of g and the groups below it, in inventory order.
func (inv *Inventory) membersOf(g *Group) []*Host {
	inv.refresh()
	if hosts, ok := inv.shape.members[g]; ok {
		return hosts
	}
	var hosts []*Host
	seen := map[*Host]bool{}
	for _, sub := range descendants(g) {
		for _, h := range sub.hosts {
			if !seen[h] {
				seen[h] = true
				hosts = append(hosts, h)
			}
		}
	}
	inv.shape.members[g] = hosts
	return hosts
}

// descendants gives g and the groups below it, level by level.
func descendants(g *Group) []*Group {
	out := []*Group{g}
	seen := map[*Group]bool{g: true}
	for i := 0; i < len(out); i++ {
		for _, c := range out[i].children {
			if !seen[c] {
				seen[c] = true
				out = append(out, c)
			}
		}
	}
	return out
}

// groupsOf gives all groups h is in, lowest precedence first: by depth, then
// priority, then name.
func (inv *Inventory) groupsOf(h *Host) []*Group {
	inv.refresh()
	if h.gen == inv.gen {
		return h.sorted
	}
	seen := map[*Group]bool{}
	var out []*Group
	var add func(g *Group)
	add = func(g *Group) {
		if seen[g] {
			return
		}
		seen[g] = true
		out = append(out, g)
		for _, p := range g.parents {
			add(p)
		}
	}
	for _, g := range h.groups {
		add(g)
	}
	if len(h.groups) == 0 {
		add(inv.groups[All])
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.depth != b.depth {
			return a.depth < b.depth
		}
		if a.Priority != b.Priority {
			return a.Priority < b.Priority
		}
		return a.Name < b.Name
	})
	h.sorted, h.gen = out, inv.gen
	return out
}

// Host finds a host by name. localhost is there even if no source names it.
func (inv *Inventory) Host(name string) *Host {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if h := inv.hosts[name]; h != nil {
		return h
	}
	if isLocal(name) {
		return inv.localhost(name)
	}
	return nil
}

func isLocal(name string) bool { return name == "localhost" || name == "127.0.0.1" || name == "::1" }

// localhost gives the implicit localhost, which keeps the name it is first
// asked for by.
func (inv *Inventory) localhost(name string) *Host {
	if inv.local == nil {
		h := &Host{Name: name, Implicit: true, gen: -1}
		h.vars = value.DictOf("ansible_connection", value.Str("local"))
		if python := inv.options.Python; python != "" {
			h.vars.SetStr("ansible_python_interpreter", value.Str(python))
		}
		inv.local = h
	}
	return inv.local
}

// Source gives the file (or the list of hosts) that names a host first, and
// the directory it is in; both empty for what the run itself added.
func (inv *Inventory) Source(name string) (file, dir string) {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	h := inv.hosts[name]
	if h == nil || h.file == "" {
		return "", ""
	}
	if strings.Contains(h.file, ",") {
		return h.file, ""
	}
	return h.file, filepath.Dir(h.file)
}

// Hosts gives all hosts in the order in which all lists them, the implicit
// localhost not among them.
func (inv *Inventory) Hosts() []*Host { return inv.GroupHosts(All) }

// GroupHosts gives the hosts of a group and the groups below it.
func (inv *Inventory) GroupHosts(name string) []*Host {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	g := inv.groups[name]
	if g == nil {
		return nil
	}
	return slices.Clone(inv.membersOf(g))
}

// GroupNames gives the names of all groups in the order of their first mention.
func (inv *Inventory) GroupNames() []string {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	names := make([]string, len(inv.ranks))
	for i, g := range inv.ranks {
		names[i] = g.Name
	}
	return names
}

// HasGroup reports whether there is a group of that name.
func (inv *Inventory) HasGroup(name string) bool {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	return inv.groups[name] != nil
}

// Children gives the names of a group's own child groups.
func (inv *Inventory) Children(name string) []string {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	var names []string
	if g := inv.groups[name]; g != nil {
		for _, c := range g.children {
			names = append(names, c.Name)
		}
	}
	return names
}

// OwnHosts gives the names of the hosts that a group itself lists.
func (inv *Inventory) OwnHosts(name string) []string {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	var names []string
	if g := inv.groups[name]; g != nil {
		for _, h := range g.hosts {
			names = append(names, h.Name)
		}
	}
	return names
}

// GroupVars gives the variables that sources give a group.
func (inv *Inventory) GroupVars(name string) *value.Dict {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	if g := inv.groups[name]; g != nil {
		return g.vars
	}
	return nil
}

// HostVars gives the variables that sources give a host.
func (inv *Inventory) HostVars(h *Host) *value.Dict {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	return h.vars
}

// HostGroups gives the names of the groups a host is in, all left out, sorted:
// what group_names is.
func (inv *Inventory) HostGroups(h *Host) []string {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	var names []string
	for _, g := range inv.groupsOf(h) {
		if g.Name != All {
			names = append(names, g.Name)
		}
	}
	sort.Strings(names)
	return names
}

// Generation changes whenever a host or group is added or moved.
func (inv *Inventory) Generation() int {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	return inv.gen
}

// Ambiguous tells which of names are those of a host and of a group, too.
func (inv *Inventory) Ambiguous(names ...string) []string {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	var both []string
	for _, name := range names {
		if inv.hosts[name] != nil && inv.groups[name] != nil {
			both = append(both, name)
		}
	}
	return both
}

// AddHost is add_host: it adds or finds a host, puts it into groups and sets
// variables over those it has. It reports whether anything changed.
func (inv *Inventory) AddHost(name string, groups []string, vars *value.Dict) (h *Host, changed bool) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.added = append(inv.added, func(next *Inventory) { next.AddHost(name, groups, vars) })
	if inv.hosts[name] == nil {
		changed = true
	}
	h = inv.host(name)
	if vars != nil && vars.Len() > 0 {
		merged := h.vars.Clone()
		for k, v := range vars.All() {
			if old, ok := merged.Get(k); !ok || value.Repr(old) != value.Repr(v) {
				changed = true
			}
			merged.Set(k, v)
		}
		merged.Lazy = merged.Lazy || vars.Lazy
		h.vars = merged
	}
	for _, name := range groups {
		if name != "all" { // where every host is
			changed = inv.enter(name, nil, h) || changed
		}
	}
	_ = inv.settle() // loops were refused when they were loaded
	return h, changed
}

// AddToGroup is group_by: it puts a host into a group, made if need be under
// the parents named. It reports whether anything changed.
func (inv *Inventory) AddToGroup(h *Host, name string, parents []string) (changed bool) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.added = append(inv.added, func(next *Inventory) {
		if again := next.hosts[h.Name]; again != nil {
			next.AddToGroup(again, name, parents)
		}
	})
	changed = inv.enter(name, parents, h)
	_ = inv.settle()
	return changed
}

func (inv *Inventory) enter(name string, parents []string, h *Host) (changed bool) {
	if inv.groups[name] == nil {
		changed = true
	}
	g := inv.group(name)
	for _, parent := range parents {
		p := inv.group(parent)
		n := len(p.children)
		if err := inv.adopt(p, g); err == nil {
			changed = changed || len(p.children) > n
		}
	}
	return inv.join(g, h) || changed
}
