package vars

import (
	"slices"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/inventory"
)

// layers gives the inventory's variables of a host, lowest precedence first.
func (s *Store) layers(host string, task *plan.Task) ([]inventory.Layer, error) {
	h := s.Inventory.Host(host)
	if h == nil {
		return nil, nil // a delegate that no inventory names
	}
	if task == nil {
		return s.Inventory.Layers(h)
	}
	switch s.VarsRoot {
	case "all":
		return s.Inventory.LayersBeside(h, SearchPath(task, ""))
	case "bottom", "playbook_dir":
		return s.Inventory.LayersBeside(h, SearchPath(task, "")[:1])
	}
	return s.Inventory.Layers(h)
}

// groups is the variable groups: each group's hosts.
func (s *Store) groups() *value.Dict {
	gen := s.Inventory.Generation()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.groupsView != nil && s.groupsGen == gen {
		return s.groupsView
	}
	names := s.Inventory.GroupNames()
	d := value.NewDict(len(names))
	for _, name := range names {
		d.SetStr(name, value.Strings(hostNames(explicit(s.Inventory.GroupHosts(name), name))...))
	}
	s.groupsView, s.groupsGen = d, gen
	return d
}

// explicit leaves the implicit localhost out of all; groups it was put into
// have it.
func explicit(hosts []*inventory.Host, group string) []*inventory.Host {
	if group != inventory.All {
		return hosts
	}
	return slices.DeleteFunc(slices.Clone(hosts), func(h *inventory.Host) bool { return h.Implicit })
}

func (s *Store) groupsOf(host string) []string {
	h := s.Inventory.Host(host)
	if h == nil {
		return nil
	}
	var out []string
	for _, g := range s.Inventory.HostGroups(h) {
		if g != inventory.All {
			out = append(out, g)
		}
	}
	return out
}

func hostNames(hosts []*inventory.Host) []string {
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = h.Name
	}
	return names
}
