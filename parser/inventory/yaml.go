package inventory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// yaml reads groups with hosts, vars and children.
var _ = register(&plugin{name: "yaml", read: readYAML, fits: func(inv *Inventory, path string, st os.FileInfo) bool {
	ext := filepath.Ext(path)
	return st != nil && (ext == "" || slices.Contains(inv.options.YAMLEndings, ext))
}})

func readYAML(_ context.Context, inv *Inventory, path string) error {
	doc, err := inv.loader.File(path)
	if err != nil {
		var at *source.Error
		if errors.As(err, &at) { // the reference does not say where, this time
			return errors.New(at.Msg)
		}
		return err
	}
	root := doc.Root
	switch {
	case root.Kind == yaml.Scalar && root.Value == value.None, root.Kind == yaml.Mapping && len(root.Pairs) == 0, root.Kind == yaml.Sequence && len(root.Items) == 0:
		return errors.New("Parsed empty YAML file")
	case root.Kind != yaml.Mapping:
		return fmt.Errorf("YAML inventory has invalid structure, it should be a dictionary, got: <class '%s'>", pyType(root))
	case isPlugin(root):
		return errors.New("Plugin configuration YAML file, not YAML inventory")
	}
	r := yamlReader{inv: inv}
	for _, p := range root.Pairs {
		if err := r.group(p.Key, p.Value, nil); err != nil {
			return err
		}
	}
	return nil
}

// isPlugin reports whether root names a plugin.
func isPlugin(root *yaml.Node) bool {
	n := root.Get("plugin")
	switch {
	case n == nil:
		return false
	case n.Kind == yaml.Scalar:
		return value.Truth(n.Value)
	}
	return len(n.Items)+len(n.Pairs) > 0
}

// taggedModule begins the names of the classes the reference reads values into.
const taggedModule = "ansible.module_utils._internal._datatag._AnsibleTagged"

func pyType(n *yaml.Node) string {
	switch n.Kind {
	case yaml.Sequence:
		return taggedModule + "List"
	case yaml.Mapping:
		return taggedModule + "Dict"
	}
	switch t := n.Value.Type(); t {
	case "bool", "NoneType":
		return t
	case "str", "int", "float":
		return taggedModule + strings.ToUpper(t[:1]) + t[1:]
	default:
		return t
	}
}

// pyName is the last part of pyType.
func pyName(n *yaml.Node) string {
	name := pyType(n)
	return name[strings.LastIndexByte(name, '.')+1:]
}

type yamlReader struct{ inv *Inventory }

func isNull(n *yaml.Node) bool { return n.Kind == yaml.Scalar && n.Value == value.None }

// group reads one group and, below it, its children.
func (r yamlReader) group(key, n *yaml.Node, parent *Group) error {
	name := value.Text(key.Value)
	if n.Kind != yaml.Mapping && !isNull(n) {
		r.inv.warn("Skipping '%s' as this is not a valid group definition", name)
		if parent != nil {
			return fmt.Errorf("%s is not a known host nor group", name)
		}
		return nil
	}
	if _, ok := key.Value.(value.Str); !ok {
		return fmt.Errorf("Unable to add group %s: Invalid group name supplied, expected a string but got <class '%s'> for %s", name, pyType(key), name)
	}
	g := r.inv.group(name)
	for _, section := range []string{"vars", "children", "hosts"} {
		if s := n.Get(section); s != nil {
			if err := checkSection(section, name, s); err != nil {
				return err
			}
		}
	}
	for _, p := range n.Pairs {
		if err := r.section(g, value.Text(p.Key.Value), p.Value); err != nil {
			return err
		}
	}
	if parent != nil { // what is below comes first: that is where a loop is told
		return r.inv.adopt(parent, g)
	}
	return nil
}

// checkSection refuses a section that is no mapping; one name alone will do.
func checkSection(section, group string, n *yaml.Node) error {
	if n.Kind == yaml.Mapping || isNull(n) {
		return nil
	}
	if _, text := n.Value.(value.Str); text && n.Kind == yaml.Scalar {
		return nil
	}
	return fmt.Errorf("Invalid \"%s\" entry for \"%s\" group, requires a dictionary, found \"<class '%s'>\" instead.", section, group, pyType(n))
}

func (r yamlReader) section(g *Group, section string, n *yaml.Node) error {
	pairs := n.Pairs
	if n.Kind == yaml.Scalar && n.Value != value.None { // "hosts: h1" is "hosts: {h1: }"
		pairs = []yaml.Pair{{Key: n, Value: &yaml.Node{Value: value.None}}}
	}
	switch section {
	case "vars":
		return r.vars(pairs, g.vars, g.setKey)
	case "children":
		for _, p := range pairs {
			if err := r.group(p.Key, p.Value, g); err != nil {
				return err
			}
		}
	case "hosts":
		for _, p := range pairs {
			if err := r.hosts(g, p); err != nil {
				return err
			}
		}
	default:
		if n.Kind != yaml.Mapping {
			r.inv.warn("Skipping key (%s) in group (%s) as it is not a mapping, it is a <class '%s'>", section, g.Name, pyType(n))
			return nil
		}
		r.inv.warn("Skipping unexpected key (%s) in group (%s), only \"vars\", \"children\" and \"hosts\" are valid", section, g.Name)
	}
	return nil
}

// keyPos is where a key stands; the reference does not know that of constants.
func keyPos(n *yaml.Node) source.Pos {
	if _, isBool := n.Value.(value.Bool); isBool {
		return source.Inline("<unknown>", value.Text(n.Value))
	}
	return n.Pos
}

func (r yamlReader) vars(pairs []yaml.Pair, vars *value.Dict, set func(value.Value, value.Value) error) error {
	for _, p := range pairs {
		name := value.Text(p.Key.Value)
		r.inv.checkVarName(p.Key.Value, keyPos(p.Key))
		r.inv.note(vars, name, p.Key.Pos)
		v, err := p.Value.Decode(r.inv.loader.Scalar)
		if err != nil {
			return err
		}
		if err := set(p.Key.Value, v); err != nil {
			return err
		}
	}
	return nil
}

func (r yamlReader) hosts(g *Group, p yaml.Pair) error {
	entry, ok := p.Key.Value.(value.Str)
	if !ok {
		return fmt.Errorf("Host pattern %s must be a string. Enclose integers/floats in quotation marks.", value.Text(p.Key.Value))
	}
	names, port, err := expandHosts(string(entry))
	if err != nil {
		return err
	}
	if p.Value.Kind != yaml.Mapping && !isNull(p.Value) && len(names) > 0 {
		v, err := p.Value.Decode(r.inv.loader.Scalar)
		if err != nil {
			return err
		}
		return notVars(Raw(v))
	}
	for _, name := range names {
		h := r.inv.addLoaded(name, g, port)
		err := r.vars(p.Value.Pairs, h.vars, func(key, v value.Value) error {
			setKey(h.vars, key, v)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
