package playbook

import (
	"path/filepath"
	"slices"

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
