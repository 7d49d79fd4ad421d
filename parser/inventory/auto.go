package inventory

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// auto reads YAML files that name the plugin they are for.
var _ = register(&plugin{name: "auto", read: readAuto, fits: func(_ *Inventory, path string, st os.FileInfo) bool {
	return wantsFile(path, st, ".yml", ".yaml")
}})

func readAuto(ctx context.Context, inv *Inventory, path string) error {
	doc, err := inv.loader.File(path)
	if err != nil {
		return err
	}
	named := doc.Root.Get("plugin")
	if named == nil || named.Kind == yaml.Scalar && !value.Truth(named.Value) {
		return fmt.Errorf("no root 'plugin' key found, '%s' is not a valid YAML inventory plugin config file", path)
	}
	if named.Kind != yaml.Scalar {
		return fmt.Errorf("unhashable type: '%s'", pyName(named))
	}
	name, ok := named.Value.(value.Str)
	if !ok {
		return fmt.Errorf("unsupported type <class '%s'>", pyType(named))
	}
	p := pluginNamed(string(name))
	if p == nil {
		if p, err = inv.foreign(string(name)); err != nil {
			return err
		}
		if p == nil {
			return fmt.Errorf("inventory config '%s' specifies unknown plugin '%s'", path, name)
		}
	}
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !p.fits(inv, path, st) {
		return fmt.Errorf("inventory source '%s' could not be verified by inventory plugin '%s'", path, name)
	}
	inv.calledAs = string(name)
	return p.read(ctx, inv, path)
}

// configFits is the fits of plugins with a configuration of their own.
func configFits(inv *Inventory, path string, st os.FileInfo) bool {
	if st == nil {
		return false
	}
	ext := filepath.Ext(path)
	return ext == "" || ext == ".config" || slices.Contains(inv.options.YAMLEndings, ext)
}

// config reads the configuration of a plugin.
func (inv *Inventory) config(path string) (*yaml.Node, error) {
	doc, err := inv.loader.File(path)
	if err != nil {
		return nil, err
	}
	root := doc.Root
	switch {
	case root.Kind == yaml.Scalar && !value.Truth(root.Value), root.Kind == yaml.Mapping && len(root.Pairs) == 0, root.Kind == yaml.Sequence && len(root.Items) == 0:
		return nil, fmt.Errorf("%s is empty", path)
	case root.Kind != yaml.Mapping:
		return nil, fmt.Errorf("inventory source has invalid structure, it should be a dictionary, got: <class '%s'>", pyType(root))
	}
	name := "none found"
	if n := root.Get("plugin"); n != nil {
		name = n.Text
	}
	called := inv.calledAs
	if short, ok := strings.CutPrefix(called, "ansible_collections.ansible.builtin.plugins.inventory."); ok {
		called = "ansible.builtin." + short
	}
	if name != called {
		return nil, fmt.Errorf("Incorrect plugin name in file: %s", name)
	}
	return root, nil
}

// option gives an option of a plugin's configuration; nil if it is not given.
func (inv *Inventory) option(root *yaml.Node, plugin, name, kind string) (*yaml.Node, error) {
	n := root.Get(name)
	if n == nil || isNull(n) {
		return nil, nil
	}
	if kind == "dict" && n.Kind != yaml.Mapping || kind == "list" && n.Kind == yaml.Mapping {
		v, err := n.Decode(inv.loader.Scalar)
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("Config '%s' for '%s' inventory plugin from 'Direct' has an invalid value: Invalid value provided for '%s': %s", name, plugin, kind, value.Repr(Raw(v)))
	}
	return n, nil
}

// boolOption gives a boolean option. What is none counts as false, as in the reference.
func boolOption(root *yaml.Node, name string, def bool) bool {
	n := root.Get(name)
	if n == nil || isNull(n) {
		return def
	}
	switch value.Text(n.Value) {
	case "True", "true", "yes", "Yes", "on", "1", "t", "y", "1.0":
		return true
	}
	return false
}
