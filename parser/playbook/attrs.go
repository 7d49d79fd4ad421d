package playbook

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// site is the place where content is read: what holds there from outside.
type site struct {
	play    *plan.Play
	role    *plan.Role
	parent  *plan.Block
	include *plan.Task // that brought the content in while running
	attrs   plan.Attrs
	notify  []value.Value
	// file is the file being read, dirs those of the files that import it,
	// nearest first.
	file string
	dirs []string
	// within are the files and roles being read around the place, by which
	// content that imports itself is found.
	within   []string
	handlers bool
	dynamic  bool
	// collection is that of the playbook, "" for a plain file.
	collection string
	depth      int
}

func (s *site) taskPlace() place {
	if s.handlers {
		return inHandler
	}
	return inTask
}

const nameHelp = "Variable names must be strings starting with a letter or underscore character, and contain only letters, numbers and underscores."

// checkKeys refuses keys that are no keywords of p; extra are the keys that
// the caller knows beside them.
func checkKeys(n *yaml.Node, p place, title string, extra func(string) bool) error {
	for _, pair := range n.Pairs {
		key := keyText(pair.Key)
		if known(key, p) != nil || extra != nil && extra(key) {
			continue
		}
		return unknownKey(n, key, p, title)
	}
	return nil
}

// unknownKey is the error for a key that is no keyword of p.
func unknownKey(n *yaml.Node, key string, p place, title string) error {
	at := n.Pos
	if p != inMeta && p != inInclude && p != inImport {
		for _, pair := range n.Pairs {
			if keyText(pair.Key) == key {
				at = pair.Key.Pos
			}
		}
	}
	err := parseError(at, "'%s' is not a valid attribute for a %s", key, title)
	if p&(inTask|inHandler) != 0 {
		err.Msg += "\nThis error can be suppressed as a warning using the \"invalid_task_attribute_failed\" configuration"
	}
	return err
}

// checkTexts refuses lists and dicts where a text has to stand.
func checkTexts(n *yaml.Node, p place) error {
	for _, pair := range n.Pairs {
		k := known(keyText(pair.Key), p)
		if k != nil && k.kind == textKind && pair.Value.Kind != yaml.Scalar && k.name != "register" {
			return parseError(n.Pos, "The field '%s' is supposed to be a string type, however the incoming data structure is a %s", k.name, className(plainValue(pair.Value)))
		}
	}
	return nil
}

// inherit gives what holds inside a play, role, block or task: its own keywords
// on top of what holds around it. title is its name in messages.
func (l *Loader) inherit(n *yaml.Node, p place, title string, outer site) (plan.Attrs, []value.Value, error) {
	a, notify := outer.attrs, outer.notify
	a.PlayVars = nil
	if err := l.inheritNames(&a, n, p, title, &outer); err != nil {
		return a, notify, err
	}
	for _, pair := range n.Pairs {
		k := known(keyText(pair.Key), p)
		if k == nil || k.use == own {
			continue
		}
		var err error
		switch {
		case k.attr != nil:
			*k.attr(&a), err = l.value(pair.Value)
		case k.name == "notify":
			notify, err = l.values(pair.Value)
		case k.name == "tags":
			err = l.inheritTags(&a, pair.Value, p, &outer)
		case k.name == "when":
			var conds []plan.Cond
			conds, err = l.conditions(pair.Value)
			a.When = slices.Concat(outer.attrs.When, conds)
		case k.name == "environment":
			var levels []value.Value
			levels, err = l.values(pair.Value)
			a.Environment = slices.Concat(outer.attrs.Environment, levels)
		case k.name == "module_defaults":
			err = l.moduleDefaults(&a, pair.Value)
		}
		if err != nil {
			return a, notify, err
		}
	}
	return a, notify, nil
}

