package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// needsEnabling marks callbacks that do nothing unless they are enabled by name.
var needsEnabling = regexp.MustCompile(`(?m)^\s*CALLBACK_NEEDS_(ENABLED|WHITELIST)\s*=\s*True\b`)

// ownPlugin gives a Python file in a directory of plugins that the reference
// would load without being asked to, "" if there is none.
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
