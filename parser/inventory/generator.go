package inventory

import (
	"context"
	"errors"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// generator makes hosts of all combinations of the values of some layers.
//
// Source: documentation of ansible.builtin.generator; messages seen on
// ansible-core 2.19 (testdata/loading/inventory/generator-*).
var _ = register(&plugin{name: "generator", fits: configFits, read: readGenerator, configured: true})

// maxGenerated bounds the hosts of one configuration.
const maxGenerated = 1_000_000

type generator struct {
	construction
}

func readGenerator(ctx context.Context, inv *Inventory, path string) error {
	root, err := inv.config(path)
	if err != nil {
		return err
	}
	if inv.options.Env == nil {
		return errors.New("templates cannot be evaluated here")
	}
	layers, hosts := root.Get("layers"), root.Get("hosts")
	switch {
	case layers == nil:
		return errors.New("'layers'")
	case layers.Kind != yaml.Mapping:
		return pyNoAttribute(layers, "values")
	}
	g := generator{construction{inv: inv}}
	values := make([][]value.Value, len(layers.Pairs))
	total := 1
	for i, l := range layers.Pairs {
		if values[i], err = inv.layer(l.Value); err != nil {
			return err
		}
		if total *= len(values[i]); total > maxGenerated {
			return fmt.Errorf("the layers stand for more than %d hosts", maxGenerated)
		}
	}
	for n := range total {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		left, chosen := n, make([]value.Value, len(values))
		for i := len(values) - 1; i >= 0; i-- { // the last layer goes round first
			chosen[i], left = values[i][left%len(values[i])], left/len(values[i])
		}
		vars := value.NewDict(len(chosen))
		for i, l := range layers.Pairs {
			setVar(vars, value.Text(l.Key.Value), chosen[i])
		}
		if err := g.host(hosts, &scope{dicts: []*value.Dict{vars}}); err != nil {
			return err
		}
	}
	return nil
}

// layer gives the values of a layer; a text is the list of its characters.
func (inv *Inventory) layer(n *yaml.Node) ([]value.Value, error) {
	v, err := n.Decode(inv.loader.Scalar)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case *value.List:
		return v.Items, nil
	case *value.Dict:
		return v.Keys(), nil
	case value.Str:
		var out []value.Value
		for _, c := range string(v) {
			out = append(out, value.Str(string(c)))
		}
		return out, nil
	}
	return nil, fmt.Errorf("'%s' object is not iterable", pyName(n))
}

func (g *generator) host(hosts *yaml.Node, s *scope) error {
	if hosts == nil || isNull(hosts) {
		return errors.New("'hosts'")
	}
	if hosts.Kind != yaml.Mapping {
		return errors.New(pyNoKey(hosts, "name"))
	}
	name := hosts.Get("name")
	if name == nil {
		return errors.New("'name'")
	}
	v, err := g.template(name, s)
	if err != nil {
		return err
	}
	h := g.inv.addLoaded(value.Text(v), nil, 0)
	return g.parents(h.Name, hosts, s, func(p *Group) error { g.inv.join(p, h); return nil })
}

// parents makes the parent groups of a host or group and hands them to put.
func (g *generator) parents(child string, of *yaml.Node, s expr.Scope, put func(*Group) error) error {
	list := of.Get("parents")
	if list == nil || isNull(list) {
		return nil
	}
	for _, p := range list.Items {
		name := p.Get("name")
		if name == nil {
			return fmt.Errorf("Element %s has a parent with no name.", child)
		}
		v, err := g.template(name, s)
		if err != nil {
			return err
		}
		parent := g.inv.group(value.Text(v))
		if err := put(parent); err != nil {
			return err
		}
		if vars := p.Get("vars"); vars != nil {
			for _, pair := range vars.Pairs {
				g.inv.note(parent.vars, value.Text(pair.Key.Value), pair.Key.Pos)
				v, err := g.template(pair.Value, s)
				if err != nil {
					return err
				}
				if err := parent.setVar(value.Text(pair.Key.Value), v); err != nil {
					return err
				}
			}
		}
		if err := g.parents(parent.Name, p, s, func(above *Group) error { return g.inv.adopt(above, parent) }); err != nil {
			return err
		}
	}
	return nil
}

// pyNoAttribute and pyNoKey are Python's words for a value of a wrong type.
func pyNoAttribute(n *yaml.Node, name string) error {
	if n == nil || isNull(n) {
		return fmt.Errorf("'NoneType' object has no attribute '%s'", name)
	}
	return fmt.Errorf("'%s' object has no attribute '%s'", pyName(n), name)
}

func pyNoKey(n *yaml.Node, key string) string {
	if n.Kind == yaml.Sequence {
		return "list indices must be integers or slices, not str"
	}
	return fmt.Sprintf("string indices must be integers, not '%s'", key)
}
