package playbook

import (
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// isBlock tells a block from a task.
func isBlock(n *yaml.Node) bool {
	return n.Kind == yaml.Mapping && (n.Get("block") != nil || n.Get("rescue") != nil || n.Get("always") != nil)
}

// blockList reads a list of tasks and blocks as blocks: runs of tasks get an
// implicit block around them.
func (l *Loader) blockList(list []*yaml.Node, s site) []*plan.Block {
	var blocks []*plan.Block
	for i := 0; i < len(list); {
		if isBlock(list[i]) {
			if b := l.block(list[i], s); b != nil {
				blocks = append(blocks, b)
			}
			i++
			continue
		}
		b := &plan.Block{ID: plan.NextID(), Attrs: s.attrs, Implicit: true, Role: s.role, Parent: s.parent, Include: s.include, Notify: s.notify, Pos: list[i].Pos}
		inner := s
		inner.parent = b
		for ; i < len(list) && !isBlock(list[i]); i++ {
			b.Body = append(b.Body, l.node(list[i], inner)...)
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// nodeList reads the tasks inside a block.
func (l *Loader) nodeList(n *yaml.Node, part string, s site) []plan.Node {
	if n.Kind != yaml.Sequence {
		l.fault(parseError(s.parent.Pos, "A malformed block was encountered while loading %s: The ds (%s) should be a list but was a %s",
			part, value.Text(plainValue(n)), className(plainValue(n))))
		return nil
	}
	var nodes []plan.Node
	for _, item := range n.Items {
		nodes = append(nodes, l.node(item, s)...)
	}
	return nodes
}

// node reads one task or block; static imports become the blocks they import.
func (l *Loader) node(n *yaml.Node, s site) []plan.Node {
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.Mapping {
		ds := value.NewList(plainValue(n))
		l.fault(parseError(n.Pos, "A malformed block was encountered while loading a block: The ds (%s) should be a dict but was a <class 'list'>", value.Repr(ds)))
		return nil
	}
	if isBlock(n) {
		if s.handlers {
			l.fault(parseError(n.Pos, "Using a block as a handler is not supported."))
			return nil
		}
		if b := l.block(n, s); b != nil {
			return []plan.Node{b}
		}
		return nil
	}
	nodes, err := l.task(n, s)
	l.fault(err)
	return nodes
}

func (l *Loader) block(n *yaml.Node, s site) *plan.Block {
	if s.depth > maxDepth {
		l.fault(parseError(n.Pos, "blocks and imports are nested more than %d deep", maxDepth))
		return nil
	}
	body, rescue, always := n.Get("block"), n.Get("rescue"), n.Get("always")
	if err := checkKeys(n, inBlock, "Block", nil); err != nil {
		l.fault(err)
		return nil
	}
	if body == nil {
		for _, part := range []struct {
			name string
			n    *yaml.Node
		}{{"rescue", rescue}, {"always", always}} {
			if part.n != nil && len(items(part.n)) > 0 {
				l.fault(parseError(n.Pos, "'%s' keyword cannot be used without 'block'", part.name))
				return nil
			}
		}
	}
	attrs, notify, err := l.inherit(n, inBlock, "Block", s)
	if err != nil {
		l.fault(err)
		return nil
	}
	if err := checkTexts(n, inBlock); err != nil {
		l.fault(err)
		return nil
	}
	b := &plan.Block{ID: plan.NextID(), Attrs: attrs, Notify: notify, Role: s.role, Parent: s.parent, Include: s.include, Pos: n.Pos}
	if name := n.Get("name"); name != nil && !isNull(name) {
		if b.Name, err = l.value(name); err != nil {
			l.fault(err)
			return nil
		}
	}
	inner := s
	inner.attrs, inner.notify, inner.parent, inner.depth = attrs, notify, b, s.depth+1
	for _, part := range []struct {
		title string
		n     *yaml.Node
		to    *[]plan.Node
	}{{"a block", body, &b.Body}, {"rescue", rescue, &b.Rescue}, {"always", always, &b.Always}} {
		if part.n != nil {
			*part.to = l.nodeList(part.n, part.title, inner)
		}
	}
	return b
}

// section reads a play's or role's list of tasks; message is what a wrong
// type is told with.
func (l *Loader) section(n *yaml.Node, s site, wrong func(n *yaml.Node) error) []*plan.Block {
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.Sequence {
		l.fault(wrong(n))
		return nil
	}
	return l.blockList(n.Items, s)
}

// metaBlock is a block with one implicit meta task.
func metaBlock(what string, s site) *plan.Block {
	b := &plan.Block{ID: plan.NextID(), Attrs: s.attrs, Implicit: true, Role: s.role, Parent: s.parent, Include: s.include}
	t := &plan.Task{
		ID: plan.NextID(), Attrs: s.attrs, Action: "meta", FQCN: "ansible.builtin.meta",
		Args:     value.DictOf("_raw_params", value.Str(what)),
		Implicit: true, Static: !s.dynamic, Role: s.role, Parent: b, Pos: source.Pos{},
		LoopControl: plan.LoopControl{LoopVar: "item"},
	}
	t.Tags, t.Notify = append([]string{"always"}, s.attrs.Tags...), s.notify
	b.Body = []plan.Node{t}
	return b
}
