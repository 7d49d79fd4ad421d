package document

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

var sourceNone source.Pos

// unit is a compiled template. Safe for concurrent use.
type unit struct {
	pos    source.Pos
	root   *rootStmt
	blocks map[string]*blockStmt
	reads  []string
	self   bool
	gated  *gate
	codes  []*code
	plain  value.Value // the text of a file without anything to evaluate, else nil
	// newlines is how many line ends a file's text ends in: the last is not
	// part of the template, but a text gets back what it lost.
	newlines int
	newline  string // what they are written as; "\n" if empty

	ok atomic.Pointer[expr.Env] // whose filters and tests it is known to find
}

// Reads names the variables it reads; "vars" if it may read any.
func (u *unit) Reads() []string { return u.reads }

// Check reports the first filter or test that env does not have.
func (u *unit) Check(env *expr.Env) error {
	if u.ok.Load() == env {
		return nil
	}
	if g := u.gated; g != nil && !g.open(env) {
		return g.err
	}
	for _, c := range u.codes {
		if c.soft {
			continue
		}
		if err := c.Check(env); err != nil {
			return err
		}
	}
	u.ok.Store(env)
	return nil
}

// Render makes it expr.Statements: a string with statements.
func (u *unit) Render(ctx *expr.Ctx) ([]value.Value, error) {
	o := DefaultOptions()
	o.RawStrings = true
	v, err := u.output(ctx, &o)
	if err != nil && expr.PosOf(err).File != u.pos.File {
		// What is wrong in a file it includes is shown as the string's fault.
		err = moved(err, u.pos)
	}
	return []value.Value{v}, err
}

// output runs the template.
func (u *unit) output(ctx *expr.Ctx, o *Options) (value.Value, error) {
	if u.plain != nil {
		return u.plain, nil
	}
	if err := u.Check(ctx.Env); err != nil {
		return nil, err
	}
	r := &run{job: &job{o: o}, out: &sink{}}
	if err := r.template(u, &space{ctx: ctx, name: u.pos.File}); err != nil {
		return nil, err
	}
	return r.out.value()
}

// value runs the template, for a result.
func (u *unit) value(ctx *expr.Ctx, o *Options) (value.Value, error) {
	v, err := u.output(ctx, o)
	if err != nil {
		return nil, err
	}
	if v, err = expr.Finalize(v); err != nil {
		return nil, err
	}
	if expr.IsOmit(v) {
		return nil, expr.ErrOmitted
	}
	if s, ok := v.(value.Str); ok && u.newlines > 0 {
		have := len(s) - len(strings.TrimRight(string(s), "\n"))
		end := "\n"
		if u.newline != "" {
			end = u.newline
		}
		v = s + value.Str(strings.Repeat(end, max(u.newlines-have, 0)))
	}
	return v, nil
}

// job is one rendering of a template with all it includes.
type job struct {
	o     *Options
	depth int // of calls and includes
}

// maxCalls bounds how deep macros, loops and templates may call each other.
const maxCalls = 250

// errDepth is new each time: the place is added to it on the way up.
func errDepth() error {
	return &expr.TemplateError{Msg: "Recursive loop detected in template: maximum recursion depth exceeded"}
}

// call counts one more call, and has to be paired with done.
func (j *job) call() error {
	if j.depth++; j.depth > maxCalls {
		return errDepth()
	}
	return nil
}

func (j *job) done() { j.depth-- }

// run is one walk through a body that has an output of its own: a template's,
// a macro's, a block's. It is the writer that pongo2 hands from node to node.
type run struct {
	*job
	view
	out *sink
	tpl *layout
	// root is set in what stands in the template itself, as opposed to blocks
	// and macros: it prints nothing once the template extends another.
	root bool
	err  error
}

// view is what expressions see.
type view struct {
	ctx   *expr.Ctx
	frame *frame
}

// layout is the template that a run belongs to.
type layout struct {
	unit   *unit
	parent *unit // the one it extends
	space  *space
}

// enter puts a new frame for sc over the present one and gives the view to
// return to.
func (r *run) enter(sc *scope) view {
	old := r.view
	if len(sc.names) > 0 {
		r.look(newFrame(sc, r.frame, r.frame.space))
	}
	return old
}

// look makes f what expressions see.
func (r *run) look(f *frame) {
	r.view = view{r.ctx.WithLocals(f), f}
}

