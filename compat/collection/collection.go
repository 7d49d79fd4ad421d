// Package collection finds what collections hold: roles, playbooks, modules
// and other plugins, by fully qualified name or through the list of collections
// that a play searches for short names; and it follows their routing
// (meta/runtime.yml: redirects, deprecations, removals, action groups).
//
// A Finder knows the directories; it reads each collection's routing once. It
// only finds: how a module runs is decided elsewhere, and what is native goes
// first where the caller says so.
package collection

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value/yaml"
)

// Finder finds collections. Safe for concurrent use.
type Finder struct {
	roots []string // directories that hold ansible_collections/NAMESPACE/NAME below them

	// builtin is the file with the routing of ansible.builtin, which lies in no
	// collection's directory.
	builtin string

	// install says, once, what the user's Ansible has; see SetInstall.
	install func() Install

	mu      sync.Mutex
	dirs    map[string]string
	routing map[string]*Routing
}

// New makes a Finder for the configured collection paths. A path may be the
// directory that has ansible_collections, or that itself. playbookDir is the
// directory whose `collections` goes before all; "" for none.
func New(paths []string, playbookDir string) *Finder {
	f := &Finder{dirs: map[string]string{}, routing: map[string]*Routing{}}
	if playbookDir != "" {
		f.add(filepath.Join(playbookDir, "collections"))
	}
	for _, p := range paths {
		f.add(p)
	}
	return f
}

func (f *Finder) add(path string) {
	if filepath.Base(path) != "ansible_collections" {
		path = filepath.Join(path, "ansible_collections")
	}
	if !slices.Contains(f.roots, path) {
		f.roots = append(f.roots, path)
	}
}

// SetBuiltin names the file with the routing of ansible.builtin, where the
// user has an Ansible: redirects of modules that moved into collections, and
// its action groups. To be called before the Finder is used.
func (f *Finder) SetBuiltin(path string) { f.builtin = path }

// Install is what an installed Ansible adds to what is configured; zero where
// there is none.
type Install struct {
	Dir     string // of the package ansible
	Site    string // that holds ansible_collections
	Routing string // the file with the routing of ansible.builtin
}

// SetInstall says where to look when nothing configured has a collection, and
// for what ansible.builtin has that is not native; find is called when that is
// needed, and may be called again. To be called before the Finder is used.
func (f *Finder) SetInstall(find func() Install) { f.install = find }

func (f *Finder) installed() Install {
	if f.install == nil {
		return Install{}
	}
	return f.install()
}

// Roots are the directories searched, in order.
func (f *Finder) Roots() []string { return slices.Clone(f.roots) }

// Split takes a fully qualified name apart: ns.name and the rest, which may
// have dots of its own.
func Split(fqcn string) (collection, rest string, ok bool) {
	parts := strings.SplitN(fqcn, ".", 3)
	if len(parts) < 3 || slices.Contains(parts, "") {
		return "", "", false
	}
	for _, p := range parts[:2] {
		if !identifier(p) {
			return "", "", false
		}
	}
	return parts[0] + "." + parts[1], parts[2], true
}

func identifier(s string) bool {
	for i, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// Dir gives the directory of a collection, named ns.name.
func (f *Finder) Dir(collection string) (string, bool) {
	ns, name, ok := strings.Cut(collection, ".")
	if !ok || !identifier(ns) || !identifier(name) {
		return "", false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if dir, ok := f.dirs[collection]; ok {
		return dir, dir != ""
	}
	f.dirs[collection] = ""
	roots := f.roots
	if site := f.installed().Site; site != "" {
		roots = append(slices.Clone(roots), filepath.Join(site, "ansible_collections"))
	}
	for _, root := range roots {
		dir := filepath.Join(root, ns, name)
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			f.dirs[collection] = dir
			return dir, true
		}
	}
	return "", false
}

// Role gives the directory of a role of a collection. Roles may lie in
// directories below roles/: "sub.role".
func (f *Finder) Role(collection, role string) (string, bool) {
	dir, ok := f.Dir(collection)
	if !ok || role == "" || strings.Contains(role, "/") {
		return "", false
	}
	path := filepath.Join(append([]string{dir, "roles"}, strings.Split(role, ".")...)...)
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return path, true
	}
	return "", false
}

// Playbook gives the path of a playbook named ns.collection.playbook.
func (f *Finder) Playbook(fqcn string) (string, bool) {
	collection, rest, ok := Split(fqcn)
	if !ok {
		return "", false
	}
	dir, ok := f.Dir(collection)
	if !ok {
		return "", false
	}
	for _, ext := range []string{".yml", ".yaml"} {
		rest := strings.TrimSuffix(rest, ext)
		path := filepath.Join(append([]string{dir, "playbooks"}, strings.Split(rest, ".")...)...) + ext
		if st, err := os.Stat(path); err == nil && !st.IsDir() {
			return path, true
		}
	}
	return "", false
}

