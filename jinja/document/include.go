package document

import (
	"errors"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// everything stands among the names that a template reads if it includes
// others: vars shows all variables.
const everything = "vars"

// includeStmt puts another template's output here.
type includeStmt struct {
	template      *code
	ignoreMissing bool
	context       bool
}

func readInclude(f *front, _ syntax.At) error {
	n, err := f.Expression()
	if err != nil {
		return err
	}
	s := &includeStmt{template: f.code(n)}
	if f.Cur().Is("ignore") && f.Look().Is("missing") {
		f.Next()
		f.Next()
		s.ignoreMissing = true
	}
	s.context = f.context(true)
	f.leaf(s)
	return nil
}

// context reads "with context" or "without context".
func (f *front) context(with bool) bool {
	if (f.Cur().Is("with") || f.Cur().Is("without")) && f.Look().Is("context") {
		with = f.Next().Text == "with"
		f.Next()
	}
	return with
}

func (s *includeStmt) names(t *table) { t.load(s.template); t.loadName(everything) }

func (s *includeStmt) exec(r *run) error {
	v, err := r.eval(s.template)
	if err != nil {
		return err
	}
	u, err := r.find(v, true)
	var none *notFoundError
	if s.ignoreMissing && errors.As(err, &none) {
		return nil
	}
	if err == nil {
		err = r.call()
	}
	if err != nil {
		return r.fail(s.template.node, err)
	}
	defer r.done()
	if s.context {
		return r.template(u, &space{ctx: r.tpl.space.ctx, name: u.pos.File, base: r.frame})
	}
	return r.template(u, &space{ctx: r.bare(), name: u.pos.File})
}

// bare gives a context that sees no variables.
func (r *run) bare() *expr.Ctx {
	c := r.tpl.space.ctx
	bare := expr.NewCtx(c.Std, c.Env, nil)
	bare.Notices = c.Notices
	return bare
}

// importStmt gives another template's names as the attributes of one.
type importStmt struct {
	template *code
	target   *target
	context  bool
}

// fromStmt takes some names from another template.
type fromStmt struct {
	at       syntax.At
	template *code
	wanted   []string
	targets  []*target
	context  bool
}

func readImport(f *front, _ syntax.At) error {
	n, err := f.Expression()
	if err != nil {
		return err
	}
	if err := f.ExpectName("as"); err != nil {
		return err
	}
	name, err := f.TargetName()
	if err != nil {
		return err
	}
	f.leaf(&importStmt{f.code(n), newTarget(name), f.context(false)})
	return nil
}

func readFrom(f *front, at syntax.At) error {
	n, err := f.Expression()
	if err != nil {
		return err
	}
	if err := f.ExpectName("import"); err != nil {
		return err
	}
	s := &fromStmt{at: at, template: f.code(n)}
	for !f.contextAhead() {
		if len(s.targets) > 0 && !f.Skip(syntax.Comma) {
			break
		}
		name, err := f.TargetName()
		if err != nil {
			return err
		}
		if strings.HasPrefix(name.Name, "_") {
			return errorAt(name.At, "names starting with an underline can not be imported")
		}
		s.wanted = append(s.wanted, name.Name)
		if f.SkipName("as") {
			if name, err = f.TargetName(); err != nil {
				return err
			}
		}
		s.targets = append(s.targets, newTarget(name))
	}
	s.context = f.context(false)
	f.leaf(s)
	return nil
}

func (f *front) contextAhead() bool {
	return (f.Cur().Is("with") || f.Cur().Is("without")) && f.Look().Is("context")
}

func (s *importStmt) names(t *table) {
	t.load(s.template)
	t.store(s.target)
	if s.context {
		t.loadName(everything)
	}
}

func (s *importStmt) exec(r *run) error {
	m, err := r.module(s.template, s.context)
	if err != nil {
		return err
	}
	r.frame.set(s.target, m)
	r.hide(s.target)
	return nil
}

// hide keeps an imported name from being handed on to importers.
func (r *run) hide(tg *target) {
	if r.frame.scope.top {
		s := r.frame.space
		s.hidden = append(s.hidden, tg.name)
	}
}

func (s *fromStmt) names(t *table) {
	t.load(s.template)
	for _, tg := range s.targets {
		t.store(tg)
	}
	if s.context {
		t.loadName(everything)
	}
}

func (s *fromStmt) exec(r *run) error {
	m, err := r.module(s.template, s.context)
	if err != nil {
		return err
	}
	for i, tg := range s.targets {
		v, ok, _ := m.Attr(s.wanted[i])
		if !ok {
			v = &expr.Undefined{Name: s.wanted[i], Pos: s.at.Pos(), Msg: "the template " + value.QuoteRepr(m.asked) + " (imported on line " +
				value.Text(value.Int(max(s.at.Line, 1))) + ") does not export the requested name " + value.QuoteRepr(s.wanted[i])}
		}
		r.frame.set(tg, v)
		r.hide(tg)
	}
	return nil
}

// module runs a template for the names it sets.
func (r *run) module(template *code, context bool) (*moduleValue, error) {
	name, err := r.eval(template)
	if err != nil {
		return nil, err
	}
	u, err := r.find(name, false)
	if err == nil {
		err = r.call()
	}
	if err != nil {
		return nil, r.fail(template.node, err)
	}
	defer r.done()
	s := &space{ctx: r.tpl.space.ctx, name: u.pos.File}
	if context {
		s.base = r.frame.snapshot()
	} else {
		s.ctx = r.bare()
	}
	in := &run{job: r.job, out: &sink{late: true}}
	if err := in.template(u, s); err != nil {
		return nil, err
	}
	m := &moduleValue{asked: value.Text(name), vars: map[string]value.Value{}}
	for _, name := range s.order {
		if !strings.HasPrefix(name, "_") && !contains(s.hidden, name) {
			m.vars[name] = s.vars[name]
		}
	}
	if m.body, err = in.out.value(); err != nil {
		return nil, r.fail(template.node, err)
	}
	return m, nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// moduleValue is an imported template.
type moduleValue struct {
	asked string // the name it was imported by
	vars  map[string]value.Value
	body  value.Value
}

// Type is Jinja's.
func (*moduleValue) Type() string { return "TemplateModule" }

// Text is the template's output.
func (m *moduleValue) Text() string {
	if m.body == value.None {
		return ""
	}
	return value.Text(m.body)
}

// Attr gives a name that the template set.
func (m *moduleValue) Attr(name string) (value.Value, bool, error) {
	v, ok := m.vars[name]
	return v, ok, nil
}

// Item gives a name that the template set.
func (m *moduleValue) Item(key value.Value) (value.Value, bool, error) {
	name, _ := value.AsText(key)
	return m.Attr(name)
}
