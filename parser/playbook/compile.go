package playbook

import (
	"path/filepath"
	"slices"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// roleSite is the place inside a role: around it the play or the importing
// task, then the roles that it is a dependency of, then its own entry.
func (l *Loader) roleSite(u *roleUse, chain []*roleUse, outer site) (site, error) {
	s := outer
	s.attrs.Collections = nil
	for _, c := range slices.Concat(chain, []*roleUse{u}) {
		if c.node == nil {
			continue
		}
		attrs, _, err := l.inherit(withoutVars(c.node), inRole, "RoleInclude", s)
		if err != nil {
			return s, err
		}
		s.attrs = attrs
	}
	s.role = u.role
	if s.attrs.Collections == nil {
		s.attrs.Collections = u.role.CollectionNames
	}
	s.dirs = []string{}
	return s, nil
}

// withoutVars leaves out the vars of a role's entry: they are a level of
// precedence of the role's own (plan.Role.UseVars).
func withoutVars(n *yaml.Node) *yaml.Node {
	c := *n
	c.Pairs = slices.DeleteFunc(slices.Clone(n.Pairs), func(p yaml.Pair) bool { return keyText(p.Key) == "vars" })
	return &c
}

// roleBlocks makes the blocks of a role and, before them, of the roles it depends on.
func (l *Loader) roleBlocks(u *roleUse, chain []*roleUse, outer site) []*plan.Block {
	if outer.depth > maxDepth {
		l.fault(plainError(u.role.Pos, "roles are nested more than %d deep: does '%s' import itself?", maxDepth, u.role.Name))
		return nil
	}
	outer.depth++
	key := u.role.Path + "\x00" + u.from.tasks
	if slices.Contains(outer.within, key) {
		l.fault(plainError(u.role.Pos, "the role '%s' imports itself", u.role.Name))
		return nil
	}
	outer.within = append(slices.Clip(outer.within), key)
	var blocks []*plan.Block
	for _, dep := range u.deps {
		blocks = append(blocks, l.roleBlocks(dep, slices.Concat(chain, []*roleUse{u}), outer)...)
	}
	s, err := l.roleSite(u, chain, outer)
	if err != nil {
		l.fault(err)
		return blocks
	}
	s.file = u.files.tasksPath
	if s.file == "" {
		s.file = filepath.Join(u.role.Path, "tasks", "main.yml")
	}
	own := l.section(u.files.tasks, s, wrongRoleList(u, "tasks", u.from.tasks))
	own = l.addSpecTask(u, own, s)
	u.role.Blocks = own
	u.role.Attrs = s.attrs
	blocks = append(blocks, own...)
	end, err := l.roleSite(u, nil, outer)
	if err != nil {
		l.fault(err)
		return blocks
	}
	return append(blocks, metaBlock("role_complete", end))
}

// addSpecTask puts the check of a role's arguments before its first task.
func (l *Loader) addSpecTask(u *roleUse, blocks []*plan.Block, s site) []*plan.Block {
	first := &plan.Block{ID: plan.NextID(), Attrs: s.attrs, Implicit: true, Role: u.role, Parent: s.parent, Include: s.include, Notify: s.notify}
	joined := len(blocks) > 0 && blocks[0].Implicit
	if joined {
		first = blocks[0]
	}
	inner := s
	inner.parent = first
	t, err := l.specTask(u, inner)
	if err != nil {
		l.fault(err)
	}
	if t == nil {
		return blocks
	}
	first.Body = append([]plan.Node{t}, first.Body...)
	if joined {
		return blocks
	}
	return append([]*plan.Block{first}, blocks...)
}

// roleHandlers makes the handlers of a role and of those it depends on.
func (l *Loader) roleHandlers(u *roleUse, chain []*roleUse, outer site) []*plan.Block {
	var blocks []*plan.Block
	for _, dep := range u.deps {
		blocks = append(blocks, l.roleHandlers(dep, slices.Concat(chain, []*roleUse{u}), outer)...)
	}
	s, err := l.roleSite(u, chain, outer)
	if err != nil {
		return blocks // reported with its tasks
	}
	s.file, s.handlers = u.files.handlersPath, true
	own := l.section(u.files.handlers, s, wrongRoleList(u, "handlers", u.from.handlers))
	u.role.Handlers = own
	return append(blocks, own...)
}

func wrongRoleList(u *roleUse, part, fromName string) func(*yaml.Node) error {
	if fromName == "" {
		fromName = "main"
	}
	return func(n *yaml.Node) error {
		return parseError(n.Pos, "The %s/%s.yml file for role '%s' must contain a list of tasks: %s should be a list or None but is %s",
			part, fromName, u.role.Name, value.Text(plainValue(n)), className(plainValue(n)))
	}
}

// roleArgs reads the arguments of include_role and import_role.
func (l *Loader) roleArgs(t *plan.Task, s *site) (name string, f from, public, validate bool, err error) {
	validate = true
	for k, raw := range t.Args.All() {
		key := value.Text(k)
		if key == "apply" {
			continue
		}
		v, err := l.static(raw, s)
		if err != nil {
			return "", f, false, false, err
		}
		text := value.Text(v)
		switch key {
		case "name", "role":
			name = text
		case "tasks_from":
			f.tasks = text
		case "vars_from":
			f.vars = text
		case "defaults_from":
			f.defaults = text
		case "handlers_from":
			f.handlers = text
		case "public":
			public, _ = truth(v)
		case "rolespec_validate":
			validate, _ = truth(v)
		}
	}
	return name, f, public, validate, nil
}

var roleOptions = []string{"name", "role", "tasks_from", "vars_from", "defaults_from", "handlers_from", "allow_duplicates", "public", "rolespec_validate"}

// checkRole checks the arguments of include_role and import_role.
func (l *Loader) checkRole(n *yaml.Node, t *plan.Task, options []string) error {
	if t.Args.Len() > 0 {
		if raw, ok := t.Args.GetStr("_raw_params"); ok && raw == value.Value(value.Str("")) {
			t.Args.Delete(value.Str("_raw_params"))
		}
	}
	name, ok := t.Args.GetStr("name")
	if !ok {
		name, ok = t.Args.GetStr("role")
	}
	if !ok || name == value.Value(value.None) || name == value.Value(value.Str("")) {
		return parseError(n.Pos, "'name' is a required field for %s.", t.Action)
	}
	if err := l.checkRoleFlags(n); err != nil {
		return err
	}
	if err := checkOptions(n, t, options...); err != nil {
		return err
	}
	for _, key := range []string{"tasks_from", "vars_from", "defaults_from", "handlers_from"} {
		v, ok := t.Args.GetStr(key)
		if !ok {
			continue
		}
		if v.Type() != "str" && v.Type() != "template" {
			return parseError(source.Pos{}, "Expected a string for %s but got %s instead", key, className(v))
		}
	}
	return nil
}

// checkRoleFlags refuses switches of a role's include that are no booleans.
func (l *Loader) checkRoleFlags(n *yaml.Node) error {
	for _, p := range n.Pairs {
		if taskKey(keyText(p.Key)) || p.Value.Kind != yaml.Mapping {
			continue
		}
		for _, key := range []string{"allow_duplicates", "public", "rolespec_validate"} {
			v := p.Value.Get(key)
			if v == nil || isTemplate(v) {
				continue
			}
			if _, err := boolean(key, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkRoleInclude checks the arguments of include_role.
func (l *Loader) checkRoleInclude(n *yaml.Node, t *plan.Task) error {
	if err := l.checkRole(n, t, append([]string{"apply"}, roleOptions...)); err != nil {
		return err
	}
	l.mark(t, n)
	return takeApply(n, t)
}

// importRole reads the role of import_role in place of the task.
func (l *Loader) importRole(n *yaml.Node, t *plan.Task, s site) ([]plan.Node, error) {
	if err := l.checkRole(n, t, roleOptions); err != nil {
		return nil, err
	}
	if t.Loop != nil {
		return nil, parseError(n.Pos, "You cannot use loops on 'import_role' statements. You should use 'include_role' instead.")
	}
	l.mark(t, n)
	inner := s
	inner.attrs, inner.notify = t.Attrs, t.Notify
	u, err := l.roleOf(t, inner)
	if err != nil {
		return nil, err
	}
	u.role.Public = true
	blocks := l.roleBlocks(u, nil, inner)
	inner.parent = nil
	s.play.Handlers = append(s.play.Handlers, l.roleHandlers(u, nil, inner)...)
	s.play.Roles = append(s.play.Roles, u.role)
	return nodesOf(blocks), nil
}

// roleOf makes the use of a role that a task asks for.
func (l *Loader) roleOf(t *plan.Task, s site) (*roleUse, error) {
	name, f, public, validate, err := l.roleArgs(t, &s)
	if err != nil {
		return nil, err
	}
	u := &roleUse{from: f, validate: validate}
	if err := l.use(u, name, value.NewDict(0), l.marks[t.ID].name, s, false); err != nil {
		return nil, err
	}
	u.role.Public = public
	if v, ok := t.Args.GetStr("allow_duplicates"); ok {
		if v, err = l.static(v, &s); err != nil {
			return nil, err
		}
		if b, ok := truth(v); ok {
			u.role.AllowDuplicates = b
		}
	} else {
		u.role.AllowDuplicates = true
	}
	return u, nil
}
