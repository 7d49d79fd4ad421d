package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/compat/collection"
	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/compat/python/host"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/lookup"
	"github.com/churten/churten/jinja/value"
)

// ownDirs are the settings and directories in which plugins of the user's are
// looked for, by kind.
var ownDirs = map[string]struct{ setting, beside string }{
	"filter":     {"DEFAULT_FILTER_PLUGIN_PATH", "filter_plugins"},
	"test":       {"DEFAULT_TEST_PLUGIN_PATH", "test_plugins"},
	"lookup":     {"DEFAULT_LOOKUP_PLUGIN_PATH", "lookup_plugins"},
	"connection": {"DEFAULT_CONNECTION_PLUGIN_PATH", "connection_plugins"},
	"become":     {"BECOME_PLUGIN_PATH", "become_plugins"},
	"cache":      {"DEFAULT_CACHE_PLUGIN_PATH", "cache_plugins"},
}

// python is what the run knows of the user's Python plugins. Python itself is
// started only when one of them is needed; which ones there may be is told from
// the files.
type pythonPlugins struct {
	s    *session
	host *host.Host

	mu     sync.Mutex
	dirs   []string                     // of playbooks and roles
	files  map[string]map[string]string // text of the files of a kind by path
	told   map[string]bool
	finder *collection.Finder
	// blind: Python is not asked, since there is none. Set before a run only.
	blind bool
}

func (s *session) newPython(ctx context.Context) *pythonPlugins {
	p := &pythonPlugins{s: s, told: map[string]bool{}, files: map[string]map[string]string{}}
	for kind, where := range ownDirs {
		p.files[kind] = map[string]string{}
		for _, dir := range s.set.List(where.setting) {
			p.addFiles(kind, dir)
		}
	}
	p.host = host.New(host.Options{
		Python: func(ctx context.Context) (string, error) { return s.findPython(ctx) },
		Setup:  p.setup, Stdout: s.o.Out, Stderr: s.o.Err, Note: p.note, Run: ctx,
	})
	s.closers = append(s.closers, p.host.Close)
	return p
}

// findPython gives the interpreter that the user's ansible runs in.
func (s *session) findPython(ctx context.Context) (string, error) {
	named, err := s.set.Own(config.Python)
	if err != nil {
		return "", err
	}
	named = first(s.o.Python, named)
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if err != nil {
		return "", err
	}
	return host.Find(ctx, named, os.Getenv("PATH"), self)
}

// setup is what Python's ansible has to know of the run.
func (p *pythonPlugins) setup() *value.Dict {
	s := p.s
	o, set := s.o, s.set
	dir := value.Str(o.dir())
	cli := value.DictOf("connection", value.Str(first(o.Connection, set.Str("DEFAULT_TRANSPORT"))), "forks", value.Int(set.Int("DEFAULT_FORKS")),
		"become", value.Bool(o.Become), "become_method", value.Str(first(o.BecomeMethod, set.Str("DEFAULT_BECOME_METHOD"))), "become_user", text(o.BecomeUser),
		"become_ask_pass", value.Bool(o.AskBecomePass), "ask_pass", value.Bool(o.AskPass), "remote_user", text(first(o.User, set.Str("DEFAULT_REMOTE_USER"))),
		"private_key_file", text(first(o.PrivateKey, set.Str("DEFAULT_PRIVATE_KEY_FILE"))), "check", value.Bool(o.Check), "diff", value.Bool(o.Diff),
		"ssh_common_args", text(o.SSHCommonArgs), "ssh_extra_args", text(o.SSHExtraArgs), "verbosity", value.Int(o.Verbosity),
		"tags", value.Strings(s.tags()...), "skip_tags", value.Strings(s.skipTags()...), "subset", text(o.Limit), "inventory", value.Strings(o.Inventory...),
		"extra_vars", value.Strings(o.ExtraVars...), "timeout", value.Int(set.Int("DEFAULT_TIMEOUT")), "syntax", value.Bool(o.SyntaxCheck),
		"start_at_task", text(o.StartAt), "step", value.Bool(o.Step), "flush_cache", value.Bool(o.FlushCache), "args", value.Strings(o.Playbooks...),
		"listhosts", value.Bool(o.ListHosts), "listtasks", value.Bool(o.ListTasks), "listtags", value.Bool(o.ListTags), "module_path", value.None)
	var beside []string
	for _, pb := range o.Playbooks {
		beside = append(beside, filepath.Dir(absolute(pb)))
	}
	if len(beside) == 0 {
		beside = []string{string(dir)}
	}
	return value.DictOf("cli", cli, "verbosity", value.Int(o.Verbosity), "columns", value.Int(s.display.Columns), "basedir", dir,
		"playbook_dirs", value.Strings(beside...), "name", value.Str(filepath.Base(os.Args[0])))
}

