package inventory

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

var errPlugin = errors.New("the inventory plugin it names is not one that is built in")

// readPlugin refuses the configuration of a plugin.
func readPlugin(_ context.Context, inv *Inventory, path string) error {
	doc, err := inv.loader.File(path)
	if err != nil {
		return err
	}
	name := doc.Root.Get("plugin")
	if name == nil {
		return fmt.Errorf("no root 'plugin' key found, '%s' is not a valid YAML inventory plugin config file", path)
	}
	return fmt.Errorf("inventory config '%s' specifies plugin '%s': %w", path, name.Text, errPlugin)
}

// readYAML reads a YAML inventory: groups with hosts, vars and children.
func readYAML(inv *Inventory, path string) error {
	doc, err := inv.loader.File(path)
	if err != nil {
		return err
	}
	root := doc.Root
	switch {
	case root.Kind == yaml.Scalar && root.Value == value.None, root.Kind == yaml.Mapping && len(root.Pairs) == 0, root.Kind == yaml.Sequence && len(root.Items) == 0:
		return errors.New("Parsed empty YAML file")
	case root.Kind != yaml.Mapping:
		return fmt.Errorf("YAML inventory has invalid structure, it should be a dictionary, got: <class '%s'>", pyType(root))
	case root.Get("plugin") != nil:
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
		return fmt.Errorf("Invalid group name supplied, expected a string but got %s for %s", "<class '"+key.Value.Type()+"'>", name)
	}
	g := r.inv.group(name)
	if parent != nil {
		if err := r.inv.adopt(parent, g); err != nil {
			return err
		}
	}
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
		return r.vars(pairs, g.setVar)
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

func (r yamlReader) vars(pairs []yaml.Pair, set func(string, value.Value) error) error {
	for _, p := range pairs {
		name := value.Text(p.Key.Value)
		r.inv.checkVarName(name)
		v, err := p.Value.Decode(r.inv.loader.Scalar)
		if err != nil {
			return err
		}
		if err := set(name, v); err != nil {
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
	for _, name := range names {
		h := r.inv.addLoaded(name, g, port)
		err := r.vars(p.Value.Pairs, func(name string, v value.Value) error {
			setVar(h.vars, name, v)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
