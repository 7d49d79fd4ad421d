package playbook

import (
	"slices"
	"sort"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// from says which files of a role one use takes; "" is main.
type from struct {
	tasks, vars, defaults, handlers string
}

// roleFiles is what the files of a role hold, for one choice of files.
type roleFiles struct {
	tasks, handlers         *yaml.Node
	tasksPath, handlersPath string
	defaults, vars          *value.Dict
	meta                    *yaml.Node
	spec                    *yaml.Node // of its arguments, for the entry point in use
	collections             []string
	dependencies            []*yaml.Node
	allowDuplicates         bool
}

// roleUse is one use of a role in a play, before its tasks are made: its blocks
// are made anew for each place it stands in.
type roleUse struct {
	role  *plan.Role
	files *roleFiles
	// attrs are the use's own keywords only.
	node *yaml.Node // nil when there are none
	deps []*roleUse
	from from
	// validate is off where rolespec_validate says so.
	validate bool
}

// roleEntry reads an entry of `roles:` or of a role's dependencies.
func (l *Loader) roleEntry(n *yaml.Node, s site, dependency bool) (*roleUse, error) {
	var nameNode *yaml.Node
	switch {
	case n.Kind == yaml.Mapping:
		for _, key := range []string{"role", "name"} {
			if nameNode = n.Get(key); nameNode != nil {
				break
			}
		}
		if name, ok := textOf(nameNode); !ok || name == "" {
			return nil, plainError(n.Pos, "role definitions must contain a role name")
		}
	default:
		if _, ok := textOf(n); !ok {
			return nil, parseError(placeOf(n), "Invalid role definition.")
		}
		nameNode = n
	}
	written, _ := textOf(nameNode)
	if n.Kind != yaml.Mapping && strings.Contains(written, ",") {
		return nil, plainError(source.Pos{}, "Invalid old style role requirement: %s", written)
	}
	v, err := l.value(nameNode)
	if err != nil {
		return nil, err
	}
	name, err := l.staticText(v, &s)
	if err != nil {
		return nil, err
	}
	u := &roleUse{validate: true}
	params := value.NewDict(0)
	if n.Kind == yaml.Mapping {
		u.node = n
		if params, err = l.roleParams(n); err != nil {
			return nil, err
		}
	}
	return u, l.use(u, name, params, n.Pos, s, dependency)
}

// roleParams are the keys of a role's entry that are no keywords.
func (l *Loader) roleParams(n *yaml.Node) (*value.Dict, error) {
	params := value.NewDict(0)
	for _, pair := range n.Pairs {
		key := keyText(pair.Key)
		if key == "role" || known(key, inRole) != nil {
			continue
		}
		v, err := l.value(pair.Value)
		if err != nil {
			return nil, err
		}
		params.SetStr(key, v)
		params.Lazy = params.Lazy || lazy(v)
	}
	return params, nil
}

func lazy(v value.Value) bool {
	switch c := v.(type) {
	case *value.List:
		return c.Lazy
	case *value.Dict:
		return c.Lazy
	case value.Str, value.Int, value.Float, value.Bool, value.NoneType:
		return false
	}
	return true
}

// use fills u: it finds the role, reads its files and its dependencies.
func (l *Loader) use(u *roleUse, name string, params *value.Dict, pos source.Pos, s site, dependency bool) error {
	dir, fqcn, searched, ok := l.roleDir(name, &s, dependency)
	if !ok {
		return plainError(pos, "the role '%s' was not found in %s", name, strings.Join(searched, ":"))
	}
	if slices.ContainsFunc(u.parents(s), func(p *plan.Role) bool { return dependency && p.Path == dir }) {
		return plainError(pos, "A recursion loop was detected with the roles specified. Make sure child roles do not have dependencies on parent roles: maximum recursion depth exceeded while calling a Python object")
	}
	files, err := l.readRole(name, dir, u.from)
	if err != nil {
		return err
	}
	u.files = files
	r := &plan.Role{
		Name: name, FQCN: fqcn, Path: dir, Params: params, Defaults: files.defaults, Vars: files.vars,
		Parents: u.parents(s), AllowDuplicates: files.allowDuplicates, Pos: pos, CollectionNames: files.collections,
		Public: !l.opts.PrivateRoles,
	}
	if s.role != nil && !dependency {
		r.Importers = slices.Concat(s.role.Importers, []*plan.Role{s.role})
	}
	if i := strings.LastIndex(fqcn, "."); i >= 0 {
		r.Name = fqcn[i+1:]
		r.CollectionNames = prepend(collectionOf(fqcn), r.CollectionNames)
		if len(r.CollectionNames) == 1 && s.collection == "" {
			// Such a role does not see the user's own modules.
			r.CollectionNames = append(r.CollectionNames, "ansible.builtin")
		}
		r.CollectionNames = withLegacy(r.CollectionNames)
		r.FQCN = collectionOf(fqcn) + "." + r.Name
	} else {
		r.FQCN = r.Name
		if s.collection != "" { // all that a collection's playbook uses sees its modules
			r.CollectionNames = withLegacy(prepend(s.collection, r.CollectionNames))
		}
	}
	u.role = r
	if u.node != nil {
		if v := u.node.Get("vars"); v != nil {
			if r.UseVars, err = l.vars(v, "RoleInclude"); err != nil {
				return err
			}
		}
	}
	r.ID = l.roleID(u, s.play)
	return l.readDependencies(u, s)
}

// collectionOf is the collection in a full name.
func collectionOf(fqcn string) string {
	parts := strings.SplitN(fqcn, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// parents is the chain of roles above a use, outermost first.
func (u *roleUse) parents(s site) []*plan.Role {
	if s.role == nil {
		return nil
	}
	return slices.Concat(s.role.Parents, []*plan.Role{s.role})
}

// roleID gives uses of one role with equal parameters one number: such a role
// runs once on each host, unless it allows duplicates.
func (l *Loader) roleID(u *roleUse, play *plan.Play) int {
	for _, o := range l.uses[play.ID] {
		if o.same(u) {
			return o.role.ID
		}
	}
	l.uses[play.ID] = append(l.uses[play.ID], u)
	return plan.NextID()
}

func (u *roleUse) same(o *roleUse) bool {
	return u.role.Path == o.role.Path && u.from == o.from && u.signature() == o.signature()
}

// signature tells uses with different parameters and keywords apart.
func (u *roleUse) signature() string {
	var parts []string
	if u.node != nil {
		for _, p := range u.node.Pairs {
			if k := keyText(p.Key); k != "role" && k != "name" {
				parts = append(parts, k+"="+value.Repr(plainValue(p.Value)))
			}
		}
	}
	sort.Strings(parts)
	return strings.Join(parts, "\n")
}

func (l *Loader) readDependencies(u *roleUse, s site) error {
	inner := s
	inner.role = u.role
	for _, d := range u.files.dependencies {
		dep, err := l.roleEntry(withoutSource(d), inner, true)
		if err != nil {
			return err
		}
		u.deps = append(u.deps, dep)
		u.role.Dependencies = append(u.role.Dependencies, dep.role)
	}
	return nil
}

// withoutSource leaves out of a dependency what only says where to get it.
func withoutSource(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.Mapping {
		return n
	}
	c := *n
	c.Pairs = nil
	for _, p := range n.Pairs {
		switch keyText(p.Key) {
		case "src", "scm", "version":
		default:
			c.Pairs = append(c.Pairs, p)
		}
	}
	return &c
}
