package expr

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// method is a method bound to its object, before it is called.
type method struct {
	recv value.Value
	name string
	fn   value.Method
}

func (*method) Type() string { return "builtin_function_or_method" }

// Text is what Python prints, without the address.
func (m *method) Text() string {
	return "<built-in method " + m.name + " of " + m.recv.Type() + " object>"
}

// Call makes it a Callable.
func (m *method) Call(c *Call) (value.Value, error) {
	return c.Ctx.callMethod(m.fn, m.recv, c.Args, c.Kwargs)
}

// args is the code of a call's arguments.
type args struct {
	list       []code
	names      []value.Value
	kw         []code
	star, dict code
}

func (c *compiler) args(a *syntax.Args) args {
	for i, k := range a.Kw {
		for _, other := range a.Kw[:i] {
			if other.Name == k.Name && c.err == nil {
				c.err = &SyntaxError{At: k.Value.Pos(), Kind: "template", Msg: "keyword argument repeated: " + k.Name}
			}
		}
	}
	out := args{list: c.all(a.List), star: c.code(a.Star), dict: c.code(a.Dict)}
	for _, k := range a.Kw {
		out.names = append(out.names, value.Str(k.Name))
		out.kw = append(out.kw, c.code(k.Value))
	}
	return out
}

// eval gives the arguments, behind self if that is not nil.
func (a *args) eval(ctx *Ctx, self value.Value) (list []value.Value, kw *value.Dict, err error) {
	list = make([]value.Value, 0, len(a.list)+1)
	if self != nil {
		list = append(list, self)
	}
	for _, k := range a.list {
		v, err := k(ctx)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, v)
	}
	if a.star != nil {
		v, err := a.star(ctx)
		if err != nil {
			return nil, nil, err
		}
		items, err := value.Items(v)
		if err != nil {
			var fault value.Faulty
			if errors.As(err, &fault) || IsUndefined(v) {
				return nil, nil, err
			}
			return nil, nil, fmt.Errorf("Value after * must be an iterable, not %s", v.Type())
		}
		for _, item := range items {
			if item, err = value.Force(item); err != nil {
				return nil, nil, err
			}
			list = append(list, item)
		}
	}
	if len(a.kw) == 0 && a.dict == nil {
		return list, nil, nil
	}
	kw = value.NewDict(len(a.kw))
	for i, k := range a.kw {
		v, err := k(ctx)
		if err != nil {
			return nil, nil, err
		}
		kw.Set(a.names[i], v)
	}
	if a.dict != nil {
		err = a.spread(ctx, kw)
	}
	return list, kw, err
}

func (a *args) spread(ctx *Ctx, kw *value.Dict) error {
	v, err := a.dict(ctx)
	if err != nil {
		return err
	}
	if err := faultOf(v); err != nil {
		return err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return fmt.Errorf("argument after ** must be a mapping, not %s", v.Type())
	}
	for k, v := range d.All() {
		if _, ok := k.(value.Str); !ok {
			return errors.New("keywords must be strings")
		}
		if _, ok := kw.Get(k); ok {
			return fmt.Errorf("got multiple values for keyword argument %s", value.Repr(k))
		}
		if v, err = value.Force(v); err != nil {
			if v, err = ctx.capture(err, nil); err != nil {
				return err
			}
		}
		kw.Set(k, v)
	}
	return nil
}

func (c *compiler) call(n *syntax.Call) code {
	a := c.callArgs(n)
	if g, ok := n.X.(*syntax.Getattr); ok && !hidden(g.Attr) {
		return c.methodCall(g, a)
	}
	fn := c.code(n.X)
	return func(ctx *Ctx) (value.Value, error) {
		f, err := fn(ctx)
		if err != nil {
			return nil, err
		}
		list, kw, err := a.eval(ctx, nil)
		if err != nil {
			return nil, err
		}
		return ctx.called(ctx.Call(f, list, kw))
	}
}

// callArgs compiles the arguments of a call. Constants that go to lookups may hold
// templates, as in conditions; the lookup's name only there.
func (c *compiler) callArgs(n *syntax.Call) args {
	name, ok := n.X.(*syntax.Name)
	if !ok || name.Name != "lookup" && name.Name != "query" && name.Name != "q" || len(n.Args.List) == 0 {
		return c.args(&n.Args)
	}
	lookup := c.code(n.Args.List[0])
	rest := n.Args
	rest.List = rest.List[1:]
	defer func(was bool) { c.templates = was }(c.templates)
	c.templates = true
	out := c.args(&rest)
	out.list = slices.Insert(out.list, 0, lookup)
	return out
}

