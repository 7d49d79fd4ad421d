package inventory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/parser/load"
)

// Options say how sources are read.
type Options struct {
	Loader *load.Loader
	// Ignore are the endings of names that a directory's reading passes over;
	// nil means the reference's.
	Ignore []string
	// AnyUnparsedIsFatal is INVENTORY_ANY_UNPARSED_IS_FAILED, UnparsedIsFatal
	// INVENTORY_UNPARSED_IS_FAILED.
	AnyUnparsedIsFatal, UnparsedIsFatal bool
	// Mismatch is HOST_PATTERN_MISMATCH: what a pattern that matches nothing is,
	// "warning" (also ""), "error" or "ignore".
	Mismatch string
	// PlaybookDir is where group_vars and host_vars of the playbook are.
	PlaybookDir string
}

// ignored is INVENTORY_IGNORE_EXTS of the reference.
var ignored = []string{".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry"}

// Load reads the sources of -i in turn, later ones over earlier: files,
// directories, scripts, lists of hosts with a comma. A source that cannot be
// read is a warning, unless the options say otherwise; then what has been read
// comes with the error, for its warnings.
func Load(ctx context.Context, sources []string, o Options) (*Inventory, error) {
	if o.Loader == nil {
		o.Loader = load.New(nil, nil)
	}
	if o.Ignore == nil {
		o.Ignore = ignored
	}
	inv := New(o.Loader)
	inv.Sources, inv.mismatch = sources, o.Mismatch
	for _, s := range sources {
		path := s
		if !strings.Contains(s, ",") {
			if abs, err := filepath.Abs(s); err == nil {
				path = abs
			}
		}
		ok, err := inv.source(ctx, path, o)
		if err != nil {
			return inv, err
		}
		inv.Parsed = inv.Parsed || ok
		if !strings.Contains(s, ",") {
			inv.addDir(path)
		}
	}
	if !inv.Parsed {
		if o.UnparsedIsFatal && len(sources) > 0 {
			return inv, errors.New("No inventory was parsed, please check your configuration and options.")
		}
		inv.warn("No inventory was parsed, only implicit localhost is available")
	}
	if inv.Parsed || len(sources) == 0 {
		inv.settle()
		for _, h := range inv.order {
			if inv.groups[h.Name] != nil {
				inv.warn("Found both group and host with same name: %s", h.Name)
			}
		}
	}
	for _, g := range inv.ranks {
		if !groupName(g.Name) {
			inv.warn("Invalid characters were found in group names but not replaced, use -vvvv to see details")
			break
		}
	}
	if o.PlaybookDir != "" {
		inv.SetPlaybookDir(o.PlaybookDir)
	}
	return inv, nil
}

func (inv *Inventory) warn(format string, args ...any) {
	w := Warning{Msg: fmt.Sprintf(format, args...)}
	if !slices.Contains(inv.Warnings, w) {
		inv.Warnings = append(inv.Warnings, w)
	}
}

// groupName reports whether name is a valid variable name, as groups' should be.
func groupName(name string) bool {
	return word(name) && (name[0] < '0' || name[0] > '9')
}

// checkVarName warns of a variable that no template can name.
func (inv *Inventory) checkVarName(name string) {
	if groupName(name) {
		return
	}
	w := Warning{Msg: fmt.Sprintf("Accepting inventory variable with invalid name '%s'.", name), Deprecated: true}
	if !slices.Contains(inv.Warnings, w) {
		inv.Warnings = append(inv.Warnings, w)
	}
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

// attempt is one way to read a source that did not work.
type attempt struct {
	plugin string
	err    error
}

// source reads one source and reports whether it could.
func (inv *Inventory) source(ctx context.Context, path string, o Options) (bool, error) {
	st, err := os.Stat(path)
	if err == nil && st.IsDir() {
		return inv.directory(ctx, path, o)
	}
	inv.reading = path
	defer func() { inv.reading = "" }()
	var failed []attempt
	for _, k := range kinds {
		if !k.fits(path, st) {
			continue
		}
		err := k.read(ctx, inv, path)
		if err == nil {
			return true, nil
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		failed = append(failed, attempt{k.name, err})
	}
	for _, a := range failed {
		msg := a.err.Error()
		var at *source.Error
		if errors.As(a.err, &at) {
			msg = at.Msg
		}
		inv.warn("Failed to parse inventory with '%s' plugin: %s", a.plugin, msg)
	}
	if o.AnyUnparsedIsFatal {
		return false, fmt.Errorf("Completely failed to parse inventory source %s", path)
	}
	inv.warn("Unable to parse %s as an inventory source", path)
	return false, nil
}

// directory reads what is in a directory, in the order of the names.
func (inv *Inventory) directory(ctx context.Context, dir string, o Options) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, fmt.Errorf("inventory directory: %w", err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if !passOver(e.Name(), o.Ignore) {
			names = append(names, e.Name())
		}
	}
	sort.Strings(names)
	parsed := false
	for _, name := range names {
		ok, err := inv.source(ctx, filepath.Join(dir, name), o)
		if err != nil {
			return false, err
		}
		parsed = parsed || ok
	}
	return parsed, nil
}

func passOver(name string, endings []string) bool {
	if strings.HasPrefix(name, ".") || name == "host_vars" || name == "group_vars" || name == "vars_plugins" {
		return true
	}
	for _, e := range endings {
		if strings.HasSuffix(name, e) {
			return true
		}
	}
	return false
}

// kind is one way to read a source, in the order of the reference's
// INVENTORY_ENABLED. st is nil for a path that is not there.
type kind struct {
	name string
	fits func(path string, st os.FileInfo) bool
	read func(ctx context.Context, inv *Inventory, path string) error
}

var kinds = []kind{
	{"host_list", func(path string, st os.FileInfo) bool { return st == nil && strings.Contains(path, ",") },
		func(_ context.Context, inv *Inventory, path string) error { return readList(inv, path) }},
	{"script", func(path string, st os.FileInfo) bool { return st != nil && st.Mode()&0o111 != 0 }, readScript},
	{"auto", func(path string, st os.FileInfo) bool {
		e := filepath.Ext(path)
		return st != nil && (e == ".yml" || e == ".yaml")
	}, readPlugin},
	{"yaml", func(path string, st os.FileInfo) bool {
		e := filepath.Ext(path)
		return st != nil && (e == "" || e == ".yml" || e == ".yaml" || e == ".json")
	}, func(_ context.Context, inv *Inventory, path string) error { return readYAML(inv, path) }},
	{"ini", func(_ string, st os.FileInfo) bool { return st != nil },
		func(_ context.Context, inv *Inventory, path string) error { return readINI(inv, path) }},
}

// readList reads "h1,h2:2222,".
func readList(inv *Inventory, list string) error {
	for _, entry := range strings.Split(list, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		name, port := splitPort(entry)
		inv.addLoaded(name, inv.group(Ungrouped), port)
	}
	return nil
}
