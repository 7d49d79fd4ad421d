package playbook

import (
	"slices"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// sections reads what a play runs. What is wrong is told in the order in which
// the reference loads it: roles, handlers, then pre_tasks, post_tasks, tasks.
func (l *Loader) sections(p *plan.Play, n *yaml.Node, s site) {
	wrong := func(part string) func(*yaml.Node) error {
		return func(v *yaml.Node) error {
			return parseError(n.Pos, "A malformed block was encountered while loading %s: %s should be a list or None but is %s",
				part, value.Text(plainValue(v)), className(plainValue(v)))
		}
	}
	// What imports bring is gathered in p.Handlers on the way.
	taken := func() []*plan.Block {
		all := p.Handlers
		p.Handlers = nil
		return all
	}
	p.Handlers = nil
	var roles, ofRoles, more []*plan.Block
	for _, u := range l.playRoles(n, s) {
		roles = append(roles, l.roleBlocks(u, nil, roleOuter(s))...)
		more = append(more, taken()...) // of roles that roles import
		own := l.roleHandlers(u, nil, roleOuter(s))
		ofRoles = append(append(ofRoles, taken()...), own...)
	}
	handlers := s
	handlers.handlers = true
	own := l.section(n.Get("handlers"), handlers, wrong("handlers"))
	own = append(own, taken()...)
	pre := l.section(n.Get("pre_tasks"), s, wrong("pre_tasks"))
	imported := taken()
	post := l.section(n.Get("post_tasks"), s, wrong("post_tasks"))
	late := taken()
	tasks := l.section(n.Get("tasks"), s, wrong("tasks"))
	imported = slices.Concat(imported, taken(), late)
	p.Blocks = slices.Concat(flushed(pre, p, s), flushed(append(roles, tasks...), p, s), flushed(post, p, s))
	p.Handlers = slices.Concat(ofRoles, own, imported, more)
}

// flushed puts the handlers' turn behind a section: as its last block, or with
// force_handlers in the always part of a block around all of it.
func flushed(blocks []*plan.Block, p *plan.Play, s site) []*plan.Block {
	if p.ForceHandlers == nil || !value.Truth(p.ForceHandlers) {
		return append(blocks, metaBlock("flush_handlers", s))
	}
	b := &plan.Block{ID: plan.NextID(), Attrs: s.attrs, Implicit: true, Pos: p.Pos}
	for _, inner := range blocks {
		inner.Parent = b
		b.Body = append(b.Body, inner)
	}
	s.parent = b
	b.Always = []plan.Node{metaBlock("flush_handlers", s)}
	return []*plan.Block{b}
}

// roleOuter is the place around the roles of a play.
func roleOuter(s site) site {
	s.dirs = nil
	return s
}

// playRoles reads the roles keyword.
func (l *Loader) playRoles(n *yaml.Node, s site) []*roleUse {
	roles := n.Get("roles")
	if isNull(roles) {
		return nil
	}
	if roles.Kind != yaml.Sequence {
		l.fault(parseError(n.Pos, "A malformed role declaration was encountered: ds (%s) should be a list but was a %s",
			value.Text(plainValue(roles)), className(plainValue(roles))))
		return nil
	}
	var uses []*roleUse
	for _, item := range roles.Items {
		u, err := l.roleEntry(item, s, false)
		if err != nil {
			l.fault(err)
			continue
		}
		uses = append(uses, u)
		s.play.Roles = append(s.play.Roles, u.role)
	}
	return uses
}
