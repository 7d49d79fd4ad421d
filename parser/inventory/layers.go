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
	// Computed are the variables in it that expressions made, not a user's text.
	Computed map[string]bool
	// HostFile says that it is a file of the host's own, in host_vars.
	HostFile bool
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

// precedence is VARIABLE_PRECEDENCE of the reference.
var precedence = []string{"all_inventory", "groups_inventory", "all_plugins_inventory", "all_plugins_play", "groups_plugins_inventory", "groups_plugins_play"}

// IsLevel reports whether a name is one of VARIABLE_PRECEDENCE.
func IsLevel(name string) bool { return slices.Contains(precedence, name) }

// Layers gives the variables of a host, lowest precedence first: those the
// sources give all, then its groups; group_vars/all beside the inventory and
// beside the playbook; group_vars of its groups likewise; those the sources
// give the host; host_vars beside the inventory and beside the playbook. This
// is the order of "Understanding variable precedence" with the default
// VARIABLE_PRECEDENCE. Files are read when first needed.
func (inv *Inventory) Layers(h *Host) ([]Layer, error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.layers(h, inv.playbook())
}

// LayersBeside is Layers with other folders than the playbook's.
func (inv *Inventory) LayersBeside(h *Host, dirs []string) ([]Layer, error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.layers(h, dirs)
}

func (inv *Inventory) layers(h *Host, playbook []string) ([]Layer, error) {
	var out []Layer
	groups := inv.groupsOf(h)
	order := inv.options.Precedence
	if order == nil {
		order = precedence
	}
	for _, level := range order {
		more, err := inv.groupLevel(level, groups, playbook)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	own, err := inv.own(h, playbook)
	for _, l := range own {
		l.HostFile = l.Origin != fromSources
		out = append(out, l)
	}
	return out, err
}

// groupLevel gives one level of VARIABLE_PRECEDENCE.
func (inv *Inventory) groupLevel(level string, groups []*Group, playbook []string) ([]Layer, error) {
	switch level {
	case "all_inventory":
		return inv.atStart(layer(inv.groups[All].vars, nil), "group_vars", All)
	case "groups_inventory":
		var out []Layer
		for _, g := range groups {
			if g.Name == All {
				continue
			}
			more, err := inv.atStart(layer(g.vars, nil), "group_vars", g.Name)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		return out, nil
	case "all_plugins_inventory":
		return inv.fromDirs(inv.dirs, "group_vars", []string{All})
	case "all_plugins_play":
		return inv.fromDirs(playbook, "group_vars", []string{All})
	case "groups_plugins_inventory":
		return inv.fromDirs(inv.dirs, "group_vars", groupNames(groups))
	case "groups_plugins_play":
		return inv.fromDirs(playbook, "group_vars", groupNames(groups))
	}
	return nil, nil // the reference passes over levels it does not know, with a warning
}

// atStart gives out, which is what the sources say of name, with what counts as
// said by them behind it: files where those are read with the inventory, and
// vars plugins that run with it.
func (inv *Inventory) atStart(out []Layer, kind, name string) ([]Layer, error) {
	if inv.options.AtStart {
		more, err := inv.files(inv.dirs, kind, []string{name})
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	more, err := inv.pluginLayers(inv.dirs, kind, []string{name}, true)
	return append(out, more...), err
}

func layer(vars *value.Dict, computed map[string]bool) []Layer {
	if vars.Len() == 0 {
		return nil
	}
	return []Layer{{Origin: fromSources, Vars: vars, Computed: computed}}
}

// own gives what sources and files say of a host itself.
func (inv *Inventory) own(h *Host, playbook []string) ([]Layer, error) {
	if h.Implicit { // not there yet when those of the start were asked
		return inv.later(layer(h.vars, h.computed), "host_vars", h.Name, playbook)
	}
	return inv.withFiles(layer(h.vars, h.computed), "host_vars", h.Name, playbook)
}

// withFiles gives out with the layers of name's files behind it.
func (inv *Inventory) withFiles(out []Layer, kind, name string, playbook []string) ([]Layer, error) {
	out, err := inv.atStart(out, kind, name)
	if err != nil {
		return nil, err
	}
	return inv.later(out, kind, name, playbook)
}

// later is withFiles without what is read with the inventory.
func (inv *Inventory) later(out []Layer, kind, name string, playbook []string) ([]Layer, error) {
	for _, dirs := range [][]string{inv.dirs, playbook} {
		more, err := inv.fromDirs(dirs, kind, []string{name})
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// OwnLayers gives what sources and files say of a host itself, without its groups.
// With playbook those beside the playbook count too.
func (inv *Inventory) OwnLayers(h *Host, playbook bool) ([]Layer, error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.own(h, inv.playbookIf(playbook))
}

// GroupLayers gives what sources and files say of a group itself.
func (inv *Inventory) GroupLayers(name string, playbook bool) ([]Layer, error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	g := inv.groups[name]
	if g == nil {
		return nil, nil
	}
	return inv.withFiles(layer(g.vars, nil), "group_vars", name, inv.playbookIf(playbook))
}

// Priority gives a group's ansible_group_priority.
func (inv *Inventory) Priority(name string) int {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	if g := inv.groups[name]; g != nil {
		return g.Priority
	}
	return 1
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

// playbook gives the playbook's folder, if there is one.
func (inv *Inventory) playbook() []string {
	if inv.playdir == "" {
		return nil
	}
	return []string{inv.playdir}
}

func (inv *Inventory) playbookIf(wanted bool) []string {
	if !wanted {
		return nil
	}
	return inv.playbook()
}

// fromDirs gives what files and vars plugins say of names below bases, where
// they are not asked with the inventory.
func (inv *Inventory) fromDirs(bases []string, kind string, names []string) ([]Layer, error) {
	var out []Layer
	if !inv.options.AtStart {
		var err error
		if out, err = inv.files(bases, kind, names); err != nil {
			return nil, err
		}
	}
	more, err := inv.pluginLayers(bases, kind, names, false)
	return append(out, more...), err
}

// besideSources gives what files and vars plugins say of names beside the
// sources, whenever they are asked.
func (inv *Inventory) besideSources(kind string, names []string) ([]Layer, error) {
	var out []Layer
	for _, name := range names {
		more, err := inv.atStart(nil, kind, name)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	more, err := inv.fromDirs(inv.dirs, kind, names)
	return append(out, more...), err
}

// files gives the variables of names in the folders kind of bases: name by
// name, since a later group goes before any folder's order.
func (inv *Inventory) files(bases []string, kind string, names []string) ([]Layer, error) {
	if inv.options.NoFiles {
		return nil, nil
	}
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
		d = inv.openVarsDir(base, kind)
		inv.vars[key] = d
	}
	return d
}
