package collection

import (
	"os"
	"path/filepath"
	"strings"
)

// Library finds modules outside collections: in directories named `library`
// beside playbooks and in roles, and in the configured module paths.
type Library struct {
	dirs []string
}

// NewLibrary makes a Library of directories in the order in which they are searched.
func NewLibrary(dirs ...string) *Library { return &Library{dirs: dirs} }

// With gives a Library that searches dirs first: a role's or a playbook's own.
func (l *Library) With(dirs ...string) *Library {
	return &Library{dirs: append(append([]string{}, dirs...), l.dirs...)}
}

// Module gives the file of a module by its short name or ansible.legacy one.
// Directories below a library are searched too; a leading underscore marks a
// deprecated module and is not part of its name.
func (l *Library) Module(name string) (string, bool) {
	name = strings.TrimPrefix(name, "ansible.legacy.")
	if name == "" || strings.ContainsAny(name, "./") {
		return "", false
	}
	for _, dir := range l.dirs {
		if path, ok := l.in(dir, name, 0); ok {
			return path, true
		}
	}
	return "", false
}

// maxLevels bounds how deep a library's directories are searched.
const maxLevels = 8

func (l *Library) in(dir, name string, level int) (string, bool) {
	for _, n := range []string{name, "_" + name} {
		if path, ok := PluginFile(filepath.Join(dir, n), Modules); ok {
			return path, true
		}
	}
	if level == maxLevels {
		return "", false
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", false
	}
	for _, e := range entries {
		sub := filepath.Join(dir, e.Name())
		if st, err := os.Stat(sub); err != nil || !st.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == "__pycache__" {
			continue
		}
		if path, ok := l.in(sub, name, level+1); ok {
			return path, true
		}
	}
	return "", false
}
