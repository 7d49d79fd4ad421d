package playbook

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/load"
)

// Settled is what a play's name, hosts and other own keywords come to, before
// any host is known.
type Settled struct {
	Name     string
	Patterns []string
}

// Settle evaluates the templates in a play's own keywords with what is known
// before the run (its vars, vars_files and prompts' defaults, the command
// line's variables) and checks their types, as the reference does when it
// comes to the play.
func (l *Loader) Settle(p *plan.Play) (*Settled, error) {
	if err := l.readVarsFiles(p); err != nil {
		return nil, err
	}
	n := l.nodes[p.ID]
	if n == nil {
		n = &yaml.Node{Kind: yaml.Mapping}
	}
	out := &Settled{}
	var err error
	if out.Name, err = l.settleName(p); err != nil {
		return nil, because(source.Pos{}, "Error processing keyword 'name'.", err)
	}
	if out.Patterns, err = l.settleHosts(p, n); err != nil {
		return nil, err
	}
	if out.Name == "" && p.Name == nil {
		out.Name = strings.Join(out.Patterns, ",")
	}
	own := slices.Clone(n.Pairs)
	slices.SortFunc(own, func(a, b yaml.Pair) int { return strings.Compare(keyText(a.Key), keyText(b.Key)) })
	for _, pair := range own {
		if err := l.settleKeyword(p, keyText(pair.Key), pair.Value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Answer keeps what was answered to a play's vars_prompt, for Settle.
func (l *Loader) Answer(p *plan.Play, answers *value.Dict) { l.answers[p.ID] = answers }

// settleName gives the play's name; "" for one named after its list of hosts.
func (l *Loader) settleName(p *plan.Play) (string, error) {
	name := p.Name
	if name == nil {
		if _, list := p.Hosts.(*value.List); list {
			return "", nil
		}
		name = p.Hosts
	}
	return l.staticText(name, &site{play: p})
}

func (l *Loader) settleHosts(p *plan.Play, n *yaml.Node) ([]string, error) {
	wrap := func(cause error) error {
		pos := source.Pos{}
		if h := n.Get("hosts"); h != nil {
			pos = h.Pos
		}
		return because(pos, "Error processing keyword 'hosts'.", cause)
	}
	v, err := l.staticDeep(p.Hosts, p)
	if err != nil {
		return nil, wrap(err)
	}
	list, ok := v.(*value.List)
	if !ok {
		list = value.NewList(v)
	}
	var patterns []string
	for _, item := range list.Items {
		switch item := item.(type) {
		case value.Str:
			if item == "" {
				return nil, wrap(parseError(source.Pos{}, "Keyword 'hosts' is required, and cannot have empty values."))
			}
			patterns = append(patterns, string(item))
		case value.NoneType:
			patterns = append(patterns, "")
		default:
			return nil, wrap(parseError(source.Pos{}, "Keyword 'hosts' items must be of type 'str', not '%s'.", item.Type()))
		}
	}
	return patterns, nil
}

// staticDeep evaluates a value and what is in it.
func (l *Loader) staticDeep(v value.Value, p *plan.Play) (value.Value, error) {
	v, err := l.static(v, &site{play: p})
	if err != nil {
		return nil, err
	}
	list, ok := v.(*value.List)
	if !ok || !list.Lazy {
		return v, nil
	}
	items := make([]value.Value, len(list.Items))
	for i, item := range list.Items {
		if items[i], err = l.staticDeep(item, p); err != nil {
			return nil, err
		}
	}
	return value.NewList(items...), nil
}

// settleKeyword evaluates and checks one of a play's own keywords.
func (l *Loader) settleKeyword(p *plan.Play, key string, n *yaml.Node) error {
	switch key {
	case "fact_path", "force_handlers", "gather_facts", "gather_subset", "gather_timeout", "max_fail_percentage", "order", "serial", "strategy":
	default:
		return nil
	}
	if isNull(n) {
		return nil
	}
	wrap := func(pos source.Pos, cause error) error {
		return because(pos, "Error processing keyword '"+key+"'.", cause)
	}
	v, err := l.value(n)
	if err != nil {
		return err
	}
	if v, err = l.staticDeep(v, p); err != nil {
		return wrap(source.Pos{}, err)
	}
	k := keywordByName[key]
	if want, ok := converts(v, k.kind); !ok {
		return wrap(placeOf(n), parseError(placeOf(n), "The value %s could not be converted to '%s'.", value.Repr(v), want))
	}
	if key != "gather_subset" {
		return nil
	}
	list, ok := v.(*value.List)
	if !ok {
		list = value.NewList(v)
	}
	for i, item := range list.Items {
		if item.Type() == "str" {
			continue
		}
		at := source.Pos{}
		if n.Kind == yaml.Sequence && i < len(n.Items) {
			at = placeOf(n.Items[i])
		}
		return wrap(n.Pos, parseError(at, "Keyword '%s' items must be of type 'str', not '%s'.", key, item.Type()))
	}
	return nil
}

// converts reports whether v can become a value of a keyword's kind, and the
// kind's name in the reference's messages.
func converts(v value.Value, k kind) (want string, ok bool) {
	if v == value.Value(value.None) {
		return "", true
	}
	s := strings.TrimSpace(value.Text(v))
	_, container := v.(*value.List)
	if _, dict := v.(*value.Dict); dict {
		container = true
	}
	switch k {
	case boolKind:
		_, ok := truth(v)
		return "bool", ok
	case intKind:
		_, err := strconv.ParseInt(s, 10, 64)
		_, isBool := v.(value.Bool)
		return "int", !container && (err == nil || isBool)
	case floatKind:
		_, err := strconv.ParseFloat(s, 64)
		return "float", !container && err == nil
	case percentKind:
		_, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(s, "%")), 64)
		return "percent", !container && err == nil
	}
	return "", true
}

// readVarsFiles reads the play's vars_files for static use: the first of each
// list that is there; those whose names cannot be known yet are left out.
func (l *Loader) readVarsFiles(p *plan.Play) error {
	list, ok := p.VarsFiles.(*value.List)
	if !ok || l.filesRead[p.ID] {
		return nil
	}
	l.filesRead[p.ID] = true
	for _, item := range list.Items {
		names, from := []value.Value{item}, source.Pos{}
		if inner, ok := item.(*value.List); ok {
			names = inner.Items
			if inner.At != nil {
				from = *inner.At
			}
		}
		for _, name := range names {
			d, err := l.varsFile(p, name, from)
			if err != nil {
				return err
			}
			if d != nil {
				l.fileVars[p.ID] = append(l.fileVars[p.ID], d)
				break
			}
		}
	}
	return nil
}

// varsFile reads one file of vars_files; from is where the list stands that the
// name is in, if it is in one.
func (l *Loader) varsFile(p *plan.Play, name value.Value, from source.Pos) (*value.Dict, error) {
	path, err := l.staticText(name, &site{play: p})
	if err != nil {
		var at *source.Error
		if errors.As(err, &at) {
			if from.IsZero() {
				from = at.Pos
			}
			l.warn(Warning{Pos: from, Msg: "skipping vars_files item due to an undefined variable"})
		}
		return nil, nil
	}
	if !filepath.IsAbs(path) {
		for _, dir := range []string{filepath.Join(p.Dir, "vars"), p.Dir} {
			if exists(filepath.Join(dir, path)) {
				path = filepath.Join(dir, path)
				break
			}
		}
	}
	doc, err := l.opts.Load.File(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case load.Shut(err):
		e := because(source.Pos{}, "Invalid vars_files file '"+path+"'.", err)
		e.Err, e.Apart = &plain{cause: err}, true
		return nil, e
	case err != nil:
		return nil, err
	}
	switch v := doc.Value.(type) {
	case *value.Dict:
		return v, nil
	case value.NoneType:
		return value.NewDict(0), nil
	case *value.List:
		if d := load.Joined(v); d != nil {
			return d, nil
		}
	}
	pos := doc.Root.Pos
	if doc.Root.Kind == yaml.Sequence && len(doc.Root.Items) > 0 {
		pos = doc.Root.Items[0].Pos
	}
	e := parseError(pos, "Invalid variable file contents.")
	e.Hint = "Variable files must contain either a dictionary of variables, or a list of dictionaries."
	return nil, e
}

// fileError tells files that cannot be read (a vault without its secret) from
// those that cannot be parsed.
func fileError(err error) error {
	var e *source.Error
	if errors.As(err, &e) && (load.Shut(err) || errors.Is(err, fs.ErrNotExist)) {
		return &source.Error{Pos: e.Pos, Msg: e.Msg, Hint: e.Hint, Err: &plain{cause: e.Err}}
	}
	return err
}
