package inventory

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/load"
)

// Options say how sources are read. The zero value is the reference's defaults.
type Options struct {
	Loader *load.Loader
	// Enabled are the plugins that a source is given to, in turn; nil means the
	// reference's.
	Enabled []string
	// Ignore are the endings of names that a directory's reading passes over,
	// nil means the reference's; IgnorePatterns regular expressions for such names.
	Ignore, IgnorePatterns []string
	// AnyUnparsedIsFatal is INVENTORY_ANY_UNPARSED_IS_FAILED, UnparsedIsFatal
	// INVENTORY_UNPARSED_IS_FAILED, QuietUnparsed INVENTORY_UNPARSED_WARNING=False.
	AnyUnparsedIsFatal, UnparsedIsFatal, QuietUnparsed bool
	// Mismatch is HOST_PATTERN_MISMATCH: what a pattern that matches nothing is,
	// "warning" (also ""), "error" or "ignore".
	Mismatch string
	// GroupChars is TRANSFORM_INVALID_GROUP_CHARS: "never" (also ""), "always",
	// "ignore" or "silently".
	GroupChars string
	// YAMLEndings are the endings of files that are read as YAML; nil means the
	// reference's. VarsEndings likewise of files of variables.
	YAMLEndings, VarsEndings []string
	// HideScriptErrors drops what scripts write to stderr when they succeed.
	HideScriptErrors bool
	// DefaultSource is the source that would be read if it were there: what lies
	// beside it counts where no sources are given.
	DefaultSource string
	// PlaybookDir is where group_vars and host_vars of the playbook are.
	PlaybookDir string
	// Precedence is VARIABLE_PRECEDENCE, nil means the reference's; NoFiles says
	// that VARIABLE_PLUGINS_ENABLED leaves host_group_vars out.
	Precedence []string
	NoFiles    bool
	// AtStart reads group_vars and host_vars with the inventory: RUN_VARS_PLUGINS=start.
	// They stand beside what the sources say then, and those of the playbook are left out.
	AtStart bool
	// Env and Extra (the variables of -e) are for plugins that evaluate
	// expressions; UseExtra is ANSIBLE_INVENTORY_USE_EXTRA_VARS, MergeHash
	// hash_behaviour=merge.
	Env       *expr.Env
	Extra     *value.Dict
	UseExtra  bool
	MergeHash bool
	// Facts gives the facts of hosts that runs before this one kept, a nil
	// function for none; it is called where a plugin looks at them.
	Facts func() (func(host string) (*value.Dict, error), error)
	// Python is what ansible_python_interpreter of the implicit localhost names.
	Python string
	// Reserved are names of variables that mean something else in a play.
	Reserved map[string]bool
	// Foreign has the inventory plugins that are not native, VarsPlugins the vars
	// plugins; nil for none.
	Foreign     Foreign
	VarsPlugins VarsPlugins
	// Warn hears warnings as they arise, Say what -v, -vv … show, Err what
	// scripts write to stderr; nil drops them.
	Warn func(Warning)
	Say  func(level int, text string)
	Err  func(text string)
}

// ignored is INVENTORY_IGNORE_EXTS of the reference.
var ignored = []string{".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry"}

// withDefaults fills in what was not given.
func (o Options) withDefaults() Options {
	if o.Loader == nil {
		o.Loader = load.New(nil, nil)
	}
	if o.Ignore == nil {
		o.Ignore = ignored
	}
	if o.Enabled == nil {
		o.Enabled = enabled
	}
	if o.YAMLEndings == nil {
		o.YAMLEndings = []string{".yaml", ".yml", ".json"}
	}
	if o.VarsEndings == nil {
		o.VarsEndings = varsExtensions
	}
	return o
}

// Load reads the sources of -i in turn, later ones over earlier: files,
// directories, scripts, lists of hosts with a comma. A source that cannot be
// read is a warning, unless the options say otherwise; then what has been read
// comes with the error, for its warnings.
func Load(ctx context.Context, sources []string, o Options) (*Inventory, error) {
	o = o.withDefaults()
	inv := New(o.Loader)
	inv.options = o
	inv.Sources = sources
	for _, s := range sources {
		path := s
		if !strings.Contains(s, ",") {
			if abs, err := filepath.Abs(s); err == nil {
				path = abs
			}
		}
		ok, err := inv.source(ctx, path)
		if err != nil {
			return inv, err
		}
		inv.Parsed = inv.Parsed || ok
		if !strings.Contains(s, ",") {
			inv.addDir(path)
		}
	}
	if len(sources) == 0 && o.DefaultSource != "" {
		inv.addDir(o.DefaultSource)
	}
	if !inv.Parsed {
		if o.UnparsedIsFatal && len(sources) > 0 {
			return inv, errors.New("No inventory was parsed, please check your configuration and options.")
		}
		if !o.QuietUnparsed {
			inv.warn("No inventory was parsed, only implicit localhost is available")
		}
	}
	if inv.Parsed || len(sources) == 0 {
		if err := inv.settle(); err != nil {
			return inv, err
		}
		for _, h := range inv.order {
			if inv.groups[h.Name] != nil {
				inv.warn("Found both group and host with same name: %s", h.Name)
			}
		}
	}
	if o.PlaybookDir != "" {
		inv.SetPlaybookDir(o.PlaybookDir)
	}
	return inv, nil
}

// addDir notes where a source's group_vars and host_vars may be.
func (inv *Inventory) addDir(path string) {
	dir := path
	if st, err := os.Stat(path); err != nil || !st.IsDir() {
		dir = filepath.Dir(path)
	}
	if !slices.Contains(inv.dirs, dir) {
		inv.dirs = append(inv.dirs, dir)
	}
}
