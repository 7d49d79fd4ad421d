package playbook

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// moduleDefaults reads the module_defaults keyword: names of modules become
// full ones, names of groups are checked.
func (l *Loader) moduleDefaults(a *plan.Attrs, n *yaml.Node) error {
	var levels []value.Value
	for _, item := range items(n) {
		if item.Kind != yaml.Mapping {
			return parseError(n.Pos, "The field 'module_defaults' is supposed to be a dictionary or list of dictionaries, the keys of which must be static action, module, or group names. Only the values may contain templates. For example: {'ping': \"{{ ping_defaults }}\"}")
		}
		v, err := l.value(item)
		if err != nil {
			return err
		}
		d, ok := v.(*value.Dict)
		if !ok {
			continue
		}
		named := value.NewDict(d.Len())
		named.Lazy = d.Lazy
		for k, v := range d.All() {
			name, err := l.defaultsName(value.Text(k), a.Collections)
			if err != nil {
				return err
			}
			named.SetStr(name, v)
		}
		levels = append(levels, named)
	}
	a.ModuleDefaults = slices.Concat(a.ModuleDefaults, levels)
	return nil
}

func (l *Loader) defaultsName(name string, collections []string) (string, error) {
	group, isGroup := strings.CutPrefix(name, "group/")
	if !isGroup {
		if full, ok := l.action(name, collections); ok {
			return full, nil
		}
		if !strings.Contains(name, ".") {
			name = "ansible.legacy." + name
		}
		return "", parseError(source.Pos{}, "Could not resolve action %s in module_defaults", name)
	}
	names := []string{group}
	if strings.Count(group, ".") < 2 {
		names = nil
		for _, c := range append(slices.Clone(collections), "ansible.builtin") {
			names = append(names, c+"."+group)
		}
	}
	for _, name := range names {
		if l.opts.Group == nil {
			break
		}
		full, ok, err := l.opts.Group(name)
		if err != nil {
			return "", err
		}
		if ok {
			return "group/" + full, nil
		}
	}
	return "", parseError(source.Pos{}, "Error loading module_defaults: could not resolve the module_defaults group %s", names[len(names)-1])
}

// action says what an action's name stands for. Imports and includes are the
// loader's own.
func (l *Loader) action(name string, collections []string) (string, bool) {
	switch kind := short(name); kind {
	case "import_tasks", "import_role", "include_tasks", "include_role":
		return "ansible.builtin." + kind, true
	}
	if l.opts.Action == nil {
		return name, true
	}
	return l.opts.Action(name, collections)
}
