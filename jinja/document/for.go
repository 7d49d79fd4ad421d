package document

import (
	"errors"

	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// forStmt is a loop.
type forStmt struct {
	at        syntax.At
	target    *target
	tested    *target // the same names in the scope of test
	iter      *code
	test      *code // nil: all items
	recursive bool
	usesLoop  bool
	loop      *target // where loop is kept, nil if the body does not read it

	body, other                  body
	hasOther                     bool
	bodyScope, otherScope, tests scope
}

func readFor(f *front, at syntax.At) error {
	s := &forStmt{at: at}
	target, err := f.Target(false, "in")
	if err != nil {
		return err
	}
	s.target, s.tested = newTarget(target), newTarget(target)
	if err := f.ExpectName("in"); err != nil {
		return err
	}
	n, err := f.Tuple(true, "recursive")
	if err != nil {
		return err
	}
	s.iter = f.code(n)
	if f.SkipName("if") {
		if n, err = f.Expression(); err != nil {
			return err
		}
		s.test = f.code(n)
	}
	s.recursive = f.SkipName("recursive")
	f.open(s)
	f.loops = append(f.loops, s)
	err = f.statements(false, "endfor", "else")
	f.loops = f.loops[:len(f.loops)-1]
	if err != nil {
		return err
	}
	if f.Next().Text == "else" {
		s.hasOther = true
		f.next()
		if err := f.statements(true, "endfor"); err != nil {
			return err
		}
	}
	f.close()
	s.usesLoop = s.usesLoop || s.recursive
	return noLoopTarget(s.target)
}

// noLoopTarget refuses loop as the name of a loop's variable.
func noLoopTarget(tg *target) error {
	if tg.name == "loop" {
		return errorAt(tg.at, "Can't assign to special loop variable in for-loop target")
	}
	for _, item := range tg.items {
		if err := noLoopTarget(item); err != nil {
			return err
		}
	}
	return nil
}

func (s *forStmt) hold(bodies []body) {
	s.body = bodies[0]
	if s.hasOther {
		s.other = bodies[1]
	}
}

func (s *forStmt) names(t *table) {
	t.load(s.iter)
	if s.test != nil {
		t.within(&s.tests, func(t *table) {
			t.param(s.tested)
			t.load(s.test)
		})
	}
	t.within(&s.bodyScope, func(t *table) {
		if s.usesLoop {
			s.loop = &target{name: "loop"}
			t.param(s.loop)
		}
		t.param(s.target)
		t.body(&s.body)
	})
	if s.hasOther {
		t.within(&s.otherScope, func(t *table) { t.body(&s.other) })
	}
}

var (
	errBreak    = errors.New("break")
	errContinue = errors.New("continue")
)

func (s *forStmt) exec(r *run) error {
	v, err := r.eval(s.iter)
	if err != nil {
		return err
	}
	return s.run(r, v, 0)
}

// run loops over the items of v. depth is how many loops of a recursive one
// are around.
func (s *forStmt) run(r *run, v value.Value, depth int) error {
	items, err := value.Items(v)
	if err == nil && s.test != nil {
		items, err = s.filter(r, items)
	}
	if err != nil {
		return r.fail(s.iter.node, err)
	}
	old := r.view
	defer func() { r.view = old }()
	if len(items) == 0 {
		if !s.hasOther {
			return nil
		}
		r.enter(&s.otherScope)
		return s.other.exec(r)
	}
	f := newFrame(&s.bodyScope, r.frame, r.frame.space)
	r.look(f)
	var l *loopValue
	if s.loop != nil {
		l = &loopValue{stmt: s, run: r, outer: old, items: items, depth: depth}
	}
	for i, item := range items {
		if i > 0 {
			clear(f.vals)
		}
		if l != nil {
			l.i = i
			f.vals[s.loop.slot] = l
		}
		if s.target.items == nil {
			f.vals[s.target.slot] = item
		} else if err := r.assign(s.target, item); err != nil {
			return err
		}
		if err := s.body.exec(r); err != nil {
			if err == errBreak {
				break
			}
			if err != errContinue {
				return err
			}
		}
		if i&0x3ff == 0x3ff && r.ctx.Std != nil {
			if err := r.ctx.Std.Err(); err != nil {
				return r.fail(s.iter.node, err)
			}
		}
	}
	return nil
}

// filter gives the items for which the loop's if is true.
func (s *forStmt) filter(r *run, items []value.Value) ([]value.Value, error) {
	old := r.enter(&s.tests)
	defer func() { r.view = old }()
	var kept []value.Value
	for _, item := range items {
		if err := r.assign(s.tested, item); err != nil {
			return nil, err
		}
		ok, err := s.test.Truth(r.ctx)
		if err != nil {
			return nil, r.fail(s.test.node, err)
		}
		if ok {
			kept = append(kept, item)
		}
	}
	return kept, nil
}