// methodCall calls x.name(…) without making the method a value.
func (c *compiler) methodCall(g *syntax.Getattr, a args) code {
	x, name, pos := c.code(g.X), g.Attr, g.Pos()
	return func(ctx *Ctx) (value.Value, error) {
		v, err := x(ctx)
		if err != nil {
			return nil, err
		}
		var f value.Value
		m := value.MethodOf(v, name)
		if m == nil {
			if f, err = attr(v, name, pos); err != nil {
				return nil, err
			}
		}
		list, kw, err := a.eval(ctx, nil)
		if err != nil {
			return nil, err
		}
		if m != nil {
			return ctx.called(ctx.callMethod(m, v, list, kw))
		}
		return ctx.called(ctx.Call(f, list, kw))
	}
}

func (c *Ctx) callMethod(m value.Method, recv value.Value, list []value.Value, kw *value.Dict) (value.Value, error) {
	if u, err := plainArgs(list, kw, Whole); u != nil || err != nil {
		return u, err
	}
	v, err := m(recv, list, kw)
	if err != nil {
		return undefinedOf(err)
	}
	return value.Force(v)
}

// Call calls fn. An Undefined among the arguments of a function that is not
// Lazy is the result, as is one that it meets (UndefinedError).
func (c *Ctx) Call(fn value.Value, list []value.Value, kw *value.Dict) (value.Value, error) {
	switch f := fn.(type) {
	case *Func:
		name := f.Py
		if name == "" {
			name = f.Name
		}
		return c.callFunc(f, &Call{Ctx: c, Name: name, Args: list, Kwargs: kw})
	case Callable:
		v, err := f.Call(&Call{Ctx: c, Name: f.Type(), Args: list, Kwargs: kw})
		if err != nil {
			return undefinedOf(err)
		}
		return v, nil
	case *Undefined:
		return attrOfUndefined(f)
	case *captured:
		return f, nil
	}
	return nil, fmt.Errorf("'%s' object is not callable", fn.Type())
}

// plainArgs forces the arguments in place, as far as reads says; it gives the
// first that is Undefined.
func plainArgs(list []value.Value, kw *value.Dict, reads Reads) (value.Value, error) {
	for i, v := range list {
		switch x := v.(type) {
		case value.Str, value.Int, value.Bool:
			continue
		case *Undefined:
			if !x.Plain {
				return x, nil
			}
			// It prints as nothing and counts as empty.
			list[i] = value.Str("")
			continue
		case *captured:
			return x, nil
		}
		var err error
		if list[i], err = readArg(v, reads); err != nil {
			return undefinedOf(err)
		}
	}
	if kw.Len() == 0 {
		return nil, nil
	}
	for k, v := range kw.All() {
		switch x := v.(type) {
		case *Undefined:
			if !x.Plain {
				return x, nil
			}
			v = value.Str("")
		case *captured:
			return x, nil
		}
		v, err := readArg(v, reads)
		if err != nil {
			return undefinedOf(err)
		}
		kw.Set(k, v)
	}
	return nil, nil
}

// readArg forces v as far as reads says.
func readArg(v value.Value, reads Reads) (value.Value, error) {
	if reads == Whole {
		return value.Deep(v)
	}
	v, err := value.Force(v)
	if err != nil {
		return nil, err
	}
	switch c := v.(type) {
	case *value.Dict:
		return v, nil
	case *value.List:
		if reads == NoItems || !c.Lazy {
			return v, nil
		}
		if reads == ListItems {
			return forceItems(c)
		}
	case *value.Tuple:
		if reads == NoItems {
			return v, nil
		}
	}
	return value.Deep(v)
}

// forceItems gives a list of the same items without thunks among them.
func forceItems(l *value.List) (value.Value, error) {
	out := &value.List{Items: make([]value.Value, len(l.Items))}
	for i, item := range l.Items {
		item, err := value.Force(item)
		if err == nil {
			err = faultOf(item)
		}
		if err != nil {
			return nil, err
		}
		out.Items[i] = item
		out.Lazy = out.Lazy || value.IsLazy(item)
	}
	return out, nil
}

const errPlain = "Type 'Undefined' is unsupported for variable storage."

// begins is what comes before f is called.
func (c *Ctx) begins(f *Func) error {
	if err := c.canceled(); err != nil {
		return err
	}
	switch {
	case f.Here:
		return Turn(c.Std, OnFiles)
	case !f.Volatile:
		return nil
	}
	c.state().impure++
	return Turn(c.Std, OnTime)
}

