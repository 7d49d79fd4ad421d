package python

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/churten/churten/compat/collection"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/python"
	"github.com/churten/churten/strategy"
)

// Provider has the modules of a run that are not native. Safe for concurrent use.
type Provider struct {
	Finder *collection.Finder
	// Install gives the user's Ansible; asked for once, when a module needs it.
	Install func(context.Context) (*Install, error)
	// UtilDirs are the configured directories of module_utils.
	UtilDirs []string
	// Deprecated hears of module_utils that are to go away; may be nil.
	Deprecated func(msg string)

	mu    sync.Mutex
	files map[string]string // of modules by full name
	dirs  []string          // of playbooks and roles
	ready map[string]*strategy.ForeignModule
	base  *base
}

// base is the part that all Python modules share.
type base struct {
	install *Install
	files   map[string]*found
	part    module.Blob
	// internal are the arguments that its modules know beside their own.
	internal []string
}

// Add makes a module known under its full name.
func (p *Provider) Add(fqcn, path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.files == nil {
		p.files = map[string]string{}
	}
	if p.files[fqcn] == "" {
		p.files[fqcn] = path
	}
}

// AddDir makes the module_utils beside a playbook or in a role known.
func (p *Provider) AddDir(dir string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if dir = filepath.Join(dir, "module_utils"); !slices.Contains(p.dirs, dir) {
		p.dirs = append(p.dirs, dir)
	}
}

// Has reports whether a module of that full name is known.
func (p *Provider) Has(fqcn string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.files[fqcn] != ""
}

// Module gives a module ready to be sent.
func (p *Provider) Module(ctx context.Context, fqcn string) (*strategy.ForeignModule, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := p.files[fqcn]
	if path == "" {
		return nil, nil
	}
	if m := p.ready[path]; m != nil {
		return m, nil
	}
	m, err := p.read(ctx, fqcn, path)
	if err != nil {
		return nil, err
	}
	if p.ready == nil {
		p.ready = map[string]*strategy.ForeignModule{}
	}
	p.ready[path] = m
	return m, nil
}

// ModuleKind is a kind of modules; those that can be run are the target's.
type ModuleKind = python.Kind

// New is Python on module_utils, PowerShell what only Windows runs.
const (
	New                   = python.New
	PowerShell ModuleKind = "powershell"
)

// Kind tells what kind of module a file is, without what it needs.
func Kind(path string) (ModuleKind, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return kindOf(text), nil
}

func (p *Provider) read(ctx context.Context, fqcn, path string) (*strategy.ForeignModule, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := &strategy.ForeignModule{Path: path, Kind: kindOf(text), Short: fqcn[strings.LastIndexByte(fqcn, '.')+1:]}
	m.Why = "not native: a module of yours"
	switch space, _, _ := collection.Split(fqcn); space {
	case "ansible.legacy":
	case "ansible.builtin":
		m.Why = "not native: ansible-core's own"
	default:
		m.Why = "not native: the collection's own"
	}
	if m.Interpreter, m.Flags, err = firstLine(text); err != nil {
		return nil, err
	}
	switch {
	case m.Kind == PowerShell:
		return nil, fmt.Errorf("the module %s (%s) is PowerShell: churten does not manage Windows", fqcn, path)
	case m.Kind == python.New:
		if m.Interpreter == "" {
			m.Interpreter = "/usr/bin/python"
		}
		return m, p.readNew(ctx, m, string(text))
	case m.Interpreter == "" && m.Kind != python.Binary:
		return nil, fmt.Errorf("module (%s) is missing interpreter line", strings.TrimPrefix(fqcn, "ansible.legacy."))
	case m.Kind == python.Binary:
		m.Interpreter, m.Flags = "", ""
	}
	if strings.HasPrefix(filepath.Base(m.Interpreter), "python") {
		text = withCoding(text)
	}
	m.Parts = []module.Blob{part(text)}
	return m, nil
}

// withCoding says in a script's second line that it is UTF-8, for Python 2.
func withCoding(text []byte) []byte {
	first, rest, _ := strings.Cut(string(text), "\n")
	return []byte(first + "\n# -*- coding: utf-8 -*-\n" + rest)
}

func (p *Provider) readNew(ctx context.Context, m *strategy.ForeignModule, text string) error {
	b, err := p.common(ctx)
	if err != nil {
		return fmt.Errorf("the module %s (%s) needs the module_utils of an ansible-core: %w", m.Short, m.Path, err)
	}
	text = strings.ReplaceAll(text, markCommon, "from ansible.module_utils.basic import *")
	m.FQN = fqnOf(m.Path, m.Short, b.install.Site())
	m.Profile, m.Version, m.Internal = "legacy", b.install.Version, b.internal
	own := &found{name: m.FQN, path: strings.ReplaceAll(m.FQN, ".", "/") + ".py", text: text}
	files := map[string]*found{}
	for name, f := range b.files {
		files[name] = f
	}
	if err := p.utils(b.install).follow(m.FQN, wants(m.FQN, text, false), files); err != nil {
		return err
	}
	for i := range m.FQN {
		if above := m.FQN[:i]; m.FQN[i] == '.' && files[above] == nil {
			files[above] = &found{name: above, path: packagePath(above)}
		}
	}
	files[own.name] = own
	for name, f := range b.files {
		if files[name] == f {
			delete(files, name)
		}
	}
	m.Parts = []module.Blob{b.part, pack(head{}, files)}
	return nil
}

func (p *Provider) utils(in *Install) *utils {
	init := "from pkgutil import extend_path\n__path__=extend_path(__path__,__name__)\n"
	return &utils{
		dirs: slices.Concat(p.dirs, p.UtilDirs, []string{filepath.Join(in.Dir, "module_utils")}), finder: p.Finder, deprecated: p.Deprecated,
		synthetic: map[string]string{"ansible.module_utils": init,
			"ansible": init + `__version__="` + in.Version + "\"\n__author__=\"Ansible, Inc.\"\n"},
	}
}

// preloads are the modules that each interpreter imports once, as far as the
// ansible-core at hand has them.
var preloads = []string{"ansible.module_utils.basic", "ansible.module_utils._internal._ansiballz._loader",
	"ansible.module_utils._internal._json._profiles._module_legacy_c2m", "ansible.module_utils._internal._json._profiles._module_legacy_m2c"}

func (p *Provider) common(ctx context.Context) (*base, error) {
	if p.base != nil {
		return p.base, nil
	}
	in, err := p.Install(ctx)
	if err != nil {
		return nil, err
	}
	b := &base{install: in, files: map[string]*found{}}
	u := p.utils(in)
	h := head{Base: true}
	todo := []wanted{{name: "ansible"}, {name: "ansible.module_utils"}}
	for i, name := range preloads {
		f, err := u.find(&wanted{name: name})
		if err != nil {
			return nil, err
		}
		if f == nil && i > 0 {
			continue
		}
		h.Preload = append(h.Preload, name)
		todo = append(todo, wanted{name: name})
	}
	if err := u.follow("ansible.module_utils.basic", todo, b.files); err != nil {
		return nil, err
	}
	b.part = pack(h, b.files)
	if f := b.files["ansible.module_utils.common.parameters"]; f != nil {
		b.internal = internalArgs(f.text)
	}
	p.base = b
	return b, nil
}
