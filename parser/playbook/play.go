package playbook

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// imported is what import_playbook hands on to the plays it brings in.
type imported struct {
	vars *value.Dict
	tags []string
	when []plan.Cond
	// collection is that of the playbook, "" for a plain file.
	collection string
}

// playbookFile reads the plays of a file. chain are the files that import it.
func (l *Loader) playbookFile(path string, chain []string, from *imported) []*plan.Play {
	if len(chain) > maxDepth || slices.Contains(chain, path) {
		l.fault(plainError(source.Pos{}, "playbook '%s' imports itself", path))
		return nil
	}
	root, err := l.tree(path)
	if err != nil {
		l.fault(err)
		return nil
	}
	switch {
	case isNull(root):
		l.fault(parseError(source.Pos{}, "Empty playbook, nothing to do: %s", path))
		return nil
	case root.Kind != yaml.Sequence:
		l.fault(parseError(root.Pos, "A playbook must be a list of plays, got a %s instead: %s", className(plainValue(root)), path))
		return nil
	case len(root.Items) == 0:
		l.fault(parseError(source.Pos{}, "A playbook must contain at least one play: %s", path))
		return nil
	}
	if l.opts.PluginDir != nil {
		l.opts.PluginDir(filepath.Dir(path))
	}
	var plays []*plan.Play
	for _, n := range root.Items {
		if n.Kind != yaml.Mapping {
			l.fault(parseError(n.Pos, "playbook entries must be either valid plays or 'import_playbook' statements"))
			continue
		}
		if key := playbookImportKey(n); key != "" {
			more, err := l.importPlaybook(n, key, path, chain, from)
			l.fault(err)
			plays = append(plays, more...)
			continue
		}
		if p := l.play(n, path, from); p != nil {
			plays = append(plays, p)
		}
	}
	return plays
}

func playbookImportKey(n *yaml.Node) string {
	for _, key := range []string{"import_playbook", "ansible.builtin.import_playbook", "ansible.legacy.import_playbook"} {
		if n.Get(key) != nil {
			return key
		}
	}
	return ""
}

// importPlaybook reads the plays that import_playbook brings in.
func (l *Loader) importPlaybook(n *yaml.Node, key, path string, chain []string, from *imported) ([]*plan.Play, error) {
	if err := checkKeys(n, inPlaybookImport, "PlaybookInclude", func(k string) bool { return k == key }); err != nil {
		return nil, err
	}
	file := n.Get(key)
	if isNull(file) {
		return nil, parseError(n.Pos, "The field 'import_playbook' is required but was not set.")
	}
	s := site{play: &plan.Play{}, file: path}
	if from != nil {
		s.play.PlayVars, s.attrs.Tags, s.attrs.When = from.vars, from.tags, from.when
	}
	attrs, _, err := l.inherit(n, inPlaybookImport, "PlaybookInclude", s)
	if err != nil {
		return nil, err
	}
	if file.Kind != yaml.Scalar {
		return nil, parseError(n.Pos, "The field 'import_playbook' is supposed to be a string type, however the incoming data structure is a %s", className(plainValue(file)))
	}
	v, err := l.value(file)
	if err != nil {
		return nil, err
	}
	s.attrs = attrs
	name, err := l.staticText(v, &s)
	if err != nil {
		e := because(source.Pos{}, "Error processing keyword 'import_playbook'.", err)
		return nil, e
	}
	target, collection := l.playbookPath(name, path)
	if collection == "" {
		collection = l.collectionOfFile(target, from)
	}
	inner := &imported{tags: attrs.Tags, when: attrs.When, vars: s.play.PlayVars, collection: collection}
	if len(attrs.Vars) > 0 {
		inner.vars = attrs.Vars[0]
		if s.play.PlayVars != nil { // an import's variables win over those of the imports inside
			inner.vars = overlay(attrs.Vars[0], s.play.PlayVars)
		}
	}
	return l.playbookFile(target, append(slices.Clone(chain), path), inner), nil
}

// playbookPath finds an imported playbook: in a collection when it is named so
// and there, else beside the importing one.
func (l *Loader) playbookPath(name, importer string) (path, collection string) {
	if filepath.IsAbs(name) {
		return name, ""
	}
	if parts := strings.SplitN(name, ".", 3); len(parts) == 3 && l.opts.Collections != nil {
		if path, ok := l.opts.Collections.Playbook(name); ok {
			return path, parts[0] + "." + parts[1]
		}
	}
	return filepath.Join(filepath.Dir(importer), name), ""
}

// collectionOfFile names the collection that a playbook is in; with none of its
// own it is that of the importing one.
func (l *Loader) collectionOfFile(path string, from *imported) string {
	if l.opts.Collections != nil {
		if c, ok := l.opts.Collections.Of(path); ok {
			return c
		}
	}
	if from != nil {
		return from.collection
	}
	return ""
}

// overlay gives the variables of under with those of over above them.
func overlay(under, over *value.Dict) *value.Dict {
	if under == nil {
		return over
	}
	d := under.Clone()
	for k, v := range over.All() {
		d.Set(k, v)
	}
	d.Lazy = under.Lazy || over.Lazy
	return d
}

