// Package inventory knows the hosts and groups of a run: it reads inventory
// sources (one file per kind: ini.go, yaml.go, list.go, script.go), answers
// host patterns (pattern.go) and says which variables a host has, layer by
// layer (layers.go, dirs.go). Plugins of the reference are files that declare
// themselves (plugin.go); constructed and generator evaluate expressions.
//
// [Load] makes an [Inventory] of the sources of the command line. Hosts and
// groups can be added during the run (add_host, group_by); all methods of
// Inventory are safe for concurrent use. Variables are never merged here:
// [Inventory.Layers] hands out the dicts as they were read, lowest precedence
// first, and the vars package stacks them.
package inventory

import (
	"fmt"
	"sync"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/load"
)

// The groups that always are.
const (
	All       = "all"
	Ungrouped = "ungrouped"
)

// Host is one host of the inventory. Its fields are read through Inventory
// while a run may still add hosts.
type Host struct {
	Name string
	// Implicit is set on the localhost that no source names.
	Implicit bool

	file   string      // the source that names it first
	vars   *value.Dict // replaced, never changed, once loaded
	groups []*Group    // those that list it, in the order of the sources
	// computed are the variables that constructed gave it: their texts are
	// nobody's templates.
	computed map[string]bool

	gen    int // of the inventory, when sorted was made
	sorted []*Group
}

// Group is a set of hosts and groups.
type Group struct {
	Name     string
	Priority int // ansible_group_priority; higher wins among groups of one depth

	vars     *value.Dict
	hosts    []*Host
	has      map[*Host]bool
	children []*Group
	parents  []*Group
	depth    int
}

// Inventory is the hosts and groups of one run.
type Inventory struct {
	Warnings []Warning // of loading
	Sources  []string  // as given
	Parsed   bool      // some source could be read

	mu      sync.RWMutex
	hosts   map[string]*Host
	order   []*Host // in the order of their first mention
	groups  map[string]*Group
	ranks   []*Group // likewise
	gen     int      // counts changes of membership
	local   *Host    // the implicit localhost, made when first asked for
	loader  *load.Loader
	dirs    []string            // that hold group_vars and host_vars, of the sources
	playdir string              // likewise, of the playbook
	vars    map[string]*varsDir // by path; nil for folders that are not there
	shape   shape
	options Options
	// added does again, in another inventory, what the run did to this one.
	added []func(next *Inventory)
	// While sources are read: the source and the name its plugin was called
	// by, the plugins in turn and their names.
	reading, calledAs string
	chosen            []*plugin
	called            []string
	// asked holds what vars plugins said.
	asked map[string][]Layer
	// places are those of variables whose names mean something else.
	places map[*value.Dict]map[string]source.Pos
}

// New gives an inventory with the groups all and ungrouped only.
func New(loader *load.Loader) *Inventory {
	inv := &Inventory{hosts: map[string]*Host{}, groups: map[string]*Group{}, loader: loader}
	all, un := inv.group(All), inv.group(Ungrouped)
	_ = inv.adopt(all, un) // two empty groups make no circle
	return inv
}

// group finds or makes a group; the caller holds the lock or is alone.
func (inv *Inventory) group(name string) *Group {
	if g := inv.groups[name]; g != nil {
		return g
	}
	name = inv.safeName(name)
	g := inv.groups[name]
	if g == nil {
		g = &Group{Name: name, Priority: 1, vars: value.NewDict(0), has: map[*Host]bool{}}
		inv.groups[name] = g
		inv.ranks = append(inv.ranks, g)
		inv.gen++
	}
	return g
}

func (inv *Inventory) host(name string) *Host {
	h := inv.hosts[name]
	if h == nil {
		h = &Host{Name: name, vars: value.NewDict(2), gen: -1, file: inv.reading}
		inv.hosts[name] = h
		inv.order = append(inv.order, h)
		if isLocal(name) && inv.local == nil {
			inv.local = h // the other names of this host mean it too
		}
		inv.gen++
	}
	return h
}

// join puts h into g and reports whether it was not there.
func (inv *Inventory) join(g *Group, h *Host) bool {
	if g.has[h] {
		return false
	}
	g.has[h] = true
	g.hosts = append(g.hosts, h)
	if g.Name != All {
		h.groups = append(h.groups, g)
	}
	inv.gen++
	return true
}

func without[T comparable](list []T, item T) []T {
	out := make([]T, 0, len(list))
	for _, x := range list {
		if x != item {
			out = append(out, x)
		}
	}
	return out
}

// adopt makes child a child of parent.
func (inv *Inventory) adopt(parent, child *Group) error {
	if parent == child {
		return fmt.Errorf("can't add group to itself")
	}
	for _, c := range parent.children {
		if c == child {
			return nil
		}
	}
	if descends(parent, child, map[*Group]bool{}) {
		return fmt.Errorf("Adding group '%s' as child to '%s' creates a recursive dependency loop.", child.Name, parent.Name)
	}
	parent.children = append(parent.children, child)
	child.parents = append(child.parents, parent)
	inv.gen++
	return nil
}

// descends reports whether g lies under of.
func descends(g, of *Group, seen map[*Group]bool) bool {
	if g == of {
		return true
	}
	for _, p := range g.parents {
		if !seen[p] {
			seen[p] = true
			if descends(p, of, seen) {
				return true
			}
		}
	}
	return false
}

// settle brings the loaded groups in order: every group is under all, hosts
// without a group are in ungrouped and only those.
func (inv *Inventory) settle() error {
	all, un := inv.groups[All], inv.groups[Ungrouped]
	for _, g := range inv.ranks {
		if g != all && len(g.parents) == 0 {
			if err := inv.adopt(all, g); err != nil {
				return err // all is below g
			}
		}
	}
	drop := map[*Host]bool{}
	for _, h := range inv.order {
		switch {
		case len(h.groups) == 0:
			inv.join(un, h)
		case len(h.groups) > 1 && un.has[h]:
			drop[h] = true
		}
	}
	if len(drop) > 0 {
		kept := make([]*Host, 0, len(un.hosts))
		for _, h := range un.hosts {
			if drop[h] {
				delete(un.has, h)
				h.groups = without(h.groups, un)
			} else {
				kept = append(kept, h)
			}
		}
		un.hosts = kept
		inv.gen++
	}
	return nil
}

// setVar sets a variable while loading.
func setVar(vars *value.Dict, name string, v value.Value) { setKey(vars, value.Str(name), v) }

// setKey is setVar for a name that may be no text.
func setKey(vars *value.Dict, key, v value.Value) {
	vars.Set(key, v)
	vars.Lazy = vars.Lazy || lazy(v)
}

func lazy(v value.Value) bool {
	switch v := v.(type) {
	case *expr.Template, value.Thunk:
		return true
	case *value.Dict:
		return v.Lazy
	case *value.List:
		return v.Lazy
	}
	return false
}

// setVar sets a variable of a group; ansible_group_priority is not one.
func (g *Group) setVar(name string, v value.Value) error { return g.setKey(value.Str(name), v) }

func (g *Group) setKey(key, v value.Value) error {
	if key == value.Str("ansible_group_priority") {
		n, err := priority(v)
		if err != nil {
			return err
		}
		g.Priority = n
		return nil
	}
	setKey(g.vars, key, v)
	return nil
}
