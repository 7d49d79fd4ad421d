package collection

import (
	"path/filepath"
	"slices"
	"strings"
)

// Resolver says what the name of an action in a task stands for: a module of
// the user's, one of a collection, one that the caller has itself. It is what
// the playbook loader asks (playbook.Options.Action). For one run, and not safe
// for concurrent use.
type Resolver struct {
	Finder  *Finder
	Library *Library
	// Native gives the full name of a module or action that needs no file.
	Native func(name string) (fqcn string, ok bool)
	// ActionDirs are the configured directories of action plugins.
	ActionDirs []string
	// Deprecated hears, once each, of names that are to go away; may be nil.
	Deprecated func(Deprecated)
	// Warn hears, once each, what is wrong with action groups; may be nil.
	Warn func(string)

	actionDirs []string
	added      int // how many of Library's directories came by AddDir: the first ones
	told       []string
}

// actionPlugin finds an action plugin of the user's outside collections.
func (r *Resolver) actionPlugin(name string) (string, bool) {
	if name == "" || strings.ContainsAny(name, "./") {
		return "", false
	}
	for _, dir := range slices.Concat(r.actionDirs, r.ActionDirs) {
		if path, ok := PluginFile(filepath.Join(dir, name), Actions); ok {
			return path, true
		}
	}
	return "", false
}

// legacy are the collections that every short name is looked for in at last.
var legacy = []string{"ansible.legacy"}

// Action gives the full name of what name stands for. Short names are looked
// for in collections in turn, then in the library, then among the native ones.
func (r *Resolver) Action(name string, collections []string) (fqcn string, ok bool) {
	found, _ := r.Resolve(name, collections)
	if found == nil {
		return "", false
	}
	return found.FQCN, true
}

// Explain gives the error behind a name that Action did not find, nil when it
// is simply unknown.
func (r *Resolver) Explain(name string, collections []string) error {
	_, err := r.Resolve(name, collections)
	return err
}

// Resolve is Action with the file and the redirects of what was found; nil when
// there is nothing.
func (r *Resolver) Resolve(name string, collections []string) (*Found, error) {
	return r.resolve(name, collections, true)
}

// Module is Resolve for a module that an action plugin calls: where the routing
// of actions leads its name does not matter.
func (r *Resolver) Module(name string, collections []string) (*Found, error) {
	return r.resolve(name, collections, false)
}

func (r *Resolver) resolve(name string, collections []string, actions bool) (*Found, error) {
	if strings.Count(name, ".") >= 2 {
		return r.full(name, actions)
	}
	if !slices.Contains(collections, "ansible.legacy") && !slices.Contains(collections, "ansible.builtin") {
		collections = slices.Concat(collections, legacy)
	}
	for _, c := range collections {
		if found, err := r.full(c+"."+name, actions); found != nil || err != nil {
			return found, err
		}
	}
	return nil, nil
}

// full finds a full name; actions says that an action plugin may go before the module.
func (r *Resolver) full(name string, actions bool) (*Found, error) {
	if short, ok := strings.CutPrefix(name, "ansible.legacy."); ok {
		if r.Library != nil {
			if path, ok := r.Library.Module(short); ok {
				action, _ := r.actionPlugin(short)
				return &Found{FQCN: name, Path: path, Action: action, Redirects: []string{name}}, nil
			}
		}
		if path, ok := r.actionPlugin(short); ok {
			return &Found{FQCN: name, Path: path, Action: path, Redirects: []string{name}}, nil
		}
		name = "ansible.builtin." + short
	}
	native := func(fqcn string) bool {
		_, ok := r.Native(fqcn)
		return ok
	}
	found, ok, err := r.Finder.follow(Modules, name, native)
	if found != nil {
		r.tell(found.Deprecations)
	}
	if err == nil && found != nil && (!ok || found.Path != "") {
		found.Action, found.ActionName = r.actionOf(found.FQCN)
		if a := r.redirectedAction(name); actions && a != nil && a.FQCN != found.FQCN && found.ActionName == "" {
			r.tell(a.Deprecations)
			return a, nil
		}
		if !ok {
			// An action plugin alone makes an action, too.
			found.Path, ok = found.Action, found.Action != ""
		}
	}
	if err != nil || !ok {
		return nil, err
	}
	if own, ok := r.Native(found.FQCN); ok && found.Path == "" {
		found.FQCN = own
	}
	return found, nil
}

