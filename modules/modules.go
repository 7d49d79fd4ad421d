// Package modules finds a module or action by the name a task gives it. Each
// stands in a folder of its own, named as Ansible names it; list.go is
// generated from the folders.
package modules

import (
	"strings"
	"sync"

	"github.com/churten/churten/modules/kit/module"
)

//go:generate go run ./internal/genlist

// unit is what one name may mean: a module, an action, or both halves.
type unit struct {
	module *module.Module
	action *module.Action
}

// Lookup finds name: fully qualified (ansible.builtin.copy, ansible.legacy.copy)
// or short (copy), or an alias that a module declares. Both are nil when there
// is nothing native of that name.
func Lookup(name string) (*module.Module, *module.Action) {
	u := index()[name]
	return u.module, u.action
}

// Module finds the half of a name that runs on the target; the agent's Lookup.
func Module(name string) (*module.Module, bool) {
	m := index()[name].module
	return m, m != nil
}

// Names lists all there is, in full.
func Names() []string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].name()
	}
	return names
}

func (u *unit) name() string {
	if u.module != nil {
		return u.module.Name
	}
	return u.action.Name
}

func (u *unit) aliases() []string {
	var out []string
	if u.module != nil {
		out = append(out, u.module.Aliases...)
	}
	if u.action != nil {
		out = append(out, u.action.Aliases...)
	}
	return out
}

var index = sync.OnceValue(func() map[string]unit {
	byName := make(map[string]unit, 3*len(list))
	for i := range list {
		u := list[i]
		for _, name := range append(u.aliases(), u.name()) {
			byName[name] = u
			if short, ok := strings.CutPrefix(name, "ansible.builtin."); ok {
				byName[short] = u
				byName["ansible.legacy."+short] = u
			} else if collection, short, ok := cutCollection(name); ok && collection == "community.general" || collection == "ansible.posix" {
				// As before collections, and as ansible.builtin's routing has it.
				if _, taken := byName[short]; !taken {
					byName[short] = u
				}
			}
		}
	}
	return byName
})

func cutCollection(name string) (collection, short string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}
