package playbook

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// readRole reads the files of a role.
func (l *Loader) readRole(name, dir string, f from) (*roleFiles, error) {
	key := strings.Join([]string{dir, f.tasks, f.vars, f.defaults, f.handlers}, "\x00")
	if r := l.roles[key]; r != nil {
		return r, nil
	}
	if l.opts.PluginDir != nil {
		l.opts.PluginDir(dir)
	}
	r := &roleFiles{}
	var err error
	if err = l.readMeta(r, name, dir); err != nil {
		return nil, err
	}
	if r.defaults, err = l.roleVars(name, dir, "defaults", f.defaults); err != nil {
		return nil, err
	}
	if r.vars, err = l.roleVars(name, dir, "vars", f.vars); err != nil {
		return nil, err
	}
	if err := insideTasks(name, dir, f.tasks); err != nil {
		return nil, err
	}
	if r.tasks, r.tasksPath, err = l.roleTree(dir, "tasks", f.tasks); err != nil {
		return nil, err
	}
	if r.handlers, r.handlersPath, err = l.roleTree(dir, "handlers", f.handlers); err != nil {
		return nil, err
	}
	if err = l.readSpec(r, dir, f); err != nil {
		return nil, err
	}
	l.roles[key] = r
	return r, nil
}

// insideTasks refuses a tasks_from that leads out of the role's tasks.
func insideTasks(role, dir, tasksFrom string) error {
	if tasksFrom == "" {
		return nil
	}
	tasks := filepath.Join(dir, "tasks")
	if path := filepath.Join(tasks, tasksFrom); !strings.HasPrefix(path, tasks+"/") {
		return parseError(source.Pos{}, "Failed loading '%s' for role (%s) as it is not inside the expected role path: '%s'", tasks+"/"+tasksFrom, role, tasks)
	}
	return nil
}

// roleTree reads dir/part/main or what part_from says, nil when absent.
func (l *Loader) roleTree(dir, part, fromName string) (*yaml.Node, string, error) {
	name := fromName
	if name == "" {
		name = "main"
	}
	path, ok := mainFile(filepath.Join(dir, part), name)
	if !ok {
		if fromName != "" && (part == "tasks" || isDir(filepath.Join(dir, part))) {
			return nil, "", parseError(source.Pos{}, "Could not find specified file in role: %s/%s", part, fromName)
		}
		return nil, "", nil
	}
	n, err := l.tree(path)
	return n, path, err
}

// roleVars reads a role's vars or defaults: one file, or all files of main/.
func (l *Loader) roleVars(role, dir, part, fromName string) (*value.Dict, error) {
	n, path, err := l.roleTree(dir, part, fromName)
	if err != nil {
		var e *source.Error
		name := fromName
		if name == "" || !errors.As(err, &e) {
			return nil, err
		}
		if sub := filepath.Join(dir, part, name); !isDir(sub) {
			return nil, err
		}
	}
	if path == "" {
		name := fromName
		if name == "" {
			name = "main"
		}
		return l.varsDir(role, filepath.Join(dir, part, name), part)
	}
	return l.roleVarsNode(role, part, fromName, n)
}

func (l *Loader) roleVarsNode(role, part, fromName string, n *yaml.Node) (*value.Dict, error) {
	if isNull(n) {
		return nil, nil
	}
	if n.Kind != yaml.Mapping {
		name := fromName
		if name == "" {
			name = "main"
		}
		return nil, parseError(source.Pos{}, "The %s/%s.yml file for role '%s' must contain a dictionary of variables", part, name, role)
	}
	l.warnReserved(n)
	v, err := l.value(n)
	if err != nil {
		return nil, err
	}
	return v.(*value.Dict), nil
}

// varsDir merges the files of a directory, in the order of their names.
func (l *Loader) varsDir(role, dir, part string) (*value.Dict, error) {
	if !isDir(dir) {
		return nil, nil
	}
	var all *value.Dict
	for _, path := range varsFiles(dir) {
		n, err := l.tree(path)
		if err != nil {
			return nil, err
		}
		d, err := l.roleVarsNode(role, part, "", n)
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		if all == nil {
			all = value.NewDict(d.Len())
		}
		for k, v := range d.All() {
			all.Set(k, v)
		}
		all.Lazy = all.Lazy || d.Lazy
	}
	return all, nil
}
