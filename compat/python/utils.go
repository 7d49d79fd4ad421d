package python

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/compat/collection"
)

// utils finds module_utils, as the reference does while it packs a module: the
// user's own directories before those of ansible-core, collections by their
// place, and redirects of runtime.yml.
type utils struct {
	dirs   []string // that stand for ansible/module_utils, in their order
	finder *collection.Finder
	// synthetic are modules whose text is not that of a file.
	synthetic map[string]string
	// deprecated hears of those that are to go away; may be nil.
	deprecated func(msg string)
}

// found is a module as it goes into a bundle.
type found struct {
	name string // dotted
	path string // in the bundle
	text string
}

func (f *found) isPackage() bool { return strings.HasSuffix(f.path, "/__init__.py") }

// wanted is an import to be followed.
type wanted struct {
	name      string
	ambiguous bool // its last part may be a name in a module
	optional  bool
	redirect  bool // a package above something redirected need not exist
}

// candidates are the modules that a wanted name may mean.
func (w *wanted) candidates() []string {
	parts := strings.Split(w.name, ".")
	below := 2
	if parts[0] == "ansible_collections" {
		below = 5
	}
	if strings.HasPrefix(w.name, "ansible.module_utils.six") {
		return []string{"ansible.module_utils.six"}
	}
	if w.ambiguous && len(parts)-below > 1 {
		return []string{w.name, strings.Join(parts[:len(parts)-1], ".")}
	}
	return []string{w.name}
}

// find gives the module that w means; nil when there is none.
func (u *utils) find(w *wanted) (*found, error) {
	for _, name := range w.candidates() {
		if text, ok := u.synthetic[name]; ok {
			return &found{name: name, path: packagePath(name), text: text}, nil
		}
		look := []func(string, bool) (*found, error){u.inDirs, u.redirected} // own files before redirects
		if strings.HasPrefix(name, "ansible_collections") {
			look = []func(string, bool) (*found, error){u.redirected, u.inCollection}
		}
		for _, in := range look {
			if f, err := in(name, w.optional); f != nil || err != nil {
				return f, err
			}
		}
	}
	if w.redirect {
		return &found{name: w.name, path: packagePath(w.name)}, nil
	}
	return nil, nil
}

func packagePath(name string) string { return strings.ReplaceAll(name, ".", "/") + "/__init__.py" }

// inDirs looks for ansible.module_utils.…
func (u *utils) inDirs(name string, _ bool) (*found, error) {
	rest, ok := strings.CutPrefix(name, "ansible.module_utils.")
	if !ok {
		return nil, nil
	}
	for _, dir := range u.dirs {
		if f, err := read(name, filepath.Join(dir, filepath.FromSlash(strings.ReplaceAll(rest, ".", "/")))); f != nil || err != nil {
			return f, err
		}
	}
	return nil, nil
}

// read reads a package's __init__.py, or a module.
func read(name, base string) (*found, error) {
	path := strings.ReplaceAll(name, ".", "/")
	for _, end := range []string{"/__init__.py", ".py"} {
		text, err := os.ReadFile(base + end)
		if err == nil {
			return &found{name, path + end, string(text)}, nil
		}
		if !os.IsNotExist(err) && isFile(base+end) {
			return nil, err
		}
	}
	return nil, nil
}

// inCollection looks for ansible_collections.NS.NAME.plugins.module_utils.…;
// the packages above are there, and empty.
func (u *utils) inCollection(name string, _ bool) (*found, error) {
	parts := strings.Split(name, ".")
	if len(parts) < 6 {
		return &found{name: name, path: packagePath(name)}, nil
	}
	dir, ok := u.finder.Dir(parts[1] + "." + parts[2])
	if !ok || parts[3] != "plugins" || parts[4] != "module_utils" {
		return nil, nil
	}
	base := filepath.Join(append([]string{dir}, parts[3:]...)...)
	f, err := read(name, base)
	if f == nil && err == nil && isDir(base) { // a package need not have an __init__.py
		f = &found{name: name, path: packagePath(name)}
	}
	return f, err
}

// redirected makes the module that stands where a redirect is.
func (u *utils) redirected(name string, optional bool) (*found, error) {
	parts := strings.Split(name, ".")
	space, rest := "ansible.builtin", parts[min(2, len(parts)):]
	if parts[0] == "ansible_collections" {
		if len(parts) < 6 {
			return nil, nil
		}
		space, rest = parts[1]+"."+parts[2], parts[5:]
		if _, ok := u.finder.Dir(space); !ok {
			if optional {
				return nil, nil
			}
			return nil, fmt.Errorf("error processing module_util %s loading redirected collection %s: unable to locate collection %s", name, space, space)
		}
	}
	if len(rest) == 0 {
		return nil, nil
	}
	routing, err := u.finder.Routing(space)
	if err != nil {
		if optional {
			return nil, nil
		}
		return nil, fmt.Errorf("error processing module_util %s loading redirected collection %s: %w", name, space, err)
	}
	e := routing.Entry(collection.ModuleUtils, strings.Join(rest, "."))
	if e == nil {
		return nil, nil
	}
	if e.Tombstone != nil {
		return nil, errors.New(collection.UtilMessage(name, space, *e.Tombstone, true))
	}
	if e.Deprecation != nil && u.deprecated != nil {
		u.deprecated(collection.UtilMessage(name, space, *e.Deprecation, false))
	}
	if e.Redirect == "" {
		return nil, nil
	}
	to := e.Redirect
	if !strings.HasPrefix(to, "ansible_collections") {
		p := strings.Split(to, ".")
		if len(p) < 3 {
			return nil, fmt.Errorf("invalid redirect for %s: %s", name, to)
		}
		to = strings.Join(slices.Concat([]string{"ansible_collections", p[0], p[1], "plugins", "module_utils"}, p[2:]), ".")
	}
	return &found{name, packagePath(name), fmt.Sprintf("import sys\nimport %s as mod\nsys.modules['%s'] = mod\n", to, name)}, nil
}