// inheritNames reads the keywords that others are read with: variables and
// collections. It puts the variables where templates in the others see them.
func (l *Loader) inheritNames(a *plan.Attrs, n *yaml.Node, p place, title string, s *site) (err error) {
	if v := n.Get("collections"); v != nil && known("collections", p) != nil {
		if a.Collections, err = l.collections(v); err != nil {
			return err
		}
	}
	v := n.Get("vars")
	if v == nil || known("vars", p) == nil {
		return nil
	}
	if err := l.inheritVars(a, v, p, title); err != nil {
		return err
	}
	s.attrs.Vars = a.Vars
	if p == inPlay {
		s.play.PlayVars = a.PlayVars
	}
	return nil
}

func (l *Loader) inheritVars(a *plan.Attrs, n *yaml.Node, p place, title string) error {
	vars, err := l.vars(n, title)
	switch {
	case err != nil || vars == nil:
		return err
	case p == inPlay:
		l.warnReserved(n)
		a.PlayVars = vars
	default:
		for _, name := range []string{"tags", "when"} { // which the reference takes away
			vars.Delete(value.Str(name))
		}
		a.Vars = slices.Concat([]*value.Dict{vars}, a.Vars)
	}
	return nil
}

// vars decodes a dict of variables, nil for none.
func (l *Loader) vars(n *yaml.Node, title string) (*value.Dict, error) {
	if isNull(n) {
		return nil, nil
	}
	if n.Kind != yaml.Mapping {
		return nil, parseError(placeOf(n), "Vars in a %s must be specified as a dictionary.", title)
	}
	for _, pair := range n.Pairs {
		if err := l.checkName(pair.Key); err != nil {
			return nil, err
		}
	}
	v, err := l.value(n)
	if err != nil {
		return nil, err
	}
	d, _ := v.(*value.Dict)
	return d, nil
}

// checkName refuses a key that is no name of a variable.
func (l *Loader) checkName(key *yaml.Node) error {
	s, ok := textOf(key)
	if !ok {
		pos := placeOf(key)
		if pos.IsZero() { // the reference knows no places of booleans and nulls
			pos = source.Inline("<unknown>", keyText(key))
		}
		e := plainError(pos, "Invalid variable name '%s' of type '%s'.", keyText(key), plainValue(key).Type())
		e.Hint = nameHelp
		return e
	}
	if !IsVariable(s) {
		e := plainError(key.Pos, "Invalid variable name %s.", value.Repr(value.Str(s)))
		e.Hint = nameHelp
		return e
	}
	return nil
}

// warnReserved warns of variables called like a keyword.
func (l *Loader) warnReserved(n *yaml.Node) {
	for _, pair := range n.Pairs {
		if s, ok := textOf(pair.Key); ok && Reserved(s) {
			l.warn(Warning{Pos: pair.Key.Pos, Msg: "Found variable using reserved name '" + s + "'."})
		}
	}
}

// IsVariable reports whether s may be the name of a variable.
func IsVariable(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for _, c := range s {
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return !slices.Contains(pythonWords, s)
}

// pythonWords are no names in Python, hence none of variables.
var pythonWords = strings.Fields(`False None True and as assert async await break class continue def del elif else except
	finally for from global if import in is lambda nonlocal not or pass raise return try while with yield`)

// collections reads the collections keyword; unless a builtin one is named, the
// reference looks into ansible.legacy last.
func (l *Loader) collections(n *yaml.Node) ([]string, error) {
	names, err := stringsOf("collections", n)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	names = withLegacy(names)
	if slices.ContainsFunc(names, expr.HasTemplate) {
		l.warn(Warning{Msg: `"collections" is not templatable, but we found: ` + value.Repr(value.Strings(names...)) + `, it will not be templated and will be used "as is".`})
	}
	return names, nil
}

func withLegacy(names []string) []string {
	if slices.Contains(names, "ansible.builtin") || slices.Contains(names, "ansible.legacy") {
		return names
	}
	return append(slices.Clip(names), "ansible.legacy")
}

// prepend puts name first, once.
func prepend(name string, names []string) []string {
	rest := slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == name })
	return append([]string{name}, rest...)
}