func text(s string) value.Value {
	if s == "" {
		return value.None
	}
	return value.Str(s)
}

// note shows what a plugin shows.
func (p *pythonPlugins) note(n host.Note) {
	d := p.s.display
	switch {
	case n.LogOnly:
		d.LogOnly(n.Text)
	case n.Raw && !n.Stderr:
		d.Raw(n.Text, callback.ColourNamed(n.Colour))
	case n.Stderr:
		d.PrintErr(n.Text, callback.ColourNamed(n.Colour))
	default:
		d.Print(n.Text, callback.ColourNamed(n.Colour))
	}
}

// addDir makes the plugins beside a playbook or in a role known.
func (p *pythonPlugins) addDir(dir string) {
	p.mu.Lock()
	for _, known := range p.dirs {
		if known == dir {
			p.mu.Unlock()
			return
		}
	}
	p.dirs = append(p.dirs, dir)
	for kind, where := range ownDirs {
		p.addFiles(kind, filepath.Join(dir, where.beside))
	}
	p.mu.Unlock()
	if err := p.host.AddDir(context.Background(), dir); err != nil {
		p.s.display.Warning(fmt.Sprintf("plugins in %s: %v", dir, err))
	}
}

// addFiles reads the Python files of a kind in a directory.
func (p *pythonPlugins) addFiles(kind, dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !strings.HasSuffix(path, ".py") || e.Name() == "__init__.py" {
			continue
		}
		if text, err := os.ReadFile(path); err == nil {
			p.files[kind][path] = string(text)
		}
	}
}

// own finds a filter or test that a file of the user's puts before a native
// one. Only files that have the name in their text are believed to define it:
// Python is not started to hear that they do not.
func (p *pythonPlugins) own(kind, name string) *expr.Func {
	name, legacy := strings.CutPrefix(name, "ansible.legacy.")
	if !legacy && strings.Contains(name, ".") || !p.mentioned(kind, name) {
		return nil
	}
	fn, path := p.find(kind, name)
	if fn == nil || !p.isOwn(kind, path) {
		return nil
	}
	return fn
}

func (p *pythonPlugins) mentioned(kind, name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range p.files[kind] {
		if strings.Contains(text, name) {
			return true
		}
	}
	return false
}

func (p *pythonPlugins) isOwn(kind, path string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.files[kind][path]
	return ok
}

// find asks Python for a filter or test. Where there is no Python, a name that
// a file of the user's or a collection stands behind fails with that.
func (p *pythonPlugins) find(kind, name string) (*expr.Func, string) {
	if p.s.o.Inspect || p.blind {
		return nil, ""
	}
	fn, path, err := p.host.Func(context.Background(), kind, name)
	if fault := unloaded(kind, name, err); fault != nil {
		return &expr.Func{Name: name, Lazy: true, Volatile: true, Fn: func(*expr.Call) (value.Value, error) { return nil, fault }}, p.behind(kind, name)
	}
	if err != nil {
		behind := p.behind(kind, name)
		if behind == "" {
			return nil, ""
		}
		return broken(kind, name, behind, err), behind
	}
	if fn != nil {
		p.say(kind, name, path)
	}
	return fn, path
}

// unloaded is the error of a plugin that Python's loader refuses (it was
// removed, redirects go in a circle, its file raises), nil for others.
func unloaded(kind, name string, err error) error {
	var raised *host.Error
	if !errors.As(err, &raised) {
		return nil
	}
	return &expr.TemplateError{Msg: fmt.Sprintf("The %s plugin '%s' failed to load: %s", kind, name, raised.Msg), Err: err, Plugin: true}
}

