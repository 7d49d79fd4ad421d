package app

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/inventory"
)

// preorder lists all groups, each once, a parent before its children.
func (v *inventoryView) preorder() []string {
	var out []string
	seen := map[string]bool{}
	todo := []string{inventory.All}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[name] {
			continue
		}
		seen[name] = true
		out = append(out, name)
		below := slices.Clone(v.inv.Children(name))
		slices.Reverse(below)
		todo = append(todo, below...)
	}
	return out
}

// set sets what is not empty.
func set(d *value.Dict, key string, x value.Value) {
	if value.Truth(x) {
		d.SetStr(key, x)
	}
}

// within gives the hosts that a group itself lists and the limit leaves. The
// group all lists none: its hosts stand in others.
func (v *inventoryView) within(group string) []string {
	if group == inventory.All {
		return nil
	}
	return slices.DeleteFunc(v.inv.OwnHosts(group), func(h string) bool { return !v.available[h] })
}

// exported adds a group's variables where they are asked for.
func (v *inventoryView) exported(d *value.Dict, group string) error {
	if !v.export {
		return nil
	}
	vars, err := v.groupVars(group)
	if err == nil {
		set(d, "vars", vars)
	}
	return err
}

// jsonTree is the inventory as scripts answer it: groups side by side, the
// hosts' variables in _meta.
func (v *inventoryView) jsonTree(hosts []*inventory.Host) (*value.Dict, error) {
	out := value.NewDict(16)
	for _, name := range v.preorder() {
		g := value.DictOf()
		set(g, "hosts", value.Strings(v.within(name)...))
		set(g, "children", value.Strings(v.inv.Children(name)...))
		if err := v.exported(g, name); err != nil {
			return nil, err
		}
		set(out, name, g)
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

// hostList gives hosts with their variables; each has them only where it comes
// first.
type hostList struct {
	*inventoryView
	shown map[string]bool
}

func (l *hostList) of(group string) (*value.Dict, error) {
	out := value.NewDict(4)
	for _, h := range l.within(group) {
		vars := value.NewDict(0)
		if !l.shown[h] {
			l.shown[h] = true
			var err error
			if vars, err = l.hostVars(l.inv.Host(h)); err != nil {
				return nil, err
			}
		}
		out.SetStr(h, vars)
	}
	return out, nil
}

// yamlTree is the inventory as YAML inventories are written: groups in groups.
// A group's members stand where it comes first; elsewhere it is only named.
func (v *inventoryView) yamlTree() (*value.Dict, error) {
	hosts := &hostList{inventoryView: v, shown: map[string]bool{}}
	shown := map[string]bool{}
	var body func(name string) (*value.Dict, error)
	body = func(name string) (*value.Dict, error) {
		children := value.NewDict(4)
		for _, c := range v.inv.Children(name) {
			if shown[c] {
				children.SetStr(c, value.NewDict(0))
				continue
			}
			inner, err := body(c)
			if err != nil {
				return nil, err
			}
			shown[c] = true
			set(children, c, inner)
		}
		own, err := hosts.of(name)
		if err != nil {
			return nil, err
		}
		g := value.DictOf()
		set(g, "children", children)
		set(g, "hosts", own)
		return g, v.exported(g, name)
	}
	all, err := body(inventory.All)
	if err != nil {
		return nil, err
	}
	out := value.NewDict(1)
	set(out, inventory.All, all)
	return out, nil
}

// tomlTree is the inventory as TOML inventories are written: a table for each
// group, in the order of the tree, without empty ones.
func (v *inventoryView) tomlTree() (*value.Dict, error) {
	empty := func(group string) bool { return group == inventory.Ungrouped && len(v.inv.OwnHosts(group)) == 0 }
	order := slices.DeleteFunc(v.preorder(), empty)
	hosts := &hostList{inventoryView: v, shown: map[string]bool{}}
	tables := map[string]*value.Dict{}
	// Variables go to the innermost group that comes first: what is below is
	// made before what is above.
	var fill func(name string) error
	fill = func(name string) error {
		children := slices.DeleteFunc(slices.Clone(v.inv.Children(name)), empty)
		for _, c := range children {
			if err := fill(c); err != nil {
				return err
			}
		}
		g := value.DictOf()
		if name != inventory.All {
			set(g, "children", value.Strings(children...))
		}
		own, err := hosts.of(name)
		if err != nil {
			return err
		}
		set(g, "hosts", own)
		tables[name] = g
		return v.exported(g, name)
	}
	if err := fill(inventory.All); err != nil {
		return nil, err
	}
	out := value.NewDict(len(order))
	for _, name := range order {
		set(out, name, tables[name])
	}
	return out, nil
}

type plainError string

func (e plainError) Error() string { return string(e) }

// drawing is a tree of groups under way, a line each.
type drawing struct {
	*inventoryView
	lines []string
}

// graph draws the groups below one.
func (v *inventoryView) graph() (string, error) {
	top := v.o.Group
	if top == "" {
		top = inventory.All
	}
	if !v.inv.HasGroup(top) {
		return "", &OptionsError{plainError("Pattern must be valid group name when using --graph")}
	}
	d := &drawing{inventoryView: v}
	err := d.group(top, 0)
	return strings.Join(d.lines, "\n"), err
}

func (d *drawing) line(depth int, text string) {
	if depth > 0 {
		text = strings.Repeat("  |", depth) + "--" + text
	}
	d.lines = append(d.lines, text)
}

func (d *drawing) group(name string, depth int) error {
	d.line(depth, "@"+name+":")
	for _, c := range d.inv.Children(name) {
		if err := d.group(c, depth+1); err != nil {
			return err
		}
	}
	if name != inventory.All {
		for _, h := range d.inv.OwnHosts(name) {
			d.line(depth+1, h)
			if err := d.vars(depth+2, func() (*value.Dict, error) { return d.hostVars(d.inv.Host(h)) }); err != nil {
				return err
			}
		}
	}
	return d.vars(depth+1, func() (*value.Dict, error) { return d.groupVars(name) })
}

// vars draws variables, sorted, where they are asked for.
func (d *drawing) vars(depth int, get func() (*value.Dict, error)) error {
	if !d.o.Vars {
		return nil
	}
	vars, err := get()
	if err != nil {
		return err
	}
	names, err := value.Sorted(vars.Keys(), false)
	if err != nil {
		return err
	}
	for _, n := range names {
		x, _ := vars.Get(n)
		if x, err = d.plain(x, forGraph); err != nil {
			return err
		}
		d.line(depth, "{"+value.Text(n)+" = "+value.Text(x)+"}")
	}
	return nil
}
