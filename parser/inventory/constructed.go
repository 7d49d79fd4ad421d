package inventory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// constructed makes variables and groups of what sources before it said.
//
// Source: documentation of ansible.builtin.constructed; messages and order seen
// on ansible-core 2.19 (testdata/loading/inventory/constructed-*).
var _ = register(&plugin{name: "constructed", fits: configFits, read: readConstructed, configured: true})

// construction is one configuration at work.
type construction struct {
	inv               *Inventory
	strict            bool
	compose, groups   *yaml.Node
	keyed             []*keyedGroup
	leading           bool
	varsFiles, extras bool
	facts             func(host string) (*value.Dict, error)
}

func readConstructed(_ context.Context, inv *Inventory, path string) error {
	root, err := inv.config(path)
	if err != nil {
		return err
	}
	c := &construction{inv: inv, strict: boolOption(root, "strict", false), leading: boolOption(root, "leading_separator", true),
		varsFiles: boolOption(root, "use_vars_plugins", false), extras: boolOption(root, "use_extra_vars", inv.options.UseExtra)}
	if c.compose, err = inv.option(root, "constructed", "compose", "dict"); err != nil {
		return err
	}
	if c.groups, err = inv.option(root, "constructed", "groups", "dict"); err != nil {
		return err
	}
	keyed, err := inv.option(root, "constructed", "keyed_groups", "list")
	if err != nil {
		return err
	}
	if keyed != nil {
		if c.keyed, err = readKeyed(inv, keyed); err != nil {
			return failedSource(path, err)
		}
	}
	if inv.options.Env == nil {
		return errors.New("expressions cannot be evaluated here")
	}
	if inv.options.Facts != nil {
		if c.facts, err = inv.options.Facts(); err != nil {
			return err
		}
	}
	for _, h := range slices.Clone(inv.order) {
		if err := c.host(h); err != nil {
			return failedSource(path, err)
		}
	}
	return nil
}

// failedSource says of which configuration an error is.
func failedSource(path string, err error) error {
	return &sourceError{doing: fmt.Sprintf("Failed to parse '%s'", path), err: err}
}

// sourceError is an error of a source as a whole.
type sourceError struct {
	doing string
	err   error
}

