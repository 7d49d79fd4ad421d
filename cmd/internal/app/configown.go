package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
)

// own are the definitions of plugins that are not ansible-core's, read by the
// user's Python.
type own struct {
	python  *pythonPlugins
	closers []func() error
	known   map[string][]config.Definition // by owner
}

// ownPython gives the Python that is asked; closeOwn ends it.
func (r *configRun) ownPython() (*pythonPlugins, error) {
	if r.own.python != nil {
		return r.own.python, nil
	}
	if r.File != "" {
		// Python reads the file, too.
		if err := os.Setenv("ANSIBLE_CONFIG", r.set.File); err != nil {
			return nil, err
		}
	}
	set, _, err := readSettings()
	if err != nil {
		return nil, err
	}
	s := &session{o: &PlaybookOptions{Out: r.Out, Err: r.Err, Verbosity: r.Verbosity}, set: set, display: r.display}
	r.own.python = s.newPython(context.Background())
	r.own.closers = s.closers
	return r.own.python, nil
}

func (r *configRun) closeOwn() {
	for _, c := range r.own.closers {
		_ = c()
	}
}

// pluginPaths are the settings that name the directories of a kind's plugins,
// where they are not called DEFAULT_KIND_PLUGIN_PATH.
var pluginPaths = map[string]string{"become": "BECOME_PLUGIN_PATH"}

// ownNames are the names of a kind's plugins in the configured directories.
func (r *configRun) ownNames(ctx context.Context, kind string) []string {
	setting := first(pluginPaths[kind], "DEFAULT_"+strings.ToUpper(kind)+"_PLUGIN_PATH")
	d, ok := config.Define("base", setting)
	if !ok {
		return nil // of a kind that has none, such as shell
	}
	v, _, err := r.set.Typed(d)
	dirs, isList := v.(*value.List)
	if err != nil || !isList {
		return nil
	}
	if !slices.ContainsFunc(dirs.Items, func(dir value.Value) bool { return len(pythonFiles(value.Text(dir))) > 0 }) {
		return nil // Python is not started to hear that
	}
	python, err := r.ownPython()
	var names []string
	if err == nil {
		names, err = python.host.OwnPlugins(ctx, kind)
	}
	if err != nil {
		r.display.Warning(fmt.Sprintf("the %s plugins of yours are left out, as Python cannot read them: %v", kind, err))
	}
	return names
}

// pythonFiles are the Python files of a configured directory and of those one
// and two levels below it, where the reference finds plugins, too.
func pythonFiles(dir string) []string {
	var out []string
	for _, pattern := range []string{"*.py", "*/*.py", "*/*/*.py"} {
		found, _ := filepath.Glob(filepath.Join(escaped(dir), pattern))
		for _, path := range found {
			if filepath.Base(path) != "__init__.py" {
				out = append(out, path)
			}
		}
	}
	return out
}

// escaped is a directory's name as a pattern that means just it.
func escaped(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// define reads what a plugin declares; false where there is none.
func (r *configRun) define(ctx context.Context, kind, name string) bool {
	python, err := r.ownPython()
	var options *value.Dict
	if err == nil {
		options, err = python.host.PluginOptions(ctx, kind, name, true)
	}
	if err != nil {
		r.display.Warning(fmt.Sprintf("the options of the %s plugin '%s' cannot be read: %v", kind, name, err))
	}
	if options == nil {
		return false
	}
	owner := kind + "/" + name
	if r.own.known == nil {
		r.own.known = map[string][]config.Definition{}
	}
	r.own.known[owner] = config.Options(owner, value.DictOf("options", options))
	return true
}
