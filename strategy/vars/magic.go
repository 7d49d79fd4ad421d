package vars

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
)

// views are the mappings that a scope makes when they are first read.
type views struct {
	hostvars *hostVars
	groups   *value.Dict
}

// ofHost finds what a user put in place of the names that a host has by itself:
// they stand where the inventory's sources say something of the host, and all
// that goes before that goes before them, as seen on ansible-core 2.19.
func (sc *Scope) ofHost(name string) (value.Value, bool) {
	switch name {
	case "inventory_hostname", "inventory_hostname_short", "group_names":
		for _, d := range sc.stack[:sc.own] {
			if v, ok := d.GetStr(name); ok {
				return v, true
			}
		}
	}
	return nil, false
}

// magic gives the variables that the run itself defines. They go before all
// that users set but those of ofHost, as seen on ansible-core 2.19.
func (sc *Scope) magic(name string) (value.Value, bool) {
	if sc.host == "" && name != "omit" && name != "groups" && name != "hostvars" && name != "vars" {
		return sc.runMagic(name)
	}
	switch name {
	case "omit":
		return expr.Omit, true
	case "inventory_hostname":
		return value.Str(sc.host), true
	case "inventory_hostname_short":
		short, _, _ := strings.Cut(sc.host, ".")
		return value.Str(short), true
	case "group_names":
		return value.Strings(sc.store.groupsOf(sc.host)...), true
	case "groups":
		if sc.views.groups == nil {
			sc.views.groups = sc.store.groups()
		}
		return sc.views.groups, true
	case "hostvars":
		if sc.views.hostvars == nil {
			sc.views.hostvars = &hostVars{store: sc.store, scopes: map[string]*Scope{}}
		}
		return sc.views.hostvars, true
	case "vars":
		return &allVars{sc: sc}, true
	case "inventory_file", "inventory_dir":
		file, dir := sc.store.Inventory.Source(sc.host)
		if name == "inventory_dir" {
			file = dir
		}
		if file == "" {
			return value.None, true
		}
		return value.Str(file), true
	}
	return sc.runMagic(name)
}

// runMagic gives those that do not depend on the host.
func (sc *Scope) runMagic(name string) (value.Value, bool) {
	if sc.play != nil {
		if v, ok := sc.playMagic(name); ok {
			return v, true
		}
	}
	if v, ok := sc.store.Magic.GetStr(name); ok {
		return v, true
	}
	if sc.task != nil {
		return sc.taskMagic(name)
	}
	return nil, false
}

func (sc *Scope) playMagic(name string) (value.Value, bool) {
	p := sc.play
	switch name {
	case "ansible_play_hosts_all":
		return value.Strings(p.All...), true
	case "ansible_play_hosts", "play_hosts":
		if name == "play_hosts" {
			return value.Strings(p.activeBatch()...), true
		}
		return value.Strings(p.Active()...), true
	case "ansible_play_batch":
		return value.Strings(p.activeBatch()...), true
	case "ansible_play_role_names", "role_names":
		return value.Strings(roleNames(p.named(), false)...), true
	case "ansible_role_names":
		return value.Strings(roleNames(p.named(), true)...), true
	case "ansible_dependent_role_names":
		var deps []string
		for _, r := range p.named() {
			addDependencies(r, func(d *plan.Role) {
				if !slices.Contains(deps, d.Name) {
					deps = append(deps, d.Name)
				}
			})
		}
		return value.Strings(deps...), true
	}
	return p.Magic.GetStr(name)
}

// named gives the roles that the names of roles are taken from.
func (p *Play) named() []*plan.Role {
	if p.Named == nil {
		return p.Plan.Roles
	}
	return append(slices.Clip(p.Plan.Roles), p.Named()...)
}

// activeBatch gives the hosts of the present batch that are still there.
func (p *Play) activeBatch() []string {
	if p.Begins {
		return p.Batch
	}
	active := map[string]bool{}
	for _, h := range p.Active() {
		active[h] = true
	}
	var out []string
	for _, h := range p.Batch {
		if active[h] {
			out = append(out, h)
		}
	}
	return out
}

