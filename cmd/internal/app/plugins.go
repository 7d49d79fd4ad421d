package app

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/churten/churten/modules/kit/plan"
)

// needsEnabling marks callbacks that do nothing unless they are enabled by name.
var needsEnabling = regexp.MustCompile(`(?m)^\s*CALLBACK_NEEDS_(ENABLED|WHITELIST)\s*=\s*True\b`)

// refusePlugins names the user's own Python plugins that the reference would
// load by themselves and that would change what a run does or shows. Plugins
// that content asks for by name (filters, lookups …) are told where they are used.
func (s *session) refusePlugins(books []*plan.Playbook) error {
	for _, kind := range []struct{ setting, beside, what string }{
		{"DEFAULT_VARS_PLUGIN_PATH", "vars_plugins", "vars"},
	} {
		dirs := s.set.List(kind.setting)
		for _, pb := range books {
			dirs = append(dirs, filepath.Join(pb.Dir, kind.beside))
		}
		for _, dir := range dirs {
			if path := ownPlugin(dir, kind.what); path != "" {
				return fmt.Errorf("%s is a %s plugin of yours, which ansible-playbook would load: churten does not run Python plugins yet", path, kind.what)
			}
		}
	}
	return nil
}

func ownPlugin(dir, what string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".py") || strings.HasPrefix(name, "_") {
			continue
		}
		path := filepath.Join(dir, name)
		if what == "callback" {
			if text, err := os.ReadFile(path); err == nil && needsEnabling.Match(text) {
				continue
			}
		}
		return path
	}
	return ""
}
