package inventory

import (
	"path/filepath"
	"slices"

	"github.com/churten/churten/jinja/value"
)

// Layer is a dict of variables and where it comes from: a file, or
// "inventory" for what the sources themselves say.
type Layer struct {
	Origin string
	Vars   *value.Dict
}

const fromSources = "inventory"

// SetPlaybookDir says where the playbook's own group_vars and host_vars are.
func (inv *Inventory) SetPlaybookDir(dir string) {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	inv.mu.Lock()
	inv.playdir = dir
	inv.mu.Unlock()
}

// Dirs gives the folders in which group_vars and host_vars of the inventory are.
func (inv *Inventory) Dirs() []string { return slices.Clone(inv.dirs) }

// Layers gives the variables of a host, lowest precedence first: those the
// sources give all, then its groups; group_vars/all beside the inventory and
// beside the playbook; group_vars of its groups likewise; those the sources
// give the host; host_vars beside the inventory and beside the playbook. This
// is the order of "Understanding variable precedence" with the default
// VARIABLE_PRECEDENCE. Files are read when first needed.
func (inv *Inventory) Layers(h *Host) ([]Layer, error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	var out []Layer
	add := func(origin string, vars *value.Dict) {
		if vars.Len() > 0 {
			out = append(out, Layer{origin, vars})
		}
	}
	groups := inv.groupsOf(h)
	for _, g := range groups { // all comes first: its depth is 0
		add(fromSources, g.vars)
	}
	inventory, playbook := inv.bases()
	for _, names := range [][]string{{All}, groupNames(groups)} {
		for _, bases := range [][]string{inventory, playbook} {
			more, err := inv.fromDirs(bases, "group_vars", names)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	}
	add(fromSources, h.vars)
	for _, bases := range [][]string{inventory, playbook} {
		more, err := inv.fromDirs(bases, "host_vars", []string{h.Name})
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

func groupNames(groups []*Group) []string {
	names := make([]string, 0, len(groups))
	for _, g := range groups {
		if g.Name != All {
			names = append(names, g.Name)
		}
	}
	return names
}

// bases gives the folders of the inventory and that of the playbook.
func (inv *Inventory) bases() (inventory, playbook []string) {
	if inv.playdir != "" {
		playbook = []string{inv.playdir}
	}
	return inv.dirs, playbook
}

// fromDirs gives the variables of names in the folders kind of bases: name by
// name, since a later group goes before any folder's order.
func (inv *Inventory) fromDirs(bases []string, kind string, names []string) ([]Layer, error) {
	var out []Layer
	for _, base := range bases {
		dir := inv.varsDir(base, kind)
		if dir == nil {
			continue
		}
		for _, name := range names {
			more, err := dir.layers(inv.loader, name)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	}
	return out, nil
}

func (inv *Inventory) varsDir(base, kind string) *varsDir {
	if inv.vars == nil {
		inv.vars = map[string]*varsDir{}
	}
	key := filepath.Join(base, kind)
	d, known := inv.vars[key]
	if !known {
		d = openVarsDir(base, kind)
		inv.vars[key] = d
	}
	return d
}
