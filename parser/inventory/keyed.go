package inventory

import (
	"errors"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// keyedGroup is an entry of keyed_groups: a group for each value of a key.
type keyedGroup struct {
	key, parent        *yaml.Node
	prefix, separator  string
	orElse             *string // default_value
	trailing, hasTrail bool
}

func readKeyed(inv *Inventory, list *yaml.Node) ([]*keyedGroup, error) {
	items := list.Items
	if list.Kind == yaml.Scalar { // one alone is a list of one
		items = []*yaml.Node{list}
	}
	var out []*keyedGroup
	for _, n := range items {
		if n.Kind != yaml.Mapping {
			v, err := n.Decode(inv.loader.Scalar)
			if err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("Invalid keyed group entry, it must be a dictionary: %s", value.Text(v))
		}
		k := &keyedGroup{key: n.Get("key"), parent: n.Get("parent_group"), separator: "_", trailing: true}
		text := func(name string, into *string) {
			if v := n.Get(name); v != nil && !isNull(v) {
				*into = v.Text
			}
		}
		text("prefix", &k.prefix)
		text("separator", &k.separator)
		if v := n.Get("default_value"); v != nil && !isNull(v) {
			k.orElse = new(string)
			*k.orElse = v.Text
		}
		if t := n.Get("trailing_separator"); t != nil {
			k.hasTrail, k.trailing = !isNull(t), boolOption(n, "trailing_separator", true)
		}
		out = append(out, k)
	}
	return out, nil
}

// addKeyed puts h into the groups that k makes of its variables.
func (c *construction) addKeyed(h *Host, k *keyedGroup, s *scope) error {
	if k.orElse != nil && k.hasTrail {
		return errors.New("parameters are mutually exclusive for keyed groups: default_value|trailing_separator")
	}
	v, err := c.keyValue(k, s)
	if err != nil {
		if c.strict {
			return &wrapped{fmt.Sprintf("Could not generate group for host %s from %s entry", h.Name, keyText(k)), err}
		}
		return nil
	}
	names, err := k.names(v)
	if err != nil {
		return err
	}
	if names == nil {
		if c.strict {
			return fmt.Errorf("No key or key resulted empty for %s in host %s, invalid entry", keyText(k), h.Name)
		}
		return nil
	}
	for _, bare := range names {
		parent := ""
		if k.parent != nil && !isNull(k.parent) {
			p, err := c.template(k.parent, s)
			if err != nil {
				if c.strict {
					return &wrapped{fmt.Sprintf("Could not generate parent group '%s' for group '%s'", k.parent.Text, bare), err}
				}
				continue
			}
			parent = c.inv.forcedName(value.Text(p))
		}
		sep := k.separator
		if k.prefix == "" && !c.leading {
			sep = ""
		}
		g := c.inv.group(c.inv.forcedName(k.prefix + sep + bare))
		c.inv.join(g, h)
		if parent != "" {
			if err := c.inv.adopt(c.inv.group(parent), g); err != nil {
				return err
			}
		}
	}
	return nil
}

func keyText(k *keyedGroup) string {
	if k.key == nil {
		return "None"
	}
	return k.key.Text
}

func (c *construction) keyValue(k *keyedGroup, s expr.Scope) (value.Value, error) {
	if k.key == nil || isNull(k.key) {
		return nil, errors.New("Expressions must be <class 'str'>, got <class 'NoneType'>.")
	}
	return c.eval(k.key, s)
}

// names gives the groups' names, without prefix, that a value stands for; nil
// for a value that stands for none.
func (k *keyedGroup) names(v value.Value) ([]string, error) {
	if v == value.None || v == value.Str("") {
		if k.orElse == nil {
			return nil, nil
		}
		return []string{*k.orElse}, nil
	}
	if !value.Truth(v) {
		return nil, nil
	}
	orElse := func(v value.Value) string {
		if (v == value.None || v == value.Str("")) && k.orElse != nil {
			return *k.orElse
		}
		return value.Text(v)
	}
	switch v := v.(type) {
	case value.Str:
		return []string{string(v)}, nil
	case *value.List:
		var out []string
		for _, item := range v.Items {
			out = append(out, orElse(item))
		}
		return out, nil
	case *value.Dict:
		var out []string
		for key, item := range v.All() {
			if !k.trailing && item == value.Str("") {
				out = append(out, value.Text(key))
				continue
			}
			out = append(out, value.Text(key)+k.separator+orElse(item))
		}
		return out, nil
	}
	return nil, fmt.Errorf("Invalid group name format, expected a string or a list of them or dictionary, got: <class '%s'>", className(v))
}

// className is the class that the reference has for a value it has read.
func className(v value.Value) string {
	switch t := v.Type(); t {
	case "bool", "NoneType":
		return t
	default:
		return "ansible.module_utils._internal._datatag." + taggedType(v)
	}
}

// wrapped is an error with what was being done.
type wrapped struct {
	doing string
	err   error
}

func (e *wrapped) Error() string {
	if e.doing == "" {
		return plainMsg(e.err)
	}
	return e.doing + ": " + plainMsg(e.err)
}
func (e *wrapped) Unwrap() error { return e.err }
