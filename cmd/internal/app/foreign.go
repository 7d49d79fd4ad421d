package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/churten/churten/compat/collection"
	"github.com/churten/churten/compat/python"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/strategy"
)

// foreigners are the modules of a run that are not native.
type foreigners struct {
	*python.Provider
	install func() (*python.Install, error)

	mu    sync.Mutex
	known map[string]*module.Module // by full name
	// deprecated are names of them that are to go away, as tasks have them.
	deprecated map[string][]module.Deprecation
	// actions are the plugins in Python among the actions; action makes one.
	actions map[string]*module.Action
	action  func(fqcn string) *module.Action
}

func (s *session) newForeigners() *foreigners {
	f := &foreigners{known: map[string]*module.Module{}, deprecated: map[string][]module.Deprecation{}, actions: map[string]*module.Action{}, action: s.python.action}
	f.install = sync.OnceValues(func() (*python.Install, error) {
		interpreter, err := s.findPython(context.Background())
		if err != nil {
			return nil, err
		}
		return python.FindInstall(context.Background(), interpreter)
	})
	f.Provider = &python.Provider{
		Install:  func(context.Context) (*python.Install, error) { return f.install() },
		UtilDirs: s.set.List("DEFAULT_MODULE_UTILS_PATH"), Deprecated: func(msg string) { s.display.Deprecated(msg) },
	}
	return f
}

// finds tells a Finder what the user's Ansible has.
func (f *foreigners) finds() collection.Install {
	in, err := f.install()
	if err != nil {
		return collection.Install{}
	}
	return collection.Install{Dir: in.Dir, Site: in.Site(), Routing: in.Routing()}
}

// take makes a module known that was found; the error says why it cannot be run.
func (f *foreigners) take(found *collection.Found) error {
	short := found.FQCN[strings.LastIndexByte(found.FQCN, '.')+1:]
	what := fmt.Sprintf("the module '%s' is %s, which is not native", found.FQCN, found.Path)
	if found.Action != "" {
		if err := f.takeAction(found); err != nil {
			return err
		}
	}
	if found.Action == found.Path {
		return nil
	}
	if strings.HasPrefix(found.FQCN, "ansible.legacy.") {
		switch mod, act := find(short); {
		case act != nil && mod == nil:
			return nil // the action never calls it: it stays the native one
		case act != nil:
			return fmt.Errorf("the module '%s' is %s, a file of yours in place of the native one: the native action '%s' cannot call it", short, found.Path, short)
		}
	}
	kind, err := python.Kind(found.Path)
	if err != nil {
		return err
	}
	if err := f.runs(kind, what); err != nil {
		return err
	}
	f.Add(found.FQCN, found.Path)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known[found.FQCN] == nil {
		m := &module.Module{Name: found.FQCN, Check: true, Diff: true, Spec: module.Spec{AnyArgs: true}}
		f.known[found.FQCN] = m
		for _, alias := range found.Redirects {
			if f.known[alias] == nil {
				f.known[alias] = m
			}
		}
	}
	return nil
}

// called keeps what is to be said of the name by which a task calls what was
// found.
func (f *foreigners) called(name string, found *collection.Found) {
	if len(found.Deprecations) == 0 {
		return
	}
	var all []module.Deprecation
	for _, d := range found.Deprecations {
		msg, version, date, space := d.Registered()
		all = append(all, module.Deprecation{Msg: msg, Version: version, Date: date, Collection: space})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deprecated[name] = all
}

// Deprecated gives what results say of that name in a task: that it is to go away.
func (f *foreigners) Deprecated(name string) []module.Deprecation {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.deprecated[name]
}

// takeAction makes an action plugin known.
func (f *foreigners) takeAction(found *collection.Found) error {
	if _, err := f.install(); err != nil {
		return fmt.Errorf("the action '%s' is a Python plugin (%s), and %w", found.FQCN, found.Action, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.actions[found.FQCN] == nil {
		act := f.action(first(found.ActionName, found.FQCN))
		act.OncePerPlay = bypasses(found.Action)
		f.actions[found.FQCN] = act
	}
	for _, alias := range found.Redirects {
		if f.actions[alias] == nil {
			f.actions[alias] = f.actions[found.FQCN]
		}
	}
	return nil
}

// bypasses reports whether an action plugin says that it runs once for all
// hosts. Its text is read: Python is not started for that.
func bypasses(path string) bool {
	text, err := os.ReadFile(path)
	if err != nil {
		return false // said when it is run
	}
	for line := range strings.Lines(string(text)) {
		name, is, _ := strings.Cut(line, "=")
		if strings.TrimSpace(name) == "BYPASS_HOST_LOOP" && strings.HasPrefix(strings.TrimSpace(is), "True") {
			return true
		}
	}
	return false
}

// runs reports whether modules of a kind can be run here.
func (f *foreigners) runs(kind python.ModuleKind, what string) error {
	switch kind {
	case python.PowerShell:
		return errors.New(what + " but PowerShell: churten does not manage Windows")
	case python.New:
		if _, err := f.install(); err != nil {
			return fmt.Errorf("%s: it needs the module_utils of an ansible-core, and %w", what, err)
		}
	}
	return nil
}

// find gives the native halves of a name, or stands in for a module that is not native.
func (s *session) find(name string) (*module.Module, *module.Action) {
	if s.foreign != nil {
		s.foreign.mu.Lock()
		m, act := s.foreign.known[name], s.foreign.actions[name]
		s.foreign.mu.Unlock()
		if m != nil || act != nil {
			return m, act
		}
	}
	return find(name)
}

func (s *session) foreignSettings() strategy.ForeignSettings {
	set := s.set
	return strategy.ForeignSettings{
		Python: set.Str("INTERPRETER_PYTHON"), Fallback: pythonFallback, SyslogFacility: set.Str("DEFAULT_SYSLOG_FACILITY"),
		SpecialFS: set.List("DEFAULT_SELINUX_SPECIAL_FS"), NoTargetSyslog: set.Bool("DEFAULT_NO_TARGET_SYSLOG"), Debug: set.Bool("DEFAULT_DEBUG"),
		KeepRemoteFiles: set.Bool("DEFAULT_KEEP_REMOTE_FILES"), LogInfo: set.Str("TARGET_LOG_INFO"), Files: set.Int("PYTHON_MODULE_RLIMIT_NOFILE"),
		Version: ReferenceVersion,
	}
}

// pythonFallback is INTERPRETER_PYTHON_FALLBACK, which only a variable can change.
var pythonFallback = []string{"python3.13", "python3.12", "python3.11", "python3.10", "python3.9", "python3.8", "/usr/bin/python3", "python3"}

// note says why a module that was found cannot be run; "" when it can.
func (f *foreigners) note(found *collection.Found) string {
	if err := f.take(found); err != nil {
		return firstLine(err)
	}
	return ""
}