// roleNames lists the play's roles; with deps, the roles they depend on too.
func roleNames(roles []*plan.Role, deps bool) []string {
	var names []string
	add := func(r *plan.Role) {
		if !deps || !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	for _, r := range roles {
		if deps {
			addDependencies(r, add)
		}
		add(r)
	}
	return names
}

func (sc *Scope) taskMagic(name string) (value.Value, bool) {
	role := sc.task.Role
	switch name {
	case "ansible_search_path":
		return value.Strings(SearchPath(sc.task, sc.playDir())...), true
	case "environment":
		return environment(sc.task), true
	}
	if role == nil {
		return nil, false
	}
	switch name {
	case "role_name":
		return value.Str(role.Name), true
	case "ansible_role_name":
		return value.Str(role.FQCN), true
	case "role_path":
		return value.Str(role.Path), true
	case "ansible_collection_name":
		if parts := strings.SplitN(role.FQCN, ".", 3); len(parts) == 3 {
			return value.Str(parts[0] + "." + parts[1]), true
		}
		return value.None, true
	case "ansible_parent_role_names", "ansible_parent_role_paths":
		if len(role.Importers) == 0 {
			return nil, false
		}
		var out []string
		for _, p := range slices.Backward(role.Importers) {
			if name == "ansible_parent_role_names" {
				out = append(out, p.Name)
			} else {
				out = append(out, p.Path)
			}
		}
		return value.Strings(out...), true
	case "role_uuid":
		return nil, false
	}
	return nil, false
}

// environment gives the keyword's value on each level, as a task finds it among its variables.
func environment(task *plan.Task) value.Value {
	l := value.NewList(task.Environment...)
	for _, v := range l.Items {
		l.Lazy = l.Lazy || v.Type() == "template" || value.IsLazy(v)
	}
	return l
}

func (sc *Scope) playDir() string {
	if sc.play == nil {
		return ""
	}
	return sc.play.Plan.Dir
}

// SearchPath gives the directories in which a task's files are looked for:
// its role, the roles that brought that in, the file it stands in, the playbook.
func SearchPath(task *plan.Task, playDir string) []string {
	var path []string
	add := func(dir string) {
		if dir != "" && !slices.Contains(path, dir) {
			path = append(path, dir)
		}
	}
	for r := range rolesOf(task) {
		add(r.Path)
	}
	add(task.Dir)
	add(playDir)
	return path
}

// RoleNames are the variables that an include_role changes for all that follows.
var RoleNames = []string{"ansible_play_role_names", "role_names", "ansible_role_names", "ansible_dependent_role_names"}

var magicNames = []string{"inventory_hostname", "inventory_hostname_short", "group_names", "groups",
	"inventory_file", "inventory_dir", "ansible_play_hosts_all", "ansible_play_hosts", "play_hosts", "ansible_play_batch",
	"ansible_play_role_names", "ansible_role_names", "ansible_dependent_role_names",
	"environment", "hostvars", "role_names", "role_name", "ansible_role_name", "role_path", "ansible_collection_name", "ansible_parent_role_names",
	"ansible_parent_role_paths"}

func (sc *Scope) magicNames() []string {
	var names []string
	for _, n := range magicNames {
		if n == "hostvars" && sc.task == nil {
			continue
		}
		if _, ok := sc.magic(n); ok {
			names = append(names, n)
		}
	}
	dicts := []*value.Dict{sc.store.Magic}
	if sc.play != nil {
		dicts = append(dicts, sc.play.Magic)
	}
	for _, d := range dicts {
		for k := range d.All() {
			if n, ok := k.(value.Str); ok {
				names = append(names, string(n))
			}
		}
	}
	return names
}

// hostVars is the variable hostvars: every host's own variables, found when
// they are asked for.
type hostVars struct {
	store  *Store
	scopes map[string]*Scope
}

func (*hostVars) Type() string { return "HostVars" }

func (h *hostVars) MapKeys() ([]value.Value, error) {
	return value.Strings(hostNames(h.store.Inventory.Hosts())...).Items, nil
}

func (h *hostVars) MapGet(key value.Value) (value.Value, bool, error) {
	name, ok := value.AsText(key)
	if !ok || h.store.Inventory.Host(name) == nil {
		return nil, false, nil
	}
	sc := h.scopes[name]
	if sc == nil {
		sc = h.store.Host(name)
		sc.views.hostvars = h // one memo per host, so that cycles are found
		h.scopes[name] = sc
	}
	return &allVars{sc: sc, host: true}, true, nil
}

// HostVars shows the variables of a host as hostvars does; the host need not be
// one of the inventory's.
func (s *Store) HostVars(host string) value.Value {
	return &allVars{sc: s.Host(host), host: true}
}

// Missing words what is said of a host that is not there.
func (*hostVars) Missing(key value.Value) string { return "hostvars[" + value.Repr(key) + "]" }

// allVars shows a scope as a dict: the variable vars, and a host of hostvars.
type allVars struct {
	sc   *Scope
	host bool // of hostvars
}

// Type is the reference's.
func (a *allVars) Type() string {
	if a.host {
		return "HostVarsVars"
	}
	return "dict"
}

func (a *allVars) MapKeys() ([]value.Value, error) {
	return value.Strings(a.sc.names()...).Items, nil
}

func (a *allVars) MapGet(key value.Value) (value.Value, bool, error) {
	name, ok := value.AsText(key)
	if !ok {
		return nil, false, nil
	}
	raw, ok, err := a.sc.Given(name)
	if err != nil || !ok {
		return nil, false, err
	}
	v, err := expr.Bind(expr.NewCtx(nil, a.sc.store.Env, a.sc), raw)
	return v, err == nil, err
}
