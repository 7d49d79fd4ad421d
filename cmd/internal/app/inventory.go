package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/compat/collection"
	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/parser/inventory"
)

// readInventory reads the sources of -i, or those of the settings.
func (s *session) readInventory(ctx context.Context) error { return s.readSources(ctx, false) }

// readSources is readInventory; only says that nothing is going to run.
func (s *session) readSources(ctx context.Context, only bool) error {
	s.besidePlaybooks()
	opts, err := s.inventoryOptions(only)
	if err != nil {
		return err
	}
	s.invOpts = opts
	inv, err := inventory.Load(ctx, s.sources(), opts)
	if err != nil {
		return err
	}
	s.inv = inv
	return nil
}

// sources are the inventory sources as they were given.
func (s *session) sources() []string {
	if len(s.o.Inventory) > 0 {
		return s.o.Inventory
	}
	text := s.set.Str("DEFAULT_HOST_LIST")
	if !s.set.Set("DEFAULT_HOST_LIST") {
		// The default is nobody's mistake when it is not there.
		if _, err := os.Stat(text); err != nil {
			return nil
		}
		return []string{text}
	}
	// Each part is a path, so that a list of hosts cannot stand here: an empty
	// part is the directory itself, as in the reference.
	base := "."
	if from := s.set.Origin("DEFAULT_HOST_LIST"); !from.Pos.IsZero() {
		base = filepath.Dir(from.Pos.File)
	}
	var sources []string
	for src := range strings.SplitSeq(text, ",") {
		src = os.ExpandEnv(strings.TrimSpace(src))
		if home, err := os.UserHomeDir(); err == nil && (src == "~" || strings.HasPrefix(src, "~/")) {
			src = home + src[1:]
		}
		if !filepath.IsAbs(src) {
			src = filepath.Join(base, src)
		}
		sources = append(sources, absolute(src))
	}
	return sources
}

// inventoryOptions gathers what settings and flags say of inventories.
func (s *session) inventoryOptions(only bool) (inventory.Options, error) {
	set := s.set
	o := inventory.Options{
		Loader: s.content, Enabled: set.List("INVENTORY_ENABLED"), Ignore: set.List("INVENTORY_IGNORE_EXTS"), IgnorePatterns: set.List("INVENTORY_IGNORE_PATTERNS"),
		AnyUnparsedIsFatal: set.Bool("INVENTORY_ANY_UNPARSED_IS_FAILED"), UnparsedIsFatal: set.Bool("INVENTORY_UNPARSED_IS_FAILED"),
		QuietUnparsed: !set.Bool("INVENTORY_UNPARSED_WARNING"), Mismatch: set.Str("HOST_PATTERN_MISMATCH"), GroupChars: set.Str("TRANSFORM_INVALID_GROUP_CHARS"),
		VarsEndings: append([]string{""}, set.List("YAML_FILENAME_EXTENSIONS")...), PlaybookDir: s.o.dir(),
		Precedence: set.List("VARIABLE_PRECEDENCE"), Env: s.env, Extra: s.extra, MergeHash: set.Str("DEFAULT_HASH_BEHAVIOUR") == "merge",
		Reserved: map[string]bool{}, Python: playbookPython(), Foreign: inventoryPlugins{s, map[string]string{}}, Warn: s.inventoryWarning,
		Facts: s.factsForInventory,
		Err:   func(text string) { s.display.Error(text, true) },
		Say: func(level int, text string) {
			if s.o.Verbosity >= level {
				s.display.Print(text, callback.ColourVerbose)
			}
		},
	}
	for _, n := range reservedNames {
		o.Reserved[n] = true
	}
	if !set.Set("DEFAULT_HOST_LIST") {
		o.DefaultSource = set.Str("DEFAULT_HOST_LIST")
	}
	var err error
	if o.NoFiles, o.AtStart, err = s.noVarsFiles(only); err != nil {
		return o, err
	}
	if o.VarsPlugins, err = s.pythonVars(only); err != nil {
		return o, err
	}
	for _, one := range []struct {
		setting config.Setting
		take    func(text string)
	}{
		{config.InventoryYAMLEndings, func(t string) { o.YAMLEndings = split(t) }},
		{config.InventoryScriptStderr, func(t string) { o.HideScriptErrors = !config.IsTrue(t) }},
		{config.InventoryExtraVars, func(t string) { o.UseExtra = config.IsTrue(t) }},
	} {
		text, err := set.Own(one.setting)
		if err != nil {
			return o, &OptionsError{err}
		}
		one.take(text)
	}
	return o, nil
}

