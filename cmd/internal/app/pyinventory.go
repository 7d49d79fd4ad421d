package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/compat/collection"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/inventory"
	"github.com/churten/churten/parser/load"
)

// inventoryPlugins are the inventory plugins that only Python has.
type inventoryPlugins struct {
	*session
	files map[string]string // of the plugins that were asked for by name
}

// Find gives the file of a plugin. What is in none of the usual places is asked
// of Python: routing, of ansible-core's own names too, may lead to it.
func (p inventoryPlugins) Find(name string) (string, error) {
	path, known := p.files[name]
	if known {
		return path, nil
	}
	if path = p.foreignPlugin("inventory", name); path == "" {
		var err error
		if path, err = p.python.host.InventoryPlugin(context.Background(), name); err != nil {
			if !p.python.host.Started() {
				if !collection.IsFQCN(name) {
					return "", nil // as ansible-core alone: what its routing leads to is in collections
				}
				err = fmt.Errorf("the inventory plugin '%s' is not native, and Python cannot be asked for it: %w", name, err)
			}
			return "", err
		}
	}
	p.files[name] = path
	return path, nil
}

// Verify reports whether a plugin takes a source.
func (p inventoryPlugins) Verify(ctx context.Context, name, path string) (bool, error) {
	ok, err := p.python.host.VerifyInventory(ctx, name, path)
	if err != nil && !p.python.host.Started() {
		return false, inventory.Unavailable(fmt.Sprintf("%s: the inventory plugin '%s' is Python (%s), which cannot be used: %v", path, name, p.files[name], err))
	}
	return ok, err
}

// Parse lets a plugin read a source.
func (p inventoryPlugins) Parse(ctx context.Context, name, path string, known *value.Dict) (*value.Dict, error) {
	p.python.say("inventory plugin", name, p.files[name])
	at := source.Pos{File: fmt.Sprintf("<inventory plugin '%s' with source '%s'>", name, path)}
	return p.python.host.ParseInventory(ctx, name, path, known, true, trusted(at))
}

// trusted makes templates of texts that a plugin in Python says are the user's.
func trusted(at source.Pos) func(string) (value.Value, error) {
	return func(text string) (value.Value, error) {
		if !expr.HasTemplate(text) {
			return value.Str(text), nil
		}
		return load.Text(text, at), nil
	}
}

// varsPlugins are the vars plugins that only Python has.
type varsPlugins struct {
	*session
	stage  string          // for what is not asked with the inventory
	stages map[string]bool // those with a plugin to ask
}

// Vars gives the variables of a group or host.
func (p *varsPlugins) Vars(dir, name string, group, atStart bool) ([]inventory.Layer, error) {
	stage := p.stage
	if atStart {
		stage = "inventory"
	}
	if !p.stages[stage] {
		return nil, nil
	}
	got, err := p.python.host.Vars(context.Background(), dir, name, group, stage, trusted(source.Pos{File: dir}))
	if err != nil {
		return nil, err
	}
	var out []inventory.Layer
	for _, one := range got {
		vars := value.NewDict(one.Vars.Len())
		for k, v := range one.Vars.All() {
			inventory.SetVar(vars, k, v)
		}
		out = append(out, inventory.Layer{Origin: "vars plugin " + one.Plugin, Vars: vars})
	}
	return out, nil
}

// pythonVars gives the vars plugins of the run, nil if there can be none: no
// file of the user's, and no name that is enabled and not native. The error
// says that there are some and no Python.
func (s *session) pythonVars(only bool) (inventory.VarsPlugins, error) {
	p := &varsPlugins{session: s, stage: "task"}
	if only {
		p.stage = "all"
	}
	file := ""
	dirs := slices.Clone(s.set.List("DEFAULT_VARS_PLUGIN_PATH"))
	for _, pb := range s.o.Playbooks {
		dirs = append(dirs, filepath.Join(filepath.Dir(absolute(pb)), "vars_plugins"))
	}
	if len(s.o.Playbooks) == 0 {
		dirs = append(dirs, filepath.Join(s.o.dir(), "vars_plugins"))
	}
	for _, dir := range dirs {
		if own := ownPlugin(dir, "vars"); own != "" {
			file = own
		}
	}
	for _, name := range s.set.List("VARIABLE_PLUGINS_ENABLED") {
		if path := s.foreignPlugin("vars", name); path != "" {
			file = path
		} else if collection.IsFQCN(name) && !strings.HasPrefix(name, "ansible.") && file == "" {
			file = name // of a collection that comes with Python's ansible, or by routing
		}
	}
	if file == "" {
		return nil, nil
	}
	stages, err := s.python.host.LoadVarsPlugins(context.Background())
	if err != nil {
		return nil, fmt.Errorf("%s is a vars plugin in Python, which cannot be used: %w", file, err)
	}
	if len(stages) == 0 {
		return nil, nil
	}
	p.stages = stages
	s.python.say("vars plugin", strings.TrimSuffix(filepath.Base(file), ".py"), file)
	return p, nil
}

// besidePlaybooks makes the plugins beside the playbooks known before
// inventories are read.
func (s *session) besidePlaybooks() {
	for _, pb := range s.o.Playbooks {
		s.python.addDir(filepath.Dir(absolute(pb)))
	}
	if len(s.o.Playbooks) == 0 && s.o.Dir != "" {
		if _, err := os.Stat(s.o.Dir); err == nil {
			s.python.addDir(absolute(s.o.Dir))
		}
	}
}
