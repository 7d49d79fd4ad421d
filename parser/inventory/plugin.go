package inventory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
)

// plugin is one way to read a source. Each kind is one file that declares
// itself with register.
type plugin struct {
	name string
	// fits reports whether the plugin tries a source; st is nil for what is no path.
	fits func(inv *Inventory, path string, st os.FileInfo) bool
	read func(ctx context.Context, inv *Inventory, path string) error
	// configured plugins are only read through a file that names them.
	configured bool
}

var plugins = map[string]*plugin{}

func register(p *plugin) bool {
	plugins[p.name] = p
	return true
}

// enabled is INVENTORY_ENABLED of the reference.
var enabled = []string{"host_list", "script", "auto", "yaml", "ini", "toml"}

// pluginNamed finds a plugin by its name, which may be in full; nil for one
// that churten does not have.
func pluginNamed(name string) *plugin {
	for _, prefix := range []string{"ansible.builtin.", "ansible.legacy."} {
		if short, ok := strings.CutPrefix(name, prefix); ok {
			return plugins[short]
		}
	}
	return plugins[name]
}

// loadedName is what the reference calls a plugin that it has loaded by name.
func loadedName(name string) string {
	if short, ok := strings.CutPrefix(name, "ansible.builtin."); ok {
		return "ansible_collections.ansible.builtin.plugins.inventory." + short
	}
	return strings.TrimPrefix(name, "ansible.legacy.")
}

// attempt is a plugin that could not read a source.
type attempt struct {
	plugin string
	err    error
}

// tried are the plugins that sources are given to. The first source that is
// read finds out, as in the reference, whether there are any.
func (inv *Inventory) tried() ([]*plugin, []string, error) {
	if inv.chosen == nil {
		inv.say(4, "setting up inventory plugins")
		inv.say(4, "Loading collection ansible.builtin from ")
		for _, name := range inv.options.Enabled {
			p := pluginNamed(name)
			if p == nil {
				var err error
				if p, err = inv.foreign(name); err != nil {
					return nil, nil, err
				}
			}
			if p == nil {
				inv.warn("Failed to load inventory plugin, skipping %s", name)
				continue
			}
			inv.chosen, inv.called = append(inv.chosen, p), append(inv.called, loadedName(name))
		}
		if len(inv.chosen) == 0 {
			return nil, nil, errors.New("No inventory plugins available to generate inventory, make sure you have at least one enabled.")
		}
	}
	return inv.chosen, inv.called, nil
}

// source reads one source and reports whether it could.
func (inv *Inventory) source(ctx context.Context, path string) (bool, error) {
	st, err := os.Stat(path)
	if err == nil && st.IsDir() {
		return inv.directory(ctx, path)
	}
	if err != nil {
		st = nil
	}
	inv.reading = path
	defer func() { inv.reading = "" }()
	chosen, called, err := inv.tried()
	if err != nil {
		return false, err
	}
	var failed []attempt
	for i, p := range chosen {
		name := called[i]
		if !p.fits(inv, path, st) {
			inv.say(3, "%s declined parsing %s as it did not pass its verify_file() method", name, path)
			continue
		}
		inv.calledAs = name
		err := p.read(ctx, inv, path)
		if err == nil {
			inv.say(3, "Parsed %s inventory source with %s plugin", path, name)
			return true, nil
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		var no *declined
		if errors.As(err, &no) && no.plugin == p.name {
			inv.say(3, "%s declined parsing %s as it did not pass its verify_file() method", name, path)
			continue
		}
		var missing *unavailable
		if errors.As(err, &missing) && missing.fatal {
			return false, err
		}
		failed = append(failed, attempt{name, err})
	}
	for _, a := range failed {
		inv.warnOf(a, path)
	}
	return false, inv.unparsed(path)
}

// unparsed says that nothing could read a source.
func (inv *Inventory) unparsed(path string) error {
	if inv.options.AnyUnparsedIsFatal {
		return fmt.Errorf("Completely failed to parse inventory source %s", path)
	}
	inv.warn("Unable to parse %s as an inventory source", path)
	return nil
}

// warnOf tells why a plugin could not read a source, with the chain of causes
// as the reference shows it.
func (inv *Inventory) warnOf(a attempt, path string) {
	head := fmt.Sprintf("Failed to parse inventory with '%s' plugin", a.plugin)
	cause := asError(a.err, source.Pos{File: fmt.Sprintf("<inventory plugin '%s' with source '%s'>", a.plugin, path)})
	inv.tell(Warning{Msg: head + ": " + cause.Msg, Err: &source.Error{Msg: head + ": " + cause.Msg, Err: cause}})
}

// asError gives the links of err that the reference shows each by itself, the
// first at pos. A link without a place of its own is told with the one it is
// the cause of, though not a row of them.
func asError(err error, pos source.Pos) *source.Error {
	var outer *sourceError
	if !errors.As(err, &outer) {
		return placed(err, pos)
	}
	e := &source.Error{Pos: pos, Msg: outer.Error()}
	var doing *wrapped
	if errors.As(outer.err, &doing) {
		e.Err = placed(doing.err, source.Pos{})
		if e.Err.(*source.Error).Pos.IsZero() {
			e.Err = &source.Error{Msg: doing.Error()}
		}
	}
	return e
}

// plainMsg is err's message without its place.
func plainMsg(err error) string { return placed(err, source.Pos{}).Msg }

// placed is err with its place, or else pos.
func placed(err error, pos source.Pos) *source.Error {
	var at *source.Error
	if errors.As(err, &at) {
		e := *at
		if e.Pos.IsZero() {
			e.Pos = pos
		}
		return &e
	}
	var u *expr.UndefinedError
	var t *expr.TemplateError
	switch {
	case errors.As(err, &u):
		return &source.Error{Pos: firstPos(u.Pos, pos), Msg: u.Msg}
	case errors.As(err, &t):
		return &source.Error{Pos: firstPos(t.Pos, pos), Msg: t.Msg}
	}
	return &source.Error{Pos: pos, Msg: err.Error()}
}

func firstPos(a, b source.Pos) source.Pos {
	if a.IsZero() {
		return b
	}
	return a
}

// wantsFile is the fits of plugins that read files with one of some endings.
func wantsFile(path string, st os.FileInfo, endings ...string) bool {
	return st != nil && slices.Contains(endings, filepath.Ext(path))
}

// unavailable is the error for a plugin that only Python has.
type unavailable struct {
	text  string
	fatal bool
}

func (e *unavailable) Error() string { return e.text }

// Unavailable is the error of a plugin that is there and cannot be used: it ends
// the reading, since to pass over it would change the inventory.
func Unavailable(text string) error { return &unavailable{text: text, fatal: true} }