// template runs u's own statements, then those of the template it extends.
func (r *run) template(u *unit, s *space) error {
	old := *r
	defer func() { r.view, r.tpl, r.root = old.view, old.tpl, old.root }()
	if s.blocks == nil {
		s.blocks = map[string][]*placedBlock{}
	}
	depth := r.depth
	defer func() { r.depth = depth }()
	for u != nil {
		if err := r.call(); err != nil {
			return err
		}
		r.tpl = &layout{unit: u, space: s}
		for name, b := range u.blocks {
			s.blocks[name] = append(s.blocks[name], &placedBlock{b, r.tpl})
		}
		r.root = true
		r.ctx = s.ctx
		r.look(newFrame(&u.root.scope, nil, s))
		if tg := u.root.self; tg != nil {
			r.frame.vals[tg.slot] = &selfValue{r.job, s}
		}
		if err := u.root.body.exec(r); err != nil {
			return err
		}
		u = r.tpl.parent
	}
	return nil
}

// muted reports whether output is to be dropped.
func (r *run) muted() bool { return r.root && r.tpl.parent != nil }

// capture runs b with an output of its own and gives what that came to.
func (r *run) capture(b *body) (value.Value, error) {
	out, root := r.out, r.root
	r.out, r.root = &sink{late: true}, false
	err := b.exec(r)
	var v value.Value
	if err == nil {
		v, err = r.out.value()
		var u *expr.UndefinedError
		if errors.As(err, &u) {
			v, err = &expr.Undefined{Name: u.Name, Msg: u.Msg, Pos: u.Pos}, nil
		}
	}
	r.out, r.root = out, root
	return v, err
}

// fail gives err the reference's words and n's place, if it has none yet.
func (r *run) fail(n syntax.Node, err error) error {
	if err == errBreak || err == errContinue {
		return err
	}
	return expr.RenderError(n, err)
}

// eval evaluates an expression.
func (r *run) eval(c *code) (value.Value, error) {
	v, err := c.Eval(r.ctx)
	if err != nil {
		return nil, r.fail(c.node, err)
	}
	return v, nil
}

// Write and WriteString make run a pongo2.TemplateWriter. Our tags do not use
// them: their output may be values.
func (r *run) Write(b []byte) (int, error) { return len(b), r.out.add(value.Str(b)) }

// WriteString is Write.
func (r *run) WriteString(s string) (int, error) { return len(s), r.out.add(value.Str(s)) }

// maxOutput bounds the text of one template, bytes.
const maxOutput = 256 << 20

var errTooLong = errors.New("the output of the template is too long")

// sink collects output: one value as it is, more as text. What can change is
// made text when all is there, as the reference does.
type sink struct {
	n     int
	first value.Value
	parts []value.Value // what is before text
	text  strings.Builder
	size  int

	// late output is put together when all of it is there (a macro's, a block
	// set's): something undefined in it does not stop the run, but makes the
	// whole undefined.
	late  bool
	undef *expr.Undefined
}

// add puts v behind what is there already. None is nothing; what is undefined raises; an imported template is what it gave.
func (s *sink) add(v value.Value) error {
	if m, ok := v.(*moduleValue); ok {
		v = m.body
	}
	if v == value.None {
		return nil
	}
	if u, ok := v.(*expr.Undefined); ok && !u.Plain {
		if !s.late {
			return u.Fault()
		}
		if s.undef == nil {
			s.undef = u
		}
		return nil
	}
	s.n++
	if s.n == 1 {
		s.first = shallow(v)
		return nil
	}
	if s.n == 2 {
		if err := s.put(s.first); err != nil {
			return err
		}
	}
	return s.put(v)
}

func (s *sink) put(v value.Value) error {
	t, ok := v.(value.Str)
	if !ok {
		switch x := v.(type) {
		case value.Int:
			var digits [20]byte
			s.text.Write(strconv.AppendInt(digits[:0], int64(x), 10))
			return nil
		case value.Bool, value.Float, value.Markup, *value.BigInt, *expr.Undefined:
		default:
			if s.text.Len() > 0 {
				s.parts = append(s.parts, value.Str(s.text.String()))
				s.text = strings.Builder{}
			}
			s.parts = append(s.parts, shallow(v))
			return nil
		}
		str, err := expr.OutputText(v)
		if err != nil {
			return err
		}
		t = value.Str(str)
	}
	if s.size += len(t); s.size > maxOutput {
		return errTooLong
	}
	s.text.WriteString(string(t))
	return nil
}

// shallow copies a list or dict, which the template may go on to change. What
// is in it shows later changes, as in the reference.
func shallow(v value.Value) value.Value {
	switch c := v.(type) {
	case *value.List:
		return &value.List{Items: slices.Clone(c.Items), Lazy: c.Lazy}
	case *value.Dict:
		return c.Clone()
	}
	return v
}

// value gives what has been collected.
func (s *sink) value() (value.Value, error) {
	switch {
	case s.undef != nil:
		return s.undef, nil
	case s.n == 0:
		return value.None, nil
	case s.n == 1:
		return s.first, nil
	case s.parts == nil:
		return value.Str(s.text.String()), nil
	}
	text, err := expr.Join(append(s.parts, value.Str(s.text.String())))
	return value.Str(text), err
}
