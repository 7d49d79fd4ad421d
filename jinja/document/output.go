package document

import (
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// rootStmt is a whole template.
type rootStmt struct {
	body  body
	scope scope
	self  *target // nil where nothing reads self
}

func (s *rootStmt) hold(bodies []body) { s.body = bodies[0] }
func (s *rootStmt) exec(r *run) error  { return s.body.exec(r) }
func (s *rootStmt) names(t *table)     { t.body(&s.body) }

// outputStmt is text and {{ }} in a row.
type outputStmt struct{ parts []part }

// part is a text, or an expression if code is not nil.
type part struct {
	text value.Value
	code *code
}

func (s *outputStmt) names(t *table) {
	for _, p := range s.parts {
		t.load(p.code)
	}
}

func (s *outputStmt) exec(r *run) error {
	if r.muted() {
		return nil
	}
	for i := range s.parts {
		p := &s.parts[i]
		if p.code == nil {
			if err := r.out.add(p.text); err != nil {
				return err
			}
			continue
		}
		v, err := p.code.Eval(r.ctx)
		if err == nil {
			err = r.out.add(v)
		}
		if err != nil {
			return r.fail(p.code.node, err)
		}
	}
	return nil
}

// readPrint reads {% print a, b %}, the long way to write {{ }}.
func readPrint(f *front, _ syntax.At) error {
	s := &outputStmt{}
	f.leaf(s)
	for f.Cur().Kind != syntax.BlockEnd {
		if len(s.parts) > 0 {
			if _, err := f.Expect(syntax.Comma); err != nil {
				return err
			}
		}
		n, err := f.Expression()
		if err != nil {
			return err
		}
		s.parts = append(s.parts, part{code: f.code(n)})
	}
	return nil
}

// ifStmt is an if with its elifs and its else: the body behind the last test,
// if there is one more than tests.
type ifStmt struct {
	tests  []*code
	bodies []body
}

func readIf(f *front, _ syntax.At) error {
	s := &ifStmt{}
	f.open(s)
	soft := f.soft
	f.soft = true
	defer func() { f.soft = soft }()
	for {
		n, err := f.Tuple(true)
		if err != nil {
			return err
		}
		s.tests = append(s.tests, f.code(n))
		if err := f.branch(false, "elif", "else", "endif"); err != nil {
			return err
		}
		switch end := f.Next(); end.Text {
		case "elif":
			f.next()
			continue
		case "else":
			f.next()
			if err := f.branch(true, "endif"); err != nil {
				return err
			}
		}
		f.close()
		return nil
	}
}

func (s *ifStmt) hold(bodies []body) { s.bodies = bodies }

func (s *ifStmt) names(t *table) {
	// Of the tests only the first is read before the branches.
	t.load(s.tests[0])
	for _, c := range s.tests[1:] {
		t.load(c)
	}
	t.branches(s.bodies)
}

func (s *ifStmt) exec(r *run) error {
	for i, c := range s.tests {
		ok, err := c.Truth(r.ctx)
		if err != nil {
			return r.fail(c.node, err)
		}
		if ok {
			return s.bodies[i].exec(r)
		}
	}
	if n := len(s.tests); n < len(s.bodies) {
		return s.bodies[n].exec(r)
	}
	return nil
}
