package document

import (
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// signature is what macros and call blocks have in common: parameters and a body.
type signature struct {
	at       syntax.At
	name     string // "" for a call block
	params   []*target
	defaults []*code // of the last params
	body     body
	scope    scope

	// What the body reads of what is always passed; nil: not.
	caller, varargs, kwargs *target
}

// macroStmt defines a macro.
type macroStmt struct {
	signature
	target *target
}

// callStmt is {% call m() %} … {% endcall %}.
type callStmt struct {
	signature
	call  *code
	own   scope   // holds the caller for call
	block *target // where
}

// callerName cannot be written in a template.
const callerName = "\x00caller"

func readMacro(f *front, at syntax.At) error {
	n, err := f.TargetName()
	if err != nil {
		return err
	}
	s := &macroStmt{signature: signature{at: at, name: n.Name}, target: newTarget(n)}
	if err := f.signature(&s.signature); err != nil {
		return err
	}
	return f.scoped(s, "endmacro")
}

func readCall(f *front, at syntax.At) error {
	s := &callStmt{signature: signature{at: at}}
	if f.Cur().Kind == syntax.LParen {
		if err := f.signature(&s.signature); err != nil {
			return err
		}
	}
	n, err := f.Expression()
	if err != nil {
		return err
	}
	call, ok := n.(*syntax.Call)
	if !ok {
		return errorAt(at, "expected call")
	}
	s.block = &target{name: callerName}
	call.Kw = append(call.Kw, syntax.Keyword{Name: "caller", Value: &syntax.Name{At: at, Name: callerName}})
	s.call = f.code(call)
	return f.scoped(s, "endcall")
}

// signature reads (a, b=1).
func (f *front) signature(s *signature) error {
	if _, err := f.Expect(syntax.LParen); err != nil {
		return err
	}
	for f.Cur().Kind != syntax.RParen {
		if len(s.params) > 0 {
			if _, err := f.Expect(syntax.Comma); err != nil {
				return err
			}
		}
		n, err := f.TargetName()
		if err != nil {
			return err
		}
		s.params = append(s.params, newTarget(n))
		if f.Skip(syntax.Assign) {
			v, err := f.Expression()
			if err != nil {
				return err
			}
			s.defaults = append(s.defaults, f.code(v))
		} else if len(s.defaults) > 0 {
			return f.Errorf("non-default argument follows default argument")
		}
	}
	f.Next()
	f.signed = append(f.signed, s)
	return nil
}

// check refuses a parameter that would hide what a call block hands over.
func (s *signature) check() error {
	for i, p := range s.params {
		if p.name == "caller" && i < len(s.params)-len(s.defaults) && readsName(&s.body, "caller") {
			return errorAt(s.at, `When defining macros or call blocks the special "caller" argument must be omitted or be given a default.`)
		}
	}
	return nil
}

// fill tells t the names of parameters and body.
func (s *signature) fill(t *table) {
	for _, p := range s.params {
		t.param(p)
	}
	for _, special := range []struct {
		name string
		to   **target
	}{{"caller", &s.caller}, {"varargs", &s.varargs}, {"kwargs", &s.kwargs}} {
		if t.probe != nil || s.has(special.name) || !readsName(&s.body, special.name) {
			continue
		}
		*special.to = &target{name: special.name}
		t.param(*special.to)
	}
	for _, d := range s.defaults {
		t.load(d)
	}
	t.body(&s.body)
}

func (s *signature) has(param string) bool {
	for _, p := range s.params {
		if p.name == param {
			return true
		}
	}
	return false
}

// readsName reports whether b reads a name that nothing in it has set before.
func readsName(b *body, name string) bool {
	p := &probe{name: name}
	t := &table{shared: &shared{}, probe: p}
	t.body(b)
	return p.read
}

func (s *macroStmt) hold(bodies []body) { s.body = bodies[0] }

func (s *macroStmt) names(t *table) {
	t.store(s.target)
	t.within(&s.scope, s.fill)
}

func (s *macroStmt) exec(r *run) error {
	r.frame.set(s.target, &macro{&s.signature, r.job, r.view, r.tpl})
	return nil
}

func (s *callStmt) hold(bodies []body) { s.body = bodies[0] }

func (s *callStmt) names(t *table) {
	t.within(&s.own, func(t *table) {
		t.param(s.block)
		t.load(s.call)
	})
	t.load(s.call)
	t.within(&s.scope, s.fill)
}

func (s *callStmt) exec(r *run) error {
	old := r.enter(&s.own)
	defer func() { r.view = old }()
	r.frame.set(s.block, &macro{&s.signature, r.job, old, r.tpl})
	v, err := r.eval(s.call)
	if err != nil || r.muted() {
		return err
	}
	if err := r.out.add(v); err != nil {
		return r.fail(s.call.node, err)
	}
	return nil
}

// macro is a macro as a value; the block of a call is one too.
type macro struct {
	*signature
	job  *job
	view view // where it was defined
	tpl  *layout
}

// Type is Jinja's.
func (*macro) Type() string { return "Macro" }

// Text is what Python prints.
func (m *macro) Text() string {
	if m.name == "" {
		return "<Macro anonymous>"
	}
	return "<Macro " + m.shown() + ">"
}

// Attr gives what a macro says of itself.
func (m *macro) Attr(name string) (value.Value, bool, error) {
	switch name {
	case "name":
		if m.name == "" {
			return value.None, true, nil
		}
		return value.Str(m.name), true, nil
	case "arguments":
		names := make([]value.Value, len(m.params))
		for i, p := range m.params {
			names[i] = value.Str(p.name)
		}
		return value.NewTuple(names...), true, nil
	case "catch_kwargs":
		return value.Bool(m.kwargs != nil), true, nil
	case "catch_varargs":
		return value.Bool(m.varargs != nil), true, nil
	case "caller":
		return value.Bool(m.caller != nil), true, nil
	}
	return nil, false, nil
}

// Call runs the macro.
func (m *macro) Call(c *expr.Call) (value.Value, error) {
	if err := m.job.call(); err != nil {
		return nil, err
	}
	defer m.job.done()
	f := newFrame(&m.scope, m.view.frame, m.view.frame.space)
	if err := m.bind(f, c); err != nil {
		return nil, err
	}
	r := &run{job: m.job, out: &sink{late: true}, tpl: m.tpl, view: m.view}
	r.look(f)
	missing := len(m.params) - len(m.defaults)
	for i, p := range m.params {
		if f.vals[p.slot] != nil {
			continue
		}
		if i < missing {
			u := &expr.Undefined{Name: p.name, Msg: "parameter " + value.QuoteRepr(p.name) + " was not provided", Pos: m.at.Pos()}
			f.vals[p.slot] = u
			continue
		}
		v, err := r.eval(m.defaults[i-missing])
		if err != nil {
			return nil, err
		}
		f.vals[p.slot] = v
	}
	if err := m.body.exec(r); err != nil {
		return nil, err
	}
	return r.out.value()
}

// shown is the macro's name in messages; a call block has none.
func (m *macro) shown() string {
	if m.name == "" {
		return "None"
	}
	return value.QuoteRepr(m.name)
}

// bind puts the arguments in their places.
func (m *macro) bind(f *frame, c *expr.Call) error {
	n := min(len(c.Args), len(m.params))
	for i, v := range c.Args[:n] {
		f.vals[m.params[i].slot] = v
	}
	kwargs := c.Kwargs
	if kwargs.Len() > 0 {
		kwargs = kwargs.Clone()
	}
	take := func(name string) (value.Value, bool) {
		v, ok := kwargs.GetStr(name)
		if ok {
			kwargs.Delete(value.Str(name))
		}
		return v, ok
	}
	for _, p := range m.params[n:] {
		if v, ok := take(p.name); ok {
			f.vals[p.slot] = v
		}
	}
	if m.caller != nil {
		v, ok := take("caller")
		if !ok || v == value.None {
			v = &expr.Undefined{Name: "caller", Msg: "No caller defined"}
		}
		f.vals[m.caller.slot] = v
	}
	if m.kwargs != nil {
		if kwargs == nil {
			kwargs = value.NewDict(0)
		}
		for _, v := range kwargs.All() {
			kwargs.Lazy = kwargs.Lazy || value.IsLazy(v)
		}
		f.vals[m.kwargs.slot] = kwargs
	} else if kwargs.Len() > 0 {
		if _, ok := kwargs.GetStr("caller"); ok {
			return fmt.Errorf("macro %s was invoked with two values for the special caller argument. This is most likely a bug.", m.shown())
		}
		return fmt.Errorf("macro %s takes no keyword argument %s", m.shown(), value.Repr(kwargs.Keys()[0]))
	}
	if m.varargs != nil {
		f.vals[m.varargs.slot] = value.NewTuple(append([]value.Value(nil), c.Args[n:]...)...)
	} else if len(c.Args) > len(m.params) {
		return fmt.Errorf("macro %s takes not more than %d argument(s)", m.shown(), len(m.params))
	}
	return nil
}
