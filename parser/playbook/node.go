package playbook

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/load"
)

// keyText is a key as text; keys of other types are shown as Python prints them.
func keyText(k *yaml.Node) string {
	if s, ok := k.Value.(value.Str); ok {
		return string(s)
	}
	if k.Kind == yaml.Scalar && k.Value != nil {
		return value.Text(k.Value)
	}
	return k.Text
}

func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.Scalar && n.Value == value.Value(value.None)
}

// textOf gives a scalar's text; ok is false for anything else than text.
func textOf(n *yaml.Node) (string, bool) {
	if n == nil || n.Kind != yaml.Scalar || n.Vault {
		return "", false
	}
	s, ok := n.Value.(value.Str)
	return string(s), ok
}

// plainValue is a node's value without templates, for messages.
func plainValue(n *yaml.Node) value.Value {
	v, err := n.Decode(nil)
	if err != nil {
		return value.None
	}
	return v
}

// placeOf is where messages say that a value stands: the reference knows no
// place of null and booleans.
func placeOf(n *yaml.Node) source.Pos {
	if n.Kind == yaml.Scalar {
		switch n.Value.(type) {
		case value.NoneType, value.Bool:
			return source.Pos{}
		}
	}
	return n.Pos
}

// get gives the value under a key, nil when absent. The last of a doubled key counts.
func get(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.Mapping {
		return nil
	}
	return n.Get(key)
}

// text makes a value of text that was cut out of a scalar: a template if it has braces.
func text(s string, pos source.Pos, unsafe bool) value.Value {
	if unsafe {
		return value.Str(s)
	}
	return load.Text(s, pos)
}

// value decodes a piece of a file.
func (l *Loader) value(n *yaml.Node) (value.Value, error) {
	return n.Decode(l.opts.Load.Scalar)
}

// items gives the members of a list, or the one thing that stands in its place.
func items(n *yaml.Node) []*yaml.Node {
	switch {
	case isNull(n):
		return nil
	case n.Kind == yaml.Sequence:
		return n.Items
	}
	return []*yaml.Node{n}
}

// conditions compiles a condition or a list of them.
func (l *Loader) conditions(n *yaml.Node) ([]plan.Cond, error) {
	var conds []plan.Cond
	for _, item := range items(n) {
		c, err := l.condition(item)
		if err != nil {
			return nil, err
		}
		conds = append(conds, c)
	}
	return conds, nil
}

// judgements are the conditions of a keyword that is not without one when
// nothing stands behind it, as in the reference.
func (l *Loader) judgements(n *yaml.Node) ([]plan.Cond, error) {
	conds, err := l.conditions(n)
	if err == nil && len(conds) == 0 && n.Kind == yaml.Scalar {
		conds = []plan.Cond{{Value: value.None, Pos: n.Pos}}
	}
	return conds, err
}

// condition compiles one condition. What is no text (a boolean, a dict) is kept
// as a value: the executor says what it makes of it.
func (l *Loader) condition(n *yaml.Node) (plan.Cond, error) {
	s, ok := textOf(n)
	if !ok || n.Unsafe {
		v, err := l.value(n)
		return plan.Cond{Value: v, Pos: n.Pos}, err
	}
	x, err := expr.CompileCondition(s, n.Pos)
	if err != nil {
		return plan.Cond{Value: &load.Broken{Source: s, Pos: n.Pos, Err: err}, Pos: n.Pos}, nil
	}
	return plan.Cond{Expr: x, Pos: n.Pos}, nil
}

// values decodes a list, or the one thing that stands in its place.
func (l *Loader) values(n *yaml.Node) ([]value.Value, error) {
	var out []value.Value
	for _, item := range items(n) {
		v, err := l.value(item)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// strings of a keyword that takes a text or a list of texts.
func stringsOf(keyword string, n *yaml.Node) ([]string, error) {
	var out []string
	for _, item := range items(n) {
		s, ok := textOf(item)
		if !ok {
			return nil, parseError(placeOf(item), "Keyword '%s' items must be of type 'str', not '%s'.", keyword, plainValue(item).Type())
		}
		out = append(out, s)
	}
	return out, nil
}
