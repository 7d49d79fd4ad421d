package expr

import (
	"strings"

	"github.com/churten/churten/jinja/syntax"
)

// Plugin is a filter ("filter") or test ("test") as a template names it.
type Plugin struct{ Kind, Name string }

// Plugins lists the filters and tests that a template may call, those too that
// it has others call (map, select). ok is false where that shows only when it
// is evaluated.
func (t *Template) Plugins() (list []Plugin, ok bool) {
	if t.stmts != nil {
		return nil, false
	}
	nodes, _, err := parseParts(tokens(t.src, t.pos))
	if err != nil {
		return nil, false
	}
	return pluginsOf(nodes)
}

// Plugins is that of Template.
func (x *Expr) Plugins() (list []Plugin, ok bool) {
	switch {
	case x.tmpl != nil:
		return x.tmpl.Plugins()
	case x.code == nil:
		return nil, true
	}
	n, err := syntax.ParseExpr(x.src, false, x.pos)
	if err != nil {
		return nil, false
	}
	return pluginsOf([]syntax.Node{n})
}

// byName are the filters that call others, and which argument names those; the
// value that is piped is no argument here. ansible.utils' index_of names a test.
var byName = map[string]struct {
	kind string
	arg  int
}{"map": {"filter", 0}, "select": {"test", 0}, "reject": {"test", 0}, "selectattr": {"test", 1}, "rejectattr": {"test", 1}, "index_of": {"test", 0}}

func pluginsOf(nodes []syntax.Node) (list []Plugin, ok bool) {
	ok = true
	for _, n := range nodes {
		syntax.Walk(n, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.Filter:
				list = append(list, Plugin{"filter", n.Name})
				named, fits := calledBy(n)
				list, ok = append(list, named...), ok && fits
			case *syntax.Test:
				list = append(list, Plugin{"test", n.Name})
			case *syntax.Str:
				ok = ok && !HasTemplate(n.V) // a template inside: seldom enough
			}
			return ok
		})
	}
	return list, ok
}

// calledBy gives what a filter calls by name.
func calledBy(n *syntax.Filter) (list []Plugin, ok bool) {
	short := n.Name[strings.LastIndexByte(n.Name, '.')+1:]
	by, found := byName[short]
	switch {
	case !found:
		return nil, true
	case n.Star != nil || n.Dict != nil:
		return nil, false
	case len(n.List) <= by.arg: // map(attribute=…), select()
		return nil, true
	}
	name, constant := n.List[by.arg].(*syntax.Str)
	if !constant {
		return nil, false
	}
	return []Plugin{{by.kind, name.V}}, true
}
