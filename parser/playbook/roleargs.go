package playbook

import (
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// roleArgs reads the arguments of include_role and import_role.
func (l *Loader) roleArgs(t *plan.Task, s *site) (name string, f from, validate bool, err error) {
	validate = true
	for k, raw := range t.Args.All() {
		key := value.Text(k)
		if key == "apply" {
			continue
		}
		v, err := l.static(raw, s)
		if err != nil {
			return "", f, false, err
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
		case "rolespec_validate":
			validate, _ = truth(v)
		}
	}
	return name, f, validate, nil
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
	return checkApply(n, t)
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
	blocks := l.roleBlocks(u, nil, inner)
	inner.parent = nil
	s.play.Handlers = append(s.play.Handlers, l.roleHandlers(u, nil, inner)...)
	s.play.Roles = append(s.play.Roles, u.role)
	return nodesOf(blocks), nil
}

// roleOf makes the use of a role that a task asks for.
func (l *Loader) roleOf(t *plan.Task, s site) (*roleUse, error) {
	name, f, validate, err := l.roleArgs(t, &s)
	if err != nil {
		return nil, err
	}
	public := short(t.Action) == "import_role" && !l.opts.PrivateRoles
	if v, ok := t.Args.GetStr("public"); ok {
		if v, err = l.static(v, &s); err != nil {
			return nil, err
		}
		public, _ = truth(v)
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
