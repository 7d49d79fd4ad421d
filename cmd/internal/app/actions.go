package app

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/compat/collection"
	"github.com/churten/churten/compat/config"
)

// actions says what the names of actions in tasks stand for: the user's own
// modules and collections are looked through as the reference does, so that a
// file that goes before a native module is noticed.
type actions struct {
	*collection.Resolver
	foreign *foreigners
	// any takes also what only Python can run: content is listed or checked,
	// not run.
	any bool
	// unknown takes names that stand for nothing, too: they are told as missing.
	unknown bool
}

func (s *session) actions(playbookDir string) actions {
	if s.foreign == nil {
		s.foreign = s.newForeigners()
	}
	finder := collection.New(s.set.List("COLLECTIONS_PATHS"), playbookDir)
	finder.SetInstall(s.foreign.finds)
	s.foreign.Finder = finder
	return actions{foreign: s.foreign, any: s.o.lists() || s.o.Inspect, unknown: s.o.Inspect, Resolver: &collection.Resolver{
		Finder:     finder,
		Library:    collection.NewLibrary(s.modulePath()...),
		Deprecated: func(d collection.Deprecated) { s.display.Deprecated(d.Message()) },
		Warn:       s.groupWarning,
		Native:     s.native, ActionDirs: s.set.List("DEFAULT_ACTION_PLUGIN_PATH"),
	}}
}

// groupWarning tells what is wrong with an action group's metadata.
func (s *session) groupWarning(msg string) {
	if s.set.Bool("VALIDATE_ACTION_GROUP_METADATA") {
		s.display.Warning(msg)
	}
}

// modulePath lists where modules of the user's are looked for: --module-path
// before what is configured.
func (s *session) modulePath() []string {
	var dirs []string
	for _, p := range s.o.ModulePath {
		for _, dir := range filepath.SplitList(p) {
			dirs = append(dirs, absolute(dir))
		}
	}
	return append(dirs, s.set.List("DEFAULT_MODULE_PATH")...)
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

// native is the function of that name, without the modules whose Python ones
// the user prefers.
func (s *session) native(name string) (string, bool) {
	full, ok := native(name)
	if !ok {
		return "", false
	}
	preferred, err := s.set.Own(config.PreferPython)
	if err != nil || preferred == "" {
		return full, true
	}
	if _, act := find(name); act != nil {
		return full, true
	}
	names := strings.Fields(preferred)
	short := full[strings.LastIndexByte(full, '.')+1:]
	prefers := slices.Contains(names, "all") || slices.Contains(names, full) || slices.Contains(names, short)
	return full, !prefers
}

// Action gives the full name of what name stands for, if churten can run it.
func (a actions) Action(name string, collections []string) (string, bool) {
	found, err := a.Resolve(name, collections)
	if a.unknown && (found == nil || err != nil) {
		return name, true
	}
	if found == nil || err != nil || found.Path != "" && !a.any && a.foreign.take(found) != nil {
		return "", false
	}
	a.foreign.called(name, found)
	return found.FQCN, true
}

// Explain says why Action does not take a name that it found.
func (a actions) Explain(name string, collections []string) error {
	found, err := a.Resolve(name, collections)
	if err != nil || found == nil || found.Path == "" {
		return err
	}
	return a.foreign.take(found)
}