func broken(kind, name, behind string, err error) *expr.Func {
	return &expr.Func{Name: name, Lazy: true, Volatile: true, Fn: func(*expr.Call) (value.Value, error) {
		return nil, &expr.TemplateError{Msg: fmt.Sprintf("The %s plugin '%s' is in Python (%s), which cannot be used: %s", kind, name, behind, err), Err: err, Plugin: true}
	}}
}

// behind gives a file, or a directory of files, that may define a name.
func (p *pythonPlugins) behind(kind, name string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for path, text := range p.files[kind] {
		if strings.Contains(text, strings.TrimPrefix(name, "ansible.legacy.")) {
			return path
		}
	}
	if p.finder == nil {
		p.finder = collection.New(p.s.set.List("COLLECTIONS_PATHS"), p.s.o.dir())
	}
	space, _, ok := collection.Split(name)
	if !ok {
		return ""
	}
	dir, ok := p.finder.Dir(space)
	if !ok {
		return ""
	}
	dir = filepath.Join(dir, "plugins", kind)
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return ""
	}
	return dir
}

// say tells once, with -vvv, that a plugin is Python's.
func (p *pythonPlugins) say(kind, name, path string) {
	if p.s.o.Verbosity < 3 {
		return
	}
	p.mu.Lock()
	told := p.told[kind+name]
	p.told[kind+name] = true
	p.mu.Unlock()
	if !told {
		p.s.display.Print(fmt.Sprintf("%s %s runs in Python: %s", kind, name, path), callback.ColourVerbose)
	}
}

// ForeignLookup gives a lookup that only Python has, or one of the user's that
// goes before a native one: see lookup.Foreign.
func (c controller) ForeignLookup(ctx *expr.Ctx, name string, native bool) (lookup.ForeignLookup, error) {
	return c.python.lookup(ctx, name, native)
}

func (p *pythonPlugins) lookup(ctx *expr.Ctx, name string, native bool) (lookup.ForeignLookup, error) {
	if p.s.o.Inspect || p.blind || native && p.ownLookup(name) == "" {
		return lookup.ForeignLookup{}, nil
	}
	found, err := p.host.FindLookup(context.Background(), name)
	if fault := unloaded("lookup", name, err); fault != nil {
		return lookup.ForeignLookup{}, fault
	}
	if err != nil {
		behind := p.ownLookup(name)
		if behind == "" {
			behind = p.behind("lookup", name)
		}
		if behind == "" {
			return lookup.ForeignLookup{}, nil
		}
		return lookup.ForeignLookup{}, &expr.TemplateError{Msg: fmt.Sprintf("The lookup plugin '%s' is in Python (%s), which cannot be used: %s", name, behind, err), Err: err}
	}
	if found == nil {
		return lookup.ForeignLookup{}, nil
	}
	p.say("lookup", name, found.Path)
	return lookup.ForeignLookup{Undefined: found.Undefined, Run: func(c *lookup.Call) ([]value.Value, error) {
		items, err := p.host.Lookup(c.Ctx, name, c.Terms, c.Options(), c.With)
		var raised *host.Error
		if errors.As(err, &raised) && raised.Type == "Unloaded" {
			return nil, unloaded("lookup", name, err)
		}
		return items, err
	}}, nil
}

// ownLookup gives the file of a lookup of the user's.
func (p *pythonPlugins) ownLookup(name string) string { return p.ownFile("lookup", name) }

// ownFile gives the file of the user's that a plugin of a kind is, which goes
// by its file's name.
func (p *pythonPlugins) ownFile(kind, name string) string {
	name, legacy := strings.CutPrefix(name, "ansible.legacy.")
	if !legacy && strings.Contains(name, ".") {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for path := range p.files[kind] {
		if strings.TrimSuffix(filepath.Base(path), ".py") == name {
			return path
		}
	}
	return ""
}

// hasLookup reports whether there is a lookup of that name, for with_… loops.
func (p *pythonPlugins) hasLookup(name string) bool {
	if lookup.Has(name) || p.ownLookup(name) != "" {
		return true
	}
	if p.s.o.Inspect || p.blind {
		return p.behind("lookup", name) != ""
	}
	found, err := p.host.FindLookup(context.Background(), name)
	return found != nil || err != nil && p.behind("lookup", name) != ""
}