// IsFQCN reports whether a text may be the name of something in a collection.
func IsFQCN(name string) bool {
	parts := strings.Split(name, ".")
	return len(parts) > 2 && !slices.ContainsFunc(parts, func(p string) bool { return !identifier(p) })
}

// Of names the collection that a file is in, if that is the one that the search
// path finds.
func (f *Finder) Of(path string) (string, bool) {
	parts := strings.Split(path, "/")
	at := len(parts) - 1
	for ; at >= 0 && parts[at] != "ansible_collections"; at-- {
	}
	if at < 0 || at+2 >= len(parts) {
		return "", false
	}
	name := parts[at+1] + "." + parts[at+2]
	dir, ok := f.Dir(name)
	return name, ok && dir == strings.Join(parts[:at+3], "/")
}

// Kind is a kind of plugin, named as its directory under plugins/.
type Kind string

// The kinds of plugins that are looked for.
const (
	Modules     Kind = "modules"
	Actions     Kind = "action"
	Filters     Kind = "filter"
	Tests       Kind = "test"
	Lookups     Kind = "lookup"
	Callbacks   Kind = "callback"
	Connections Kind = "connection"
	Become      Kind = "become"
	Inventory   Kind = "inventory"
	ModuleUtils Kind = "module_utils"
)

// routingKey is a kind's name in meta/runtime.yml.
func (k Kind) routingKey() string { return string(k) }

// File gives the file of a plugin in its collection, without routing.
func (f *Finder) File(kind Kind, fqcn string) (string, bool) {
	collection, rest, ok := Split(fqcn)
	if !ok {
		return "", false
	}
	if collection == builtin {
		return f.builtinFile(kind, rest)
	}
	dir, ok := f.Dir(collection)
	if !ok {
		return "", false
	}
	base := filepath.Join(append([]string{dir, "plugins", string(kind)}, strings.Split(rest, ".")...)...)
	return PluginFile(base, kind)
}

// builtin is ansible-core's own collection, which lies in its package.
const builtin = "ansible.builtin"

// builtinFile finds a module or an action plugin of ansible-core.
func (f *Finder) builtinFile(kind Kind, name string) (string, bool) {
	dir := f.installed().Dir
	switch {
	case dir == "" || strings.Contains(name, "."):
		return "", false
	case kind == Modules:
		return PluginFile(filepath.Join(dir, "modules", name), kind)
	case kind == Actions:
		return PluginFile(filepath.Join(dir, "plugins", "action", name), kind)
	}
	return "", false
}

// PluginFile finds base with one of the extensions that a plugin may have: .py,
// and for modules any but those of documentation.
func PluginFile(base string, kind Kind) (string, bool) {
	if isFile(base + ".py") {
		return base + ".py", true
	}
	if kind != Modules {
		return "", false
	}
	if isFile(base) {
		return base, true
	}
	names, err := filepath.Glob(globQuote(base) + ".*")
	if err != nil {
		return "", false
	}
	for _, name := range names {
		if !ignored(name) && isFile(name) && strings.TrimSuffix(name, filepath.Ext(name)) == base {
			return name, true
		}
	}
	return "", false
}

func ignored(name string) bool {
	switch filepath.Ext(name) {
	case ".pyc", ".pyo", ".swp", ".bak", ".rpm", ".md", ".txt", ".rst", ".yaml", ".yml", ".ini":
		return true
	}
	return strings.HasSuffix(name, "~")
}

func globQuote(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(s)
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && !st.IsDir()
}

// Routing gives what a collection's meta/runtime.yml says; an empty one when
// it has none.
func (f *Finder) Routing(collection string) (*Routing, error) {
	path, ok := f.routingFile(collection)
	if !ok {
		return &Routing{}, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.routing[collection]; r != nil {
		return r, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		f.routing[collection] = &Routing{}
		return f.routing[collection], nil
	}
	if err != nil {
		return nil, err
	}
	doc, err := yaml.Parse(text, path)
	if err != nil {
		return nil, err
	}
	r := readRouting(doc.Root)
	f.routing[collection] = r
	return r, nil
}

func (f *Finder) routingFile(collection string) (string, bool) {
	if collection == builtin {
		path := f.builtin
		if path == "" {
			path = f.installed().Routing
		}
		return path, path != ""
	}
	dir, ok := f.Dir(collection)
	return filepath.Join(dir, "meta", "runtime.yml"), ok
}