// redirectedAction gives the action plugin that the routing of actions leads a
// name to, nil where it has no such entry: it goes before what modules make of
// the name.
func (r *Resolver) redirectedAction(name string) *Found {
	native := func(fqcn string) bool {
		_, ok := r.Native(fqcn)
		return ok
	}
	found, ok, err := r.Finder.follow(Actions, name, native)
	if err != nil || !ok || len(found.Redirects) < 2 {
		return nil
	}
	found.Action = found.Path
	return found
}

// actionOf gives the file of the action plugin for a module: the one that has
// its name, or that its collection names for it: then with that name.
func (r *Resolver) actionOf(fqcn string) (path, named string) {
	collection, name, _ := Split(fqcn)
	routing, err := r.Finder.Routing(collection)
	if err != nil {
		return "", ""
	}
	if e := routing.Entry(Modules, name); e != nil && e.ActionPlugin != "" {
		plugin := e.ActionPlugin
		if strings.Count(plugin, ".") < 2 {
			plugin = collection + "." + plugin
		}
		if found, _, err := r.Finder.follow(Actions, plugin, nil); err == nil && found != nil {
			return found.Path, found.FQCN
		}
		return "", ""
	}
	found, _, err := r.Finder.follow(Actions, fqcn, nil)
	if err != nil || found == nil {
		return "", ""
	}
	return found.Path, ""
}

func (r *Resolver) tell(ds []Deprecated) {
	for _, d := range ds {
		if r.Deprecated != nil && !slices.Contains(r.told, d.Name) {
			r.told = append(r.told, d.Name)
			r.Deprecated(d)
		}
	}
}

// AddDir makes the modules of a playbook or role known, as the reference does
// from the moment it reads it: in the order in which they come, before the
// directories of the configuration.
func (r *Resolver) AddDir(dir string) {
	if r.Library == nil {
		r.Library = NewLibrary()
	}
	if actions := filepath.Join(dir, "action_plugins"); !slices.Contains(r.actionDirs, actions) {
		r.actionDirs = append(r.actionDirs, actions)
	}
	lib := filepath.Join(dir, "library")
	if !slices.Contains(r.Library.dirs[:r.added], lib) {
		r.Library.dirs = slices.Insert(r.Library.dirs, r.added, lib)
		r.added++
	}
}

// Group gives the full name of a group of module_defaults, and tells what is
// wrong with it.
func (r *Resolver) Group(name string) (full string, ok bool, err error) {
	if _, ok := r.Finder.GroupMembers(name); !ok {
		return "", false, nil
	}
	warnings, err := r.Finder.GroupFaults(name)
	if err != nil {
		return "", false, err
	}
	for _, w := range warnings {
		if r.Warn != nil && !slices.Contains(r.told, w) {
			r.told = append(r.told, w)
			r.Warn(w)
		}
	}
	return name, true, nil
}

// Members gives the full names of the actions in a group of module_defaults.
func (r *Resolver) Members(group string) []string {
	members, _ := r.Finder.GroupMembers(group)
	return members
}

// Dirs are the directories of playbooks and roles that AddDir has heard of.
func (r *Resolver) Dirs() []string {
	var dirs []string
	for _, d := range r.actionDirs {
		if filepath.Base(d) == "action_plugins" {
			dirs = append(dirs, filepath.Dir(d))
		}
	}
	return dirs
}