func (c *Ctx) callFunc(f *Func, call *Call) (value.Value, error) {
	if err := c.begins(f); err != nil {
		return nil, err
	}
	if !f.Lazy {
		if u, err := plainArgs(call.Args, call.Kwargs, f.Reads); u != nil || err != nil {
			return u, err
		}
	}
	v, err := f.Fn(call)
	if err != nil {
		return undefinedOf(err)
	}
	return v, nil
}

// pluginCall is a filter or test in an expression, with the function it was
// last found to be: nearly always there is one Env.
type pluginCall struct {
	kind, name string
	a          args
	found      atomic.Pointer[foundFunc]
}

type foundFunc struct {
	env *Env
	fn  *Func
}

func (p *pluginCall) resolve(env *Env) *Func {
	if f := p.found.Load(); f != nil && f.env == env {
		return f.fn
	}
	fn := env.find(p.kind, env.table(p.kind), p.name)
	if fn != nil {
		p.found.Store(&foundFunc{env, fn})
	}
	return fn
}

func (e *Env) table(kind string) Funcs {
	if kind == "test" {
		return e.Tests
	}
	return e.Filters
}

func (c *compiler) plugin(kind, name string, at syntax.At, a *syntax.Args) *pluginCall {
	if c.soft == 0 {
		c.known = append(c.known, plugin{kind, name, at})
	}
	return &pluginCall{kind: kind, name: name, a: c.args(a)}
}

func (p *pluginCall) run(ctx *Ctx, self value.Value) (value.Value, error) {
	f := p.resolve(ctx.Env)
	if f == nil {
		return nil, fmt.Errorf("No %s named '%s' found.", p.kind, p.name)
	}
	list, kw, err := p.a.eval(ctx, self)
	if err != nil {
		return nil, err
	}
	return ctx.called(ctx.callPlugin(p.kind, f, list, kw))
}

func (c *Ctx) callPlugin(kind string, f *Func, list []value.Value, kw *value.Dict) (value.Value, error) {
	name := f.Py
	if name == "" {
		name = f.Name
	}
	v, err := c.callFunc(f, &Call{Ctx: c, Name: name, Args: list, Kwargs: kw})
	return listed(v, named(kind, f, err))
}

// listed makes a list of what a plugin gives, where that can only be looped over.
func listed(v value.Value, err error) (value.Value, error) {
	if err != nil {
		return nil, err
	}
	if r, ok := v.(value.Range); ok {
		items, err := value.Items(r)
		return &value.List{Items: items}, err
	}
	return v, nil
}

func named(kind string, f *Func, err error) error {
	if err == nil {
		return nil
	}
	return pluginError(kind, f.Name, err)
}

// pluginError puts the plugin's name before an error that has no words of the reference's yet.
func pluginError(kind, name string, err error) error {
	if final(err) {
		return err
	}
	if err.Error() == errPlain {
		return err
	}
	return &TemplateError{Msg: "The " + kind + " plugin '" + FullName(name) + "' failed: " + err.Error(), Err: err, Plugin: true}
}

func (c *compiler) filter(n *syntax.Filter) code {
	p := c.plugin("filter", n.Name, n.At, &n.Args)
	if n.X == nil {
		return func(ctx *Ctx) (value.Value, error) { return p.run(ctx, ctx.piped) }
	}
	x := c.code(n.X)
	return func(ctx *Ctx) (value.Value, error) {
		v, err := x(ctx)
		if err != nil {
			return nil, err
		}
		return p.run(ctx, v)
	}
}

func (c *compiler) test(n *syntax.Test) code {
	x := c.code(n.X)
	// The two that every condition is full of need no call.
	if len(n.List) == 0 && n.Star == nil && n.Dict == nil && len(n.Kw) == 0 {
		switch n.Name {
		case "defined", "undefined":
			c.known = append(c.known, plugin{"test", n.Name, n.At})
			want := n.Name == "defined"
			return func(ctx *Ctx) (value.Value, error) {
				v, err := x(ctx)
				if c, ok := v.(*captured); ok {
					return nil, c.err
				}
				return value.Bool(IsUndefined(v) != want), err
			}
		}
	}
	p := c.plugin("test", n.Name, n.At, &n.Args)
	return func(ctx *Ctx) (value.Value, error) {
		v, err := x(ctx)
		if err != nil {
			return nil, err
		}
		return p.run(ctx, v)
	}
}
