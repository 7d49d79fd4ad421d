package expr

import (
	"errors"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// state is what the contexts of one evaluation share.
type state struct {
	memo   *Memo // the scope's, or alone
	alone  Memo
	frame  frame
	depth  int  // of templates that read templates
	impure int  // counts uses of what changes from call to call
	root   *Ctx // without local names
}

// frame is what belongs to the evaluation of one template or expression: within
// it a name has one value, even one whose template gives another each time.
type frame struct {
	at       source.Pos             // where the template or expression stands
	own      map[string]value.Value // private copies; see Ctx.owned
	volatile map[*Template]value.Value
}

func (c *Ctx) state() *state {
	if c.st != nil {
		return c.st
	}
	st := &state{}
	st.init(c)
	if c.Locals != nil {
		root := *c
		root.Locals, root.st = nil, st
		st.root = &root
	}
	c.st = st
	return st
}

func (st *state) init(c *Ctx) {
	st.root = c
	if m, ok := c.Scope.(Memoed); ok {
		st.memo = m.Memo()
	}
	if st.memo == nil {
		st.memo = &st.alone
	}
}

// Memo keeps what templates and containers of one scope came to, for as long as
// its variables stay as they are. It belongs to one goroutine. The zero Memo is ready.
type Memo struct {
	vals    map[value.Value]value.Value // of *Template, and lazy *List and *Dict
	origins map[textID]string           // see Ctx.NoteOrigin
}

func (m *Memo) get(k value.Value) (value.Value, bool) {
	v, ok := m.vals[k]
	return v, ok
}

func (m *Memo) set(k, v value.Value) {
	if m.vals == nil {
		m.vals = map[value.Value]value.Value{}
	}
	m.vals[k] = v
}

// Reset forgets everything, for when variables have changed.
func (m *Memo) Reset() {
	clear(m.vals)
	clear(m.origins)
}

// busy stands in a Memo for a template that is being evaluated.
type busy struct{ value.NoneType }

// Bind makes a variable's value ready for use by ctx: a template is evaluated
// (one that meets something undefined gives that Undefined), a container that
// holds templates becomes one whose items are evaluated when they are read;
// plain data is itself.
func Bind(ctx *Ctx, v value.Value) (value.Value, error) {
	got, err := bind(ctx, v)
	if _, ok := v.(*Template); !ok || err != nil || IsUndefined(got) {
		return got, err
	}
	if got, err = Finalize(got); err != nil {
		return undefinedOf(renderError("template", v.(*Template).pos, err))
	}
	return got, nil
}

// bind is Bind within an evaluation: what a template came to is not finished.
func bind(ctx *Ctx, v value.Value) (value.Value, error) {
	switch x := v.(type) {
	case value.Str, value.Int, value.Bool:
		return v, nil
	case *Template:
		return x.bound(ctx)
	case *value.List:
		if x.Lazy {
			return bindList(ctx, x), nil
		}
	case *value.Dict:
		if x.Lazy {
			return bindDict(ctx, x), nil
		}
	case value.Thunk:
		got, err := x.Force()
		if err != nil {
			return undefinedOf(err)
		}
		return got, nil
	}
	return v, nil
}

func bindList(ctx *Ctx, l *value.List) value.Value {
	memo := ctx.state().memo
	if v, ok := memo.get(l); ok {
		return v
	}
	out := &value.List{Items: make([]value.Value, len(l.Items)), Lazy: true, At: l.At}
	for i, item := range l.Items {
		out.Items[i] = later(ctx, item)
	}
	memo.set(l, out)
	return out
}

func bindDict(ctx *Ctx, d *value.Dict) value.Value {
	memo := ctx.state().memo
	if v, ok := memo.get(d); ok {
		return v
	}
	out := d.MapValues(func(v value.Value) value.Value { return later(ctx, v) })
	out.Lazy, out.At = true, d.At
	memo.set(d, out)
	return out
}

func later(ctx *Ctx, v value.Value) value.Value {
	switch x := v.(type) {
	case *Template:
	case *value.List:
		if !x.Lazy {
			return v
		}
	case *value.Dict:
		if !x.Lazy {
			return v
		}
	default:
		return v
	}
	return &thunk{ctx.state().root, v}
}

// thunk is an item of a bound container, evaluated when it is read; the Memo
// sees to it that this happens once.
type thunk struct {
	ctx *Ctx
	raw value.Value
}

func (t *thunk) Type() string { return t.raw.Type() }

// Force evaluates.
func (t *thunk) Force() (value.Value, error) { return bind(t.ctx, t.raw) }

// maxTemplates bounds how many templates may be waiting for each other.
const maxTemplates = 500

func errLoop(t *Template) error {
	return &TemplateError{Pos: t.pos, Msg: "Recursive loop detected in template: maximum recursion depth exceeded"}
}

// bound is the value of a template that a variable holds.
func (t *Template) bound(ctx *Ctx) (value.Value, error) {
	st := ctx.state()
	if v, ok := st.memo.get(t); ok {
		if _, loop := v.(busy); loop {
			return nil, errLoop(t)
		}
		return v, nil
	}
	if v, ok := st.frame.volatile[t]; ok {
		return v, nil
	}
	if st.depth >= maxTemplates {
		return nil, errLoop(t)
	}
	impure := st.impure
	st.depth++
	st.memo.set(t, busy{})
	v, err := t.eval(st.root, true)
	st.depth--
	if err != nil {
		v, err = undefinedOf(err)
	}
	switch {
	case err != nil:
		delete(st.memo.vals, t)
	case st.impure != impure:
		delete(st.memo.vals, t)
		if st.frame.volatile == nil {
			st.frame.volatile = map[*Template]value.Value{}
		}
		st.frame.volatile[t] = v
	default:
		v = value.Own(v) // for PlaceOf
		st.memo.set(t, v)
	}
	return v, err
}

func (c *Ctx) canceled() error {
	if c.Std == nil {
		return nil
	}
	if err := c.Std.Err(); err != nil {
		return &TemplateError{Msg: err.Error(), Err: err}
	}
	return nil
}

// final reports whether err has its final words already.
func final(err error) bool {
	var u *UndefinedError
	var t *TemplateError
	var s *SyntaxError
	return errors.As(err, &u) || errors.As(err, &t) || errors.As(err, &s) || errors.Is(err, ErrOmitted)
}
