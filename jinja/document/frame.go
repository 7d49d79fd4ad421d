package document

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// frame holds the names of one scope while it is run. It is what expressions
// see before the variables.
type frame struct {
	scope *scope
	vals  []value.Value // nil: not set yet
	outer *frame
	space *space
}

func newFrame(sc *scope, outer *frame, s *space) *frame {
	return &frame{scope: sc, vals: make([]value.Value, len(sc.names)), outer: outer, space: s}
}

// Lookup finds a name; it makes frame an expr.Scope.
func (f *frame) Lookup(name string) (value.Value, bool, error) {
	for g := f; g != nil; g = g.outer {
		for i, n := range g.scope.names {
			if n != name {
				continue
			}
			if v := g.vals[i]; v != nil {
				return v, true, nil
			}
			if g.scope.unset[i] {
				return expr.Undef(name, sourceNone), true, nil
			}
			break
		}
	}
	return f.space.lookup(name)
}

// set puts a value where tg says, which is in this frame.
func (f *frame) set(tg *target, v value.Value) {
	f.vals[tg.slot] = v
	if f.scope.top {
		f.space.set(tg.name, v)
	}
}

// space is what Jinja calls a context: the names that a template and those it
// extends share, blocks see and importers get.
type space struct {
	ctx    *expr.Ctx // without local names
	name   string    // of the template
	vars   map[string]value.Value
	order  []string   // of vars
	hidden []string   // of vars: imported, not handed on
	base   expr.Scope // what the including template lets see; nil if nothing
	blocks map[string][]*placedBlock
}

func (s *space) lookup(name string) (value.Value, bool, error) {
	if v, ok := s.vars[name]; ok {
		return v, true, nil
	}
	if s.base != nil {
		return s.base.Lookup(name)
	}
	return nil, false, nil
}

func (s *space) set(name string, v value.Value) {
	if s.vars == nil {
		s.vars = map[string]value.Value{}
	}
	if _, ok := s.vars[name]; !ok {
		s.order = append(s.order, name)
	}
	s.vars[name] = v
}

// snapshot gives the names that f sees, apart from variables, as they are now.
func (f *frame) snapshot() expr.Scope {
	out := expr.Vars{}
	if s, ok := f.space.base.(expr.Vars); ok {
		for k, v := range s {
			out[k] = v
		}
	} else if b, ok := f.space.base.(*frame); ok {
		for k, v := range b.snapshot().(expr.Vars) {
			out[k] = v
		}
	}
	for k, v := range f.space.vars {
		out[k] = v
	}
	f.locals(out)
	return out
}

func (f *frame) locals(out expr.Vars) {
	if f.outer != nil {
		f.outer.locals(out)
	}
	for i, n := range f.scope.names {
		if f.vals[i] != nil {
			out[n] = f.vals[i]
		}
	}
}

// target is what a set, a for or another statement assigns to: a name, an
// attribute of a namespace, or several of them.
type target struct {
	at    syntax.At
	name  string
	attr  string // of a namespace
	items []*target
	slot  int // in the scope that the name belongs to
}

func newTarget(n syntax.Node) *target {
	tg := &target{at: syntax.At(n.Pos())}
	switch n := n.(type) {
	case *syntax.Name:
		tg.name = n.Name
	case *syntax.NSRef:
		tg.name, tg.attr = n.Name, n.Attr
	case *syntax.Tuple:
		tg.items = []*target{}
		for _, item := range n.Items {
			tg.items = append(tg.items, newTarget(item))
		}
	}
	return tg
}
