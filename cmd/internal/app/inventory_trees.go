package app

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/inventory"
)

// jsonTree is the inventory as scripts answer it: groups side by side.
func (v *inventoryView) jsonTree(hosts []*inventory.Host) (*value.Dict, error) {
	out := value.NewDict(16)
	seen := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		if seen[name] {
			return nil
		}
		seen[name] = true
		g := value.NewDict(3)
		if name != inventory.All {
			set(g, "hosts", value.Strings(v.within(name)...))
		}
		children := v.inv.Children(name)
		set(g, "children", value.Strings(children...))
		if v.export {
			vars, err := v.groupVars(name)
			if err != nil {
				return err
			}
			set(g, "vars", vars)
		}
		set(out, name, g)
		for _, c := range children {
			if err := add(c); err != nil {
				return err
			}
		}
		return nil
	}
	if err := add(inventory.All); err != nil {
		return nil, err
	}
	all := value.NewDict(len(hosts))
	for _, h := range hosts {
		vars, err := v.hostVars(h)
		if err != nil {
			return nil, err
		}
		set(all, h.Name, vars)
	}
	out.SetStr("_meta", value.DictOf("hostvars", all, "profile", value.Str("inventory_legacy")))
	return out, nil
}

// set sets what is not empty.
func set(d *value.Dict, key string, v value.Value) {
	if value.Truth(v) {
		d.SetStr(key, v)
	}
}

// within gives the hosts that a group itself lists and the limit leaves.
func (v *inventoryView) within(group string) []string {
	return slices.DeleteFunc(v.inv.OwnHosts(group), func(h string) bool { return !v.available[h] })
}

// yamlTree is the inventory as YAML inventories are written: groups in groups.
// A host's variables stand where it comes first, so do a group's members.
func (v *inventoryView) yamlTree(name string, seenHosts, seenGroups map[string]bool) (*value.Dict, error) {
	g, children, hosts := value.NewDict(3), value.NewDict(4), value.NewDict(4)
	for _, c := range v.inv.Children(name) {
		if seenGroups[c] {
			children.SetStr(c, value.NewDict(0))
			continue
		}
		sub, err := v.yamlTree(c, seenHosts, seenGroups)
		if err != nil {
			return nil, err
		}
		for k, x := range sub.All() {
			children.Set(k, x)
		}
		seenGroups[c] = true
	}
	set(g, "children", children)
	if name != inventory.All {
		for _, h := range v.within(name) {
			vars, err := v.firstVars(h, seenHosts)
			if err != nil {
				return nil, err
			}
			hosts.SetStr(h, vars)
		}
	}
	set(g, "hosts", hosts)
	if v.export {
		vars, err := v.groupVars(name)
		if err != nil {
			return nil, err
		}
		set(g, "vars", vars)
	}
	out := value.NewDict(1)
	set(out, name, g)
	return out, nil
}

// firstVars gives a host's variables the first time it is asked for them.
func (v *inventoryView) firstVars(host string, seen map[string]bool) (*value.Dict, error) {
	if seen[host] {
		return value.NewDict(0), nil
	}
	seen[host] = true
	return v.hostVars(v.inv.Host(host))
}

// tomlTree is the inventory as TOML inventories are written.
func (v *inventoryView) tomlTree() (*value.Dict, error) {
	out := value.NewDict(16)
	seen := map[string]bool{}
	hasUngrouped := len(v.inv.OwnHosts(inventory.Ungrouped)) > 0
	var add func(into *value.Dict, name string) error
	add = func(into *value.Dict, name string) error {
		g := value.NewDict(3)
		into.SetStr(name, g) // its place is before its children's
		var children []string
		for _, c := range v.inv.Children(name) {
			if c == inventory.Ungrouped && !hasUngrouped {
				continue
			}
			if name != inventory.All {
				children = append(children, c)
			}
			if err := add(into, c); err != nil {
				return err
			}
		}
		set(g, "children", value.Strings(children...))
		if name != inventory.All {
			hosts := value.NewDict(4)
			for _, h := range v.within(name) {
				vars, err := v.firstVars(h, seen)
				if err != nil {
					return err
				}
				hosts.SetStr(h, vars)
			}
			set(g, "hosts", hosts)
		}
		if v.export {
			vars, err := v.groupVars(name)
			if err != nil {
				return err
			}
			set(g, "vars", vars)
		}
		if g.Len() == 0 {
			into.Delete(value.Str(name))
		} else {
			into.SetStr(name, g)
		}
		return nil
	}
	return out, add(out, inventory.All)
}

// graph draws the groups below one.
func (v *inventoryView) graph() (string, error) {
	start := v.o.Group
	if start == "" {
		start = inventory.All
	}
	if !v.inv.HasGroup(start) {
		return "", &OptionsError{plainError("Pattern must be valid group name when using --graph")}
	}
	var lines []string
	if err := v.graphGroup(&lines, start, 0); err != nil {
		return "", err
	}
	return strings.Join(lines, "\n"), nil
}

type plainError string

func (e plainError) Error() string { return string(e) }

func branch(depth int, text string) string {
	if depth == 0 {
		return text
	}
	return strings.Repeat("  |", depth) + "--" + text
}

func (v *inventoryView) graphGroup(lines *[]string, name string, depth int) error {
	*lines = append(*lines, branch(depth, "@"+name+":"))
	depth++
	for _, c := range v.inv.Children(name) {
		if err := v.graphGroup(lines, c, depth); err != nil {
			return err
		}
	}
	if name != inventory.All {
		for _, h := range v.inv.OwnHosts(name) {
			*lines = append(*lines, branch(depth, h))
			if v.o.Vars {
				vars, err := v.hostVars(v.inv.Host(h))
				if err != nil {
					return err
				}
				if err := v.graphVars(lines, vars, depth+1); err != nil {
					return err
				}
			}
		}
	}
	if !v.o.Vars {
		return nil
	}
	vars, err := v.groupVars(name)
	if err != nil {
		return err
	}
	return v.graphVars(lines, vars, depth)
}

func (v *inventoryView) graphVars(lines *[]string, vars *value.Dict, depth int) error {
	names, err := value.Sorted(vars.Keys(), false)
	if err != nil {
		return err
	}
	for _, n := range names {
		x, _ := vars.Get(n)
		x, err := v.plain(x, forGraph)
		if err != nil {
			return err
		}
		*lines = append(*lines, branch(depth, "{"+value.Text(n)+" = "+value.Text(x)+"}"))
	}
	return nil
}