func (e *sourceError) Error() string { return e.doing + ": " + e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// scope is the variables that a host has so far.
type scope struct {
	dicts []*value.Dict // highest precedence first
	given []*value.Dict // those of them that sources and -e gave
	memo  expr.Memo
}

func (s *scope) Memo() *expr.Memo { return &s.memo }

func (s *scope) Lookup(name string) (value.Value, bool, error) {
	for _, d := range s.dicts {
		if v, ok := d.GetStr(name); ok {
			return v, true, nil
		}
	}
	return nil, false, nil
}

// passes reports whether an expression is the name of a variable that some
// source gives: its text stays what it was.
func (s *scope) passes(expression string) bool {
	name := strings.TrimSpace(expression)
	return isName(name) && slices.ContainsFunc(s.given, func(d *value.Dict) bool { _, ok := d.GetStr(name); return ok })
}

// scope gives the variables of a host as constructed sees them: its groups',
// its own, perhaps those of files, its name and its groups, cached facts, perhaps those of -e.
func (c *construction) scope(h *Host) (*scope, error) {
	inv := c.inv
	s := &scope{}
	names := value.Strings(inv.directNames(h)...)
	s.dicts = append(s.dicts, value.DictOf("inventory_hostname", value.Str(h.Name), "inventory_hostname_short", value.Str(shortName(h.Name)), "group_names", names))
	if c.facts != nil {
		facts, err := c.facts(h.Name)
		if err != nil {
			return nil, err
		}
		if facts != nil {
			s.dicts = append([]*value.Dict{facts}, s.dicts...)
		}
	}
	if c.extras && inv.options.Extra != nil {
		s.dicts = append([]*value.Dict{inv.options.Extra}, s.dicts...)
		s.given = append(s.given, inv.options.Extra)
	}
	layers, err := c.layers(h)
	if err != nil {
		return nil, err
	}
	for _, l := range slices.Backward(layers) {
		vars := l.Vars
		if vars == h.vars { // what is composed meanwhile is not seen
			vars = vars.Clone()
		}
		s.dicts, s.given = append(s.dicts, vars), append(s.given, vars)
	}
	return s, nil
}

// layers gives what sources, and perhaps files, say of a host so far.
func (c *construction) layers(h *Host) ([]Layer, error) {
	inv := c.inv
	var out []Layer
	groups := inv.groupsOf(h)
	for _, g := range groups {
		out = append(out, Layer{Origin: fromSources, Vars: g.vars})
	}
	if !c.varsFiles {
		return append(out, Layer{Origin: fromSources, Vars: h.vars}), nil
	}
	var names []string
	for _, g := range groups {
		names = append(names, g.Name)
	}
	files, err := inv.besideSources("group_vars", names)
	if err != nil {
		return nil, err
	}
	out = append(append(out, files...), Layer{Origin: fromSources, Vars: h.vars})
	files, err = inv.besideSources("host_vars", []string{h.Name})
	return append(out, files...), err
}

func (c *construction) host(h *Host) error {
	s, err := c.scope(h)
	if err != nil {
		return err
	}
	if err := c.composeVars(h, s); err != nil {
		return err
	}
	if s, err = c.scope(h); err != nil { // what was composed counts for groups
		return err
	}
	if err := c.addGroups(h, s); err != nil {
		return err
	}
	for _, k := range c.keyed {
		if err := c.addKeyed(h, k, s); err != nil {
			return err
		}
	}
	return nil
}

func (c *construction) composeVars(h *Host, s *scope) error {
	if c.compose == nil {
		return nil
	}
	for _, p := range c.compose.Pairs {
		name := value.Text(p.Key.Value)
		v, err := c.eval(p.Value, s)
		if err != nil {
			if c.strict {
				return &wrapped{fmt.Sprintf("Could not set %s for host %s", name, h.Name), err}
			}
			continue
		}
		setVar(h.vars, name, v)
		c.inv.checkVarName(p.Key.Value, p.Key.Pos)
		c.inv.note(h.vars, name, p.Key.Pos)
		if h.computed == nil {
			h.computed = map[string]bool{}
		}
		h.computed[name] = !s.passes(p.Value.Text)
	}
	return nil
}

func (c *construction) addGroups(h *Host, s *scope) error {
	if c.groups == nil {
		return nil
	}
	for _, p := range c.groups.Pairs {
		name := c.inv.forcedName(value.Text(p.Key.Value))
		in, err := c.truth(p.Value, s)
		if err != nil {
			if c.strict {
				return &wrapped{fmt.Sprintf("Could not add host %s to group %s", h.Name, name), err}
			}
			continue
		}
		if in {
			c.inv.join(c.inv.group(name), h)
		}
	}
	return nil
}

// placeless is the error of an expression, of which the reference does not
// say where it stands.
func placeless(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(plainMsg(err))
}

// eval evaluates an expression that stands in n.
func (c *construction) eval(n *yaml.Node, s expr.Scope) (value.Value, error) {
	text, ok := n.Value.(value.Str)
	if n.Kind != yaml.Scalar || !ok {
		return nil, fmt.Errorf("Expressions must be <class 'str'>, got <class '%s'>.", pyType(n))
	}
	x, err := expr.CompileExpr(string(text), n.Pos)
	if err != nil {
		return nil, placeless(err)
	}
	v, err := x.Eval(expr.NewCtx(context.TODO(), c.inv.options.Env, s))
	if err != nil {
		return nil, placeless(err)
	}
	v, err = expr.Finalize(v)
	return v, placeless(err)
}

// truth evaluates a condition that stands in n.
func (c *construction) truth(n *yaml.Node, s expr.Scope) (bool, error) {
	if b, ok := n.Value.(value.Bool); ok && n.Kind == yaml.Scalar {
		return bool(b), nil
	}
	text, ok := n.Value.(value.Str)
	if n.Kind != yaml.Scalar || !ok {
		return false, errors.New("Conditional expressions must be strings.")
	}
	x, err := expr.CompileCondition(string(text), n.Pos)
	if err != nil {
		return false, placeless(err)
	}
	in, err := x.Truth(expr.NewCtx(context.TODO(), c.inv.options.Env, s))
	return in, placeless(err)
}

// template gives the value of a template that stands in n; "" for none.
func (c *construction) template(n *yaml.Node, s expr.Scope) (value.Value, error) {
	if n == nil || isNull(n) {
		return value.Str(""), nil
	}
	text, ok := n.Value.(value.Str)
	if !ok || !expr.HasTemplate(string(text)) {
		return n.Value, nil
	}
	t, err := expr.CompileTemplate(string(text), n.Pos)
	if err != nil {
		return nil, err
	}
	return t.Eval(expr.NewCtx(context.TODO(), c.inv.options.Env, s))
}
