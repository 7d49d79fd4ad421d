package playbook

import (
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// code makes plan.Code of the arguments that the action evaluates itself.
func (l *Loader) code(t *plan.Task, a *action) {
	if l.opts.Code == nil {
		return
	}
	for k, v := range t.Args.All() {
		name, ok := k.(value.Str)
		if !ok || !l.opts.Code(t.FQCN, string(name)) {
			continue
		}
		at := a.node
		for _, given := range []*yaml.Node{a.node, a.extra} {
			if given != nil && given.Kind == yaml.Mapping {
				if n := given.Get(string(name)); n != nil {
					at = n
				}
			}
		}
		t.Args.Set(k, codeOf(v, at))
	}
}

func codeOf(v value.Value, n *yaml.Node) value.Value {
	switch v := v.(type) {
	case value.Str:
		return &plan.Code{Source: string(v), At: n.Pos}
	case *value.List:
		items := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			pos := n.Pos
			if n.Kind == yaml.Sequence && i < len(n.Items) {
				pos = n.Items[i].Pos
			}
			items[i] = codeItem(item, pos)
		}
		return &value.List{Items: items, Lazy: v.Lazy}
	}
	return v
}

func codeItem(v value.Value, pos source.Pos) value.Value {
	if s, ok := v.(value.Str); ok {
		return &plan.Code{Source: string(s), At: pos}
	}
	return v
}
