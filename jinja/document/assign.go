package document

import (
	"errors"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

func errorAt(at syntax.At, format string, args ...any) error {
	return source.Errorf(at.Pos(), format, args...)
}

// assign puts v where tg says, taking it apart if tg is several names.
func (r *run) assign(tg *target, v value.Value) error {
	if tg.items != nil {
		return r.unpack(tg, v)
	}
	if tg.attr == "" {
		r.frame.set(tg, v)
		return nil
	}
	ns, err := r.ctx.Find(tg.name)
	if err != nil {
		return r.fail(tg.at, err)
	}
	n, ok := ns.(*expr.Namespace)
	if !ok {
		return r.fail(tg.at, errors.New("cannot assign attribute on non-namespace object"))
	}
	n.Set(tg.attr, v)
	return nil
}

func (r *run) unpack(tg *target, v value.Value) error {
	v, err := value.Force(v)
	if err != nil {
		return r.fail(tg.at, err)
	}
	items, err := value.Items(v)
	if err != nil {
		if !expr.IsUndefined(v) {
			err = fmt.Errorf("cannot unpack non-iterable %s object", v.Type())
		}
		return r.fail(tg.at, err)
	}
	switch want, got := len(tg.items), len(items); {
	case got < want:
		return r.fail(tg.at, fmt.Errorf("not enough values to unpack (expected %d, got %d)", want, got))
	case got > want:
		return r.fail(tg.at, fmt.Errorf("too many values to unpack (expected %d)", want))
	}
	for i, item := range tg.items {
		if err := r.assign(item, items[i]); err != nil {
			return err
		}
	}
	return nil
}

// setStmt is {% set x = … %}.
type setStmt struct {
	target *target
	value  *code
}

// setBlockStmt is {% set x %} … {% endset %}.
type setBlockStmt struct {
	target *target
	filter *code // nil: none
	body   body
	scope  scope
}

func readSet(f *front, _ syntax.At) error {
	n, err := f.Target(true)
	if err != nil {
		return err
	}
	if f.Skip(syntax.Assign) {
		v, err := f.Tuple(false)
		if err != nil {
			return err
		}
		f.leaf(&setStmt{newTarget(n), f.code(v)})
		return nil
	}
	s := &setBlockStmt{target: newTarget(n)}
	if f.Skip(syntax.Pipe) {
		chain, err := f.FilterChain()
		if err != nil {
			return err
		}
		s.filter = f.code(chain)
	}
	f.open(s)
	if err := f.statements(true, "endset"); err != nil {
		return err
	}
	f.close()
	return nil
}

func (s *setStmt) names(t *table) {
	t.load(s.value)
	t.store(s.target)
}

func (s *setStmt) exec(r *run) error {
	v, err := r.eval(s.value)
	if err != nil {
		return err
	}
	return r.assign(s.target, v)
}

func (s *setBlockStmt) hold(bodies []body) { s.body = bodies[0] }

func (s *setBlockStmt) names(t *table) {
	t.store(s.target)
	t.within(&s.scope, func(t *table) {
		t.load(s.filter)
		t.body(&s.body)
	})
}

func (s *setBlockStmt) exec(r *run) error {
	old := r.enter(&s.scope)
	v, err := r.capture(&s.body)
	if err == nil && s.filter != nil {
		if v, err = s.filter.Apply(r.ctx, v); err != nil {
			err = r.fail(s.filter.node, err)
		}
	}
	r.view = old
	if err != nil {
		return err
	}
	return r.assign(s.target, v)
}

// filterStmt is {% filter … %} … {% endfilter %}.
type filterStmt struct {
	filter *code
	body   body
	scope  scope
}

func readFilter(f *front, _ syntax.At) error {
	chain, err := f.FilterChain()
	if err != nil {
		return err
	}
	s := &filterStmt{filter: f.code(chain)}
	f.open(s)
	if err := f.statements(true, "endfilter"); err != nil {
		return err
	}
	f.close()
	return nil
}

func (s *filterStmt) hold(bodies []body) { s.body = bodies[0] }

func (s *filterStmt) names(t *table) {
	t.load(s.filter)
	t.within(&s.scope, func(t *table) { t.body(&s.body) })
}

func (s *filterStmt) exec(r *run) error {
	old := r.enter(&s.scope)
	defer func() { r.view = old }()
	v, err := r.capture(&s.body)
	if err != nil || r.muted() {
		return err
	}
	if v, err = s.filter.Apply(r.ctx, v); err == nil {
		err = r.out.add(v)
	}
	if err != nil {
		return r.fail(s.filter.node, err)
	}
	return nil
}

// withStmt is {% with a = 1 %} … {% endwith %}.
type withStmt struct {
	targets []*target
	values  []*code
	body    body
	scope   scope
}

func readWith(f *front, _ syntax.At) error {
	s := &withStmt{}
	for f.Cur().Kind != syntax.BlockEnd {
		if len(s.targets) > 0 {
			if _, err := f.Expect(syntax.Comma); err != nil {
				return err
			}
		}
		n, err := f.Target(false)
		if err != nil {
			return err
		}
		if _, err := f.Expect(syntax.Assign); err != nil {
			return err
		}
		v, err := f.Expression()
		if err != nil {
			return err
		}
		s.targets, s.values = append(s.targets, newTarget(n)), append(s.values, f.code(v))
	}
	return f.scoped(s, "endwith")
}

// scoped reads a body that ends with end.
func (f *front) scoped(s stmt, end string) error {
	f.open(s)
	if err := f.statements(true, end); err != nil {
		return err
	}
	f.close()
	return nil
}

func (s *withStmt) hold(bodies []body) { s.body = bodies[0] }

func (s *withStmt) names(t *table) {
	for _, v := range s.values {
		t.load(v)
	}
	t.within(&s.scope, func(t *table) {
		for _, tg := range s.targets {
			t.param(tg)
		}
		t.body(&s.body)
	})
}

func (s *withStmt) exec(r *run) error {
	vals := make([]value.Value, len(s.values))
	for i, c := range s.values {
		var err error
		if vals[i], err = r.eval(c); err != nil {
			return err
		}
	}
	old := r.enter(&s.scope)
	defer func() { r.view = old }()
	for i, tg := range s.targets {
		if err := r.assign(tg, vals[i]); err != nil {
			return err
		}
	}
	return s.body.exec(r)
}

// readAutoescape reads {% autoescape on %} … {% endautoescape %}. Templates of
// the reference do not escape, whatever it says; it is a scope all the same.
func readAutoescape(f *front, _ syntax.At) error {
	n, err := f.Expression()
	if err != nil {
		return err
	}
	s := &withStmt{targets: []*target{newTarget(&syntax.Name{Name: "\x00autoescape"})}, values: []*code{f.code(n)}}
	return f.scoped(s, "endautoescape")
}