func split(list string) []string {
	var out []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

// noVarsFiles reports whether VARIABLE_PLUGINS_ENABLED leaves the files of
// group_vars and host_vars out, and whether those that are read are read with
// the inventory.
func (s *session) noVarsFiles(only bool) (noFiles, atStart bool, err error) {
	noFiles = true
	for _, name := range s.set.List("VARIABLE_PLUGINS_ENABLED") {
		// Others are Python's, or nobody's: the reference says nothing of those.
		if strings.TrimPrefix(strings.TrimPrefix(name, "ansible.builtin."), "ansible.legacy.") == "host_group_vars" {
			noFiles = false
		}
	}
	stage, err := s.set.Own(config.VarsStage)
	if err != nil {
		return false, false, &OptionsError{err}
	}
	switch {
	case stage == "task" && only: // those of tasks are none of the inventory's
		noFiles = true
	case stage == "inventory", stage == "" && s.set.Str("RUN_VARS_PLUGINS") == "start":
		atStart = true
	}
	for _, level := range s.set.List("VARIABLE_PRECEDENCE") {
		if !inventory.IsLevel(level) {
			s.display.Warning("Ignoring unknown variable precedence entry: " + level)
		}
	}
	return noFiles, atStart && !only, nil
}

func (s *session) inventoryWarning(w inventory.Warning) {
	if w.Deprecated {
		s.display.Deprecated(w.Text())
		return
	}
	s.display.Warning(w.Text())
}

// foreignPlugin finds the file of a plugin of the kinds inventory and vars.
func (s *session) foreignPlugin(kind, name string) string {
	name = strings.TrimPrefix(name, "ansible.legacy.")
	dirs := s.set.List(map[string]string{"inventory": "DEFAULT_INVENTORY_PLUGIN_PATH", "vars": "DEFAULT_VARS_PLUGIN_PATH"}[kind])
	if parts := strings.SplitN(name, ".", 3); len(parts) == 3 {
		dirs, name = nil, strings.ReplaceAll(parts[2], ".", "/")
		for _, root := range collection.New(s.set.List("COLLECTIONS_PATHS"), s.o.dir()).Roots() {
			dirs = append(dirs, filepath.Join(root, parts[0], parts[1], "plugins", kind))
		}
	} else {
		dirs = append(dirs, filepath.Join(s.o.dir(), kind+"_plugins"))
	}
	for _, dir := range dirs {
		for _, ending := range []string{".py", ".yml", ".yaml"} {
			path := filepath.Join(dir, name+ending)
			if st, err := os.Stat(path); err == nil && !st.IsDir() {
				return path
			}
		}
	}
	return ""
}

// judgeHosts says what the reference says of an inventory without hosts, and
// refuses a limit that leaves none.
func (s *session) judgeHosts() error {
	all := s.inv.Hosts()
	if len(all) == 0 {
		if s.set.Bool("LOCALHOST_WARNING") && !s.o.localhost {
			s.display.Warning("provided hosts list is empty, only localhost is available. Note that the implicit localhost does not match 'all'")
		}
		return nil
	}
	if s.o.Limit == "" {
		return nil
	}
	left, warnings, err := s.inv.Limit(all, s.o.Limit)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		s.display.Warning(w)
	}
	if len(left) == 0 {
		return errors.New("Specified inventory, host pattern and/or --limit leaves us with no hosts to target.")
	}
	return nil
}
