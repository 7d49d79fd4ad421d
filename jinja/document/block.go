package document

import (
	"errors"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// extendsStmt names the template that this one fills in.
type extendsStmt struct {
	at       syntax.At
	template *code
}

func readExtends(f *front, at syntax.At) error {
	n, err := f.Expression()
	if err != nil {
		return err
	}
	f.leaf(&extendsStmt{at, f.code(n)})
	return nil
}

func (s *extendsStmt) names(t *table) { t.load(s.template); t.loadName(everything) }

func (s *extendsStmt) exec(r *run) error {
	if r.tpl.parent != nil {
		return r.fail(s.at, errors.New("extended multiple times"))
	}
	v, err := r.eval(s.template)
	if err != nil {
		return err
	}
	r.tpl.parent, err = r.find(v, false)
	if err != nil {
		return r.fail(s.template.node, err)
	}
	return nil
}

// blockStmt is a part of a template that one that extends it can replace.
type blockStmt struct {
	at               syntax.At
	name             string
	scoped, required bool
	body             body
	scope            scope
	self, super      *target
}

// placedBlock is a block of one of the templates that extend each other.
type placedBlock struct {
	*blockStmt
	tpl *layout
}

func readBlock(f *front, at syntax.At) error {
	tok, err := f.Expect(syntax.Ident)
	if err != nil {
		return err
	}
	s := &blockStmt{at: at, name: tok.Text}
	s.scoped = f.SkipName("scoped")
	s.required = f.SkipName("required")
	if f.Cur().Kind == syntax.Sub {
		return f.Errorf("Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.")
	}
	f.open(s)
	first := len(f.stmts)
	if err := f.statements(true, "endblock"); err != nil {
		return err
	}
	if s.required && !onlyBlank(f.stmts[first:]) {
		return f.Errorf("Required blocks can only contain comments or whitespace")
	}
	f.SkipName(s.name)
	f.close()
	if f.blocks[s.name] != nil {
		return errorAt(at, "block %s defined twice", value.QuoteRepr(s.name))
	}
	f.blocks[s.name] = s
	return nil
}

func onlyBlank(stmts []stmt) bool {
	for _, s := range stmts {
		out, ok := s.(*outputStmt)
		if !ok {
			return false
		}
		for _, p := range out.parts {
			if p.code != nil || strings.TrimSpace(value.Text(p.text)) != "" {
				return false
			}
		}
	}
	return true
}

func (s *blockStmt) hold(bodies []body) { s.body = bodies[0] }

func (s *blockStmt) names(t *table) {
	// A block sees the names of the template, not those of the statements
	// around it.
	t.isolated(&s.scope, func(t *table) {
		s.self, s.super = &target{name: "self"}, &target{name: "super"}
		t.param(s.self)
		t.param(s.super)
		t.body(&s.body)
	})
}

func (s *blockStmt) exec(r *run) error {
	if r.muted() {
		return nil
	}
	space := r.tpl.space
	if s.required && len(space.blocks[s.name]) <= 1 {
		return r.fail(s.at, errors.New("Required block "+value.QuoteRepr(s.name)+" not found"))
	}
	if s.scoped {
		space = space.derive(r.frame)
	}
	return r.block(space, s.name, 0, r.out)
}

// derive gives a space that sees f's names too.
func (s *space) derive(f *frame) *space { return &space{ctx: s.ctx, base: f, blocks: s.blocks} }

// block runs the block called name, or the one behind it after so many supers.
func (j *job) block(s *space, name string, supers int, out *sink) error {
	if err := j.call(); err != nil {
		return err
	}
	defer j.done()
	b := s.blocks[name][supers]
	r := &run{job: j, out: out, tpl: &layout{unit: b.tpl.unit, space: s}, view: view{ctx: s.ctx}}
	r.look(newFrame(&b.scope, nil, s))
	r.frame.vals[b.self.slot] = &selfValue{j, s}
	r.frame.vals[b.super.slot] = (&blockValue{j, s, name, supers}).super()
	return b.body.exec(r)
}

// selfValue is the variable self: the template's blocks.
type selfValue struct {
	job   *job
	space *space
}

// Type is Jinja's.
func (*selfValue) Type() string { return "TemplateReference" }

// Text is what Python prints.
func (s *selfValue) Text() string { return "<TemplateReference " + value.QuoteRepr(s.space.name) + ">" }

// Attr gives a block.
func (s *selfValue) Attr(name string) (value.Value, bool, error) {
	if len(s.space.blocks[name]) == 0 {
		return nil, false, nil
	}
	return &blockValue{s.job, s.space, name, 0}, true, nil
}

// Item gives a block.
func (s *selfValue) Item(key value.Value) (value.Value, bool, error) {
	name, _ := value.AsText(key)
	return s.Attr(name)
}

// blockValue is a block as a value: self.name, or super.
type blockValue struct {
	job    *job
	space  *space
	name   string
	supers int
}

// Type is Jinja's.
func (*blockValue) Type() string { return "BlockReference" }

// super gives the block that this one replaces.
func (b *blockValue) super() value.Value {
	if b.supers+1 >= len(b.space.blocks[b.name]) {
		return &expr.Undefined{Name: "super", Msg: "there is no parent block called " + value.QuoteRepr(b.name) + "."}
	}
	return &blockValue{b.job, b.space, b.name, b.supers + 1}
}

// Attr gives super and name.
func (b *blockValue) Attr(name string) (value.Value, bool, error) {
	switch name {
	case "super":
		return b.super(), true, nil
	case "name":
		return value.Str(b.name), true, nil
	}
	return nil, false, nil
}

// Call runs the block.
func (b *blockValue) Call(*expr.Call) (value.Value, error) {
	out := &sink{}
	if err := b.job.block(b.space, b.name, b.supers, out); err != nil {
		return nil, err
	}
	return out.value()
}
