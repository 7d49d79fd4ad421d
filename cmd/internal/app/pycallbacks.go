package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/compat/python/host"
	"github.com/churten/churten/modules/kit/event"
)

// callbacks lets Python load what is not native of a run's callbacks, and the
// user's own that nobody has to enable.
func (p *pythonPlugins) callbacks(ctx context.Context, choice *callback.Choice) {
	own := p.ownCallbacks()
	choice.Own = func(name string) bool {
		return !strings.Contains(strings.TrimPrefix(name, "ansible.legacy."), ".") && own[strings.TrimPrefix(name, "ansible.legacy.")] != ""
	}
	auto := ""
	if p.s.o.choose == nil || p.s.set.Bool("DEFAULT_LOAD_CALLBACK_PLUGINS") {
		auto = unasked(own)
	}
	choice.Foreign = func(stdout string, enabled, native []string) (event.Listener, error) {
		if stdout == "" && len(enabled) == 0 && auto == "" {
			return nil, nil
		}
		all, err := p.host.Callbacks(ctx, host.CallbackChoice{Stdout: stdout, Enabled: enabled, Skip: native, Auto: auto != ""}, p.s.display.Warning)
		if err != nil {
			what := "the callbacks " + strings.Join(slices.DeleteFunc(append([]string{stdout}, enabled...), func(s string) bool { return s == "" }), ", ") + " are none of churten's"
			if stdout == "" && len(enabled) == 0 {
				what = auto + " is a callback plugin of yours, which ansible-playbook would load"
			}
			return nil, fmt.Errorf("%s, and Python cannot load them: %w (native are: %s)", what, err, strings.Join(callback.Names(), ", "))
		}
		if all == nil {
			return nil, nil
		}
		return all, nil
	}
}

// ownCallbacks gives the files of the user's callbacks by name.
func (p *pythonPlugins) ownCallbacks() map[string]string {
	dirs := slices.Clone(p.s.set.List("DEFAULT_CALLBACK_PLUGIN_PATH"))
	p.mu.Lock()
	for _, dir := range p.dirs {
		dirs = append(dirs, filepath.Join(dir, "callback_plugins"))
	}
	p.mu.Unlock()
	own := map[string]string{}
	for _, dir := range dirs {
		files, _ := filepath.Glob(filepath.Join(dir, "*.py"))
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".py")
			if own[name] == "" && !strings.HasPrefix(name, "_") {
				own[name] = file
			}
		}
	}
	return own
}

// unasked gives a callback among own that the reference would load without
// being asked to.
func unasked(own map[string]string) string {
	for _, file := range own {
		if text, err := os.ReadFile(file); err == nil && !needsEnabling.Match(text) {
			return file
		}
	}
	return ""
}
