package app

import (
	"fmt"

	"github.com/churten/churten/compat/collection"
)

// actions says what the names of actions in tasks stand for: the user's own
// modules and collections are looked through as the reference does, so that a
// file that goes before a native module is noticed.
type actions struct{ *collection.Resolver }

func (s *session) actions(playbookDir string) actions {
	return actions{&collection.Resolver{
		Finder:  collection.New(s.set.List("COLLECTIONS_PATHS"), playbookDir),
		Library: collection.NewLibrary(s.set.List("DEFAULT_MODULE_PATH")...),
		Native:  native, ActionDirs: s.set.List("DEFAULT_ACTION_PLUGIN_PATH"),
	}}
}

// native gives the full name of an action that churten has itself.
func native(name string) (string, bool) {
	mod, act := find(name)
	switch {
	case act != nil:
		return act.Name, true
	case mod != nil:
		return mod.Name, true
	}
	return "", false
}

// Action gives the full name of what name stands for, if churten can run it.
func (a actions) Action(name string, collections []string) (string, bool) {
	found, err := a.Resolve(name, collections)
	if found == nil || err != nil || found.Path != "" {
		return "", false
	}
	return found.FQCN, true
}

// Explain says why Action does not take a name that it found.
func (a actions) Explain(name string, collections []string) error {
	found, err := a.Resolve(name, collections)
	if err != nil || found == nil || found.Path == "" {
		return err
	}
	return fmt.Errorf("the module '%s' is %s, a file of yours: churten runs native modules only, yet", name, found.Path)
}
