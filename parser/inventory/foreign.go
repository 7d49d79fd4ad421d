package inventory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// Foreign has the inventory plugins that are not native.
type Foreign interface {
	// Find gives the file of a plugin, "" if there is none of that name. The error
	// says that it was removed, or that nobody can tell.
	Find(name string) (string, error)
	// Verify reports whether a plugin takes a source.
	Verify(ctx context.Context, name, path string) (bool, error)
	// Parse lets a plugin read a source on top of what is known already. Both
	// have the form {hosts: [{name, vars}], groups: [{name, vars, hosts,
	// children}]}; what comes back holds all members, the variables that are new,
	// and an error that came after all that.
	Parse(ctx context.Context, name, path string, known *value.Dict) (*value.Dict, error)
}

// foreign makes a plugin of one that is not native; nil if there is none.
func (inv *Inventory) foreign(name string) (*plugin, error) {
	f := inv.options.Foreign
	if f == nil {
		return nil, nil
	}
	if path, err := f.Find(name); err != nil || path == "" {
		return nil, err
	}
	return &plugin{
		name: name,
		fits: func(*Inventory, string, os.FileInfo) bool { return true }, // read asks: it can tell of errors
		read: func(ctx context.Context, inv *Inventory, path string) error {
			ok, err := f.Verify(ctx, name, path)
			if err != nil {
				return err
			}
			if !ok {
				return &declined{name, path}
			}
			got, err := f.Parse(ctx, name, path, inv.known())
			if err != nil {
				return err
			}
			if err := inv.takeIn(got); err != nil {
				return err
			}
			if failed, _ := got.GetStr("error"); failed != nil && failed != value.Value(value.None) {
				return errors.New(value.Text(failed))
			}
			return nil
		},
	}, nil
}

// declined: a plugin does not take a source.
type declined struct{ plugin, path string }

func (e *declined) Error() string {
	return fmt.Sprintf("inventory source '%s' could not be verified by inventory plugin '%s'", e.path, e.plugin)
}

// known gives the inventory as it is, for plugins that build on it.
func (inv *Inventory) known() *value.Dict {
	hosts, groups := value.NewList(), value.NewList()
	for _, h := range inv.order {
		hosts.Items = append(hosts.Items, value.DictOf("name", value.Str(h.Name), "vars", h.vars))
	}
	for _, g := range inv.ranks {
		members, children := value.NewList(), value.NewList()
		for _, h := range g.hosts {
			members.Items = append(members.Items, value.Str(h.Name))
		}
		for _, c := range g.children {
			children.Items = append(children.Items, value.Str(c.Name))
		}
		groups.Items = append(groups.Items, value.DictOf("name", value.Str(g.Name), "vars", g.vars, "hosts", members, "children", children))
	}
	return value.DictOf("hosts", hosts, "groups", groups)
}

// takeIn enters what a plugin read.
func (inv *Inventory) takeIn(got *value.Dict) error {
	for _, d := range dicts(got, "hosts") {
		h := inv.host(nameOf(d))
		h.vars = h.vars.Clone()
		for k, v := range varsOf(d).All() {
			setKey(h.vars, k, v)
		}
	}
	groups := dicts(got, "groups")
	for _, d := range groups {
		g := inv.group(nameOf(d))
		for k, v := range varsOf(d).All() {
			if err := g.setKey(k, v); err != nil {
				return err
			}
		}
	}
	for _, d := range groups {
		g := inv.group(nameOf(d))
		for _, child := range namesIn(d, "children") {
			if err := inv.adopt(g, inv.group(child)); err != nil {
				return err
			}
		}
		for _, host := range namesIn(d, "hosts") {
			inv.join(g, inv.host(host))
		}
	}
	return nil
}

func dicts(d *value.Dict, key string) []*value.Dict {
	v, _ := d.GetStr(key)
	l, _ := v.(*value.List)
	if l == nil {
		return nil
	}
	var out []*value.Dict
	for _, item := range l.Items {
		if d, ok := item.(*value.Dict); ok {
			out = append(out, d)
		}
	}
	return out
}

func nameOf(d *value.Dict) string {
	v, _ := d.GetStr("name")
	s, _ := value.AsText(v)
	return s
}

func varsOf(d *value.Dict) *value.Dict {
	v, _ := d.GetStr("vars")
	vars, _ := v.(*value.Dict)
	return vars
}

func namesIn(d *value.Dict, key string) []string {
	v, _ := d.GetStr(key)
	l, _ := v.(*value.List)
	if l == nil {
		return nil
	}
	var out []string
	for _, item := range l.Items {
		if s, ok := value.AsText(item); ok {
			out = append(out, s)
		}
	}
	return out
}

// SetVar enters a variable that a plugin gave.
func SetVar(vars *value.Dict, name, v value.Value) { setKey(vars, name, v) }

// VarsPlugins has the vars plugins that are not native.
type VarsPlugins interface {
	// Vars gives the variables of a group or host by what lies in dir, lowest
	// precedence first: those of plugins that run with the inventory, or of the others.
	Vars(dir, name string, group, atStart bool) ([]Layer, error)
}

// pluginLayers gives what vars plugins say of groups or a host. Each answer is
// kept: the reference asks again only for another run of the same playbook.
func (inv *Inventory) pluginLayers(dirs []string, kind string, entities []string, atStart bool) ([]Layer, error) {
	p := inv.options.VarsPlugins
	if p == nil {
		return nil, nil
	}
	if inv.asked == nil {
		inv.asked = map[string][]Layer{}
	}
	when := "later"
	if atStart {
		when = "start"
	}
	var out []Layer
	for _, dir := range dirs {
		for _, name := range entities {
			key := strings.Join([]string{when, dir, kind, name}, "\x00")
			got, ok := inv.asked[key]
			if !ok {
				var err error
				if got, err = p.Vars(dir, name, kind == "group_vars", atStart); err != nil {
					return nil, err
				}
				inv.asked[key] = got
			}
			out = append(out, got...)
		}
	}
	return out, nil
}