// play reads one play; nil when it is faulty.
func (l *Loader) play(n *yaml.Node, path string, from *imported) *plan.Play {
	before := len(l.errs)
	p := &plan.Play{ID: plan.NextID(), Pos: n.Pos, Dir: filepath.Dir(path)}
	l.nodes[p.ID] = n
	s := site{play: p, file: path, dirs: []string{filepath.Dir(path)}}
	if from != nil {
		s.attrs.Tags, s.attrs.When, s.collection = from.tags, from.when, from.collection
		p.Collection = from.collection
	}
	if err := l.playKeywords(p, n, s, from); err != nil {
		l.fault(err)
		return nil
	}
	s.attrs = p.Attrs
	s.attrs.PlayVars = nil
	l.sections(p, n, s)
	l.fault(checkTexts(n, inPlay))
	if len(l.errs) > before {
		return nil
	}
	return p
}

func (l *Loader) playKeywords(p *plan.Play, n *yaml.Node, s site, from *imported) error {
	if n.Get("user") != nil {
		if n.Get("remote_user") != nil {
			return parseError(n.Pos, "both 'user' and 'remote_user' are set for this play. The use of 'user' is deprecated, and should be removed")
		}
		n = renamed(n, "user", "remote_user")
	}
	if err := checkKeys(n, inPlay, "Play", nil); err != nil {
		return err
	}
	attrs, _, err := l.inherit(n, inPlay, "Play", s)
	if err != nil {
		return err
	}
	if s.collection != "" {
		attrs.Collections = withLegacy(prepend(s.collection, attrs.Collections))
	}
	p.Attrs = attrs
	l.keepTags(p, n.Get("tags"), s.attrs.Tags)
	if from != nil && from.vars != nil {
		p.PlayVars = from.vars
		if attrs.PlayVars != nil {
			p.PlayVars = overlay(attrs.PlayVars, from.vars)
		}
	}
	if err := l.hosts(p, n); err != nil {
		return err
	}
	return l.ownPlayKeywords(p, n)
}

// keepTags keeps a play's tags as they were written where they hold templates:
// that is how they are listed.
func (l *Loader) keepTags(p *plan.Play, n *yaml.Node, imported []string) {
	if n == nil {
		return
	}
	tags, templates := slices.Clone(imported), false
	for _, v := range l.tagValues(n) {
		templates = templates || v.Type() == "template"
		tags = append(tags, sourceOf(v))
	}
	if templates {
		l.rawTags[p.ID] = tags
	}
}

// renamed gives n with another name for a key.
func renamed(n *yaml.Node, key, name string) *yaml.Node {
	c := *n
	c.Pairs = slices.Clone(n.Pairs)
	for i, p := range c.Pairs {
		if keyText(p.Key) == key {
			k := *p.Key
			k.Value, k.Text = value.Str(name), name
			c.Pairs[i].Key = &k
		}
	}
	return &c
}

// hosts reads and checks the hosts keyword.
func (l *Loader) hosts(p *plan.Play, n *yaml.Node) error {
	h := n.Get("hosts")
	if h == nil {
		return parseError(n.Pos, "The field 'hosts' is required but was not set.")
	}
	if isNull(h) || h.Kind == yaml.Sequence && len(h.Items) == 0 {
		return parseError(source.Pos{}, "Hosts list cannot be empty. Please check your playbook")
	}
	if s, ok := textOf(h); ok && s == "" {
		return parseError(source.Pos{}, "Hosts list cannot be empty. Please check your playbook")
	}
	if h.Kind == yaml.Sequence {
		for _, item := range h.Items {
			if isNull(item) {
				return parseError(source.Pos{}, "Hosts list cannot contain values of 'None'. Please check your playbook")
			}
			if _, ok := textOf(item); !ok {
				return parseError(source.Pos{}, "Hosts list contains an invalid host value: '%s'", value.Text(plainValue(item)))
			}
		}
	} else if _, ok := textOf(h); !ok && !h.Vault {
		return parseError(source.Pos{}, "Hosts list must be a sequence or string. Please check your playbook.")
	}
	var err error
	p.Hosts, err = l.value(h)
	return err
}

func (l *Loader) ownPlayKeywords(p *plan.Play, n *yaml.Node) error {
	simple := map[string]*value.Value{
		"name": &p.Name, "gather_facts": &p.GatherFacts, "gather_subset": &p.GatherSubset, "gather_timeout": &p.GatherTimeout,
		"fact_path": &p.FactPath, "serial": &p.Serial, "strategy": &p.Strategy, "order": &p.Order,
		"max_fail_percentage": &p.MaxFailPercentage, "force_handlers": &p.ForceHandlers,
	}
	for _, pair := range n.Pairs {
		key := keyText(pair.Key)
		var err error
		switch to := simple[key]; {
		case to != nil && !isNull(pair.Value):
			*to, err = l.value(pair.Value)
		case key == "vars_files":
			err = l.varsFiles(p, pair.Value)
		case key == "vars_prompt":
			err = l.varsPrompt(p, pair.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *Loader) varsFiles(p *plan.Play, n *yaml.Node) error {
	if isNull(n) {
		return nil
	}
	if _, ok := textOf(n); !ok && n.Kind != yaml.Sequence {
		e := parseError(placeOf(n), "Invalid `vars_files` value of type '%s'.", plainValue(n).Type())
		e.Hint = "A `vars_files` value should either be a string or list of strings."
		return e
	}
	v, err := l.value(n)
	if err != nil {
		return err
	}
	if _, ok := v.(*value.List); !ok {
		v = value.NewList(v)
		v.(*value.List).Lazy = true
	}
	p.VarsFiles = v
	return nil
}
