package expr

import (
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// code is a compiled node.
type code func(*Ctx) (value.Value, error)

// compiler turns the nodes of one expression, template or document into code.
type compiler struct {
	// mutates is set when some method call in the whole may change a variable
	// in place: names then give private copies, the same one each time.
	mutates bool
	// templates makes string constants with {{ }} templates of their own, as
	// conditions have it.
	templates bool
	// at is where the expression stands.
	at source.Pos
	// soft counts the inline ifs around a node; what is unknown in there is
	// only an error when it is reached.
	soft  int
	known []plugin // filters and tests outside inline ifs
	err   error
}

// plugin is a filter or test that an expression names.
type plugin struct {
	kind, name string
	pos        syntax.At
}

func constant(v value.Value) code { return func(*Ctx) (value.Value, error) { return v, nil } }

// compile gives n's code, and its value if that is known already.
func (c *compiler) compile(n syntax.Node) (code, value.Value) {
	if v := c.literal(n); v != nil {
		return constant(v), v
	}
	switch n := n.(type) {
	case *syntax.Name:
		return c.name(n), nil
	case *syntax.Str:
		return c.embedded(n), nil
	case *syntax.List:
		return c.list(n), nil
	case *syntax.Tuple:
		items := c.all(n.Items)
		return func(ctx *Ctx) (value.Value, error) {
			vals, _, err := evalAll(ctx, items)
			return &value.Tuple{Items: vals}, err
		}, nil
	case *syntax.Dict:
		return c.dict(n), nil
	case *syntax.Getattr:
		return c.getattr(n), nil
	case *syntax.Getitem:
		return c.getitem(n), nil
	case *syntax.Call:
		return c.call(n), nil
	case *syntax.Filter:
		return c.filter(n), nil
	case *syntax.Test:
		return c.test(n), nil
	case *syntax.Unary, *syntax.Binary:
		return c.arith(n)
	case *syntax.Compare:
		return c.compare(n), nil
	case *syntax.Not:
		x, _ := c.compile(n.X)
		return func(ctx *Ctx) (value.Value, error) {
			b, err := truth(x(ctx))
			return value.Bool(!b), err
		}, nil
	case *syntax.And:
		return c.logic(n.X, n.Y, false), nil
	case *syntax.Or:
		return c.logic(n.X, n.Y, true), nil
	case *syntax.Concat:
		return c.concat(n), nil
	case *syntax.Cond:
		return c.cond(n), nil
	}
	// A slice among several keys (a[:, 1]).
	if c.err == nil {
		c.err = &SyntaxError{At: n.Pos(), Kind: "template", Msg: "invalid syntax"}
	}
	return constant(value.None), nil
}

// code is compile without the value.
func (c *compiler) code(n syntax.Node) code {
	if n == nil {
		return nil
	}
	k, _ := c.compile(n)
	return k
}

func (c *compiler) all(ns []syntax.Node) []code {
	out := make([]code, len(ns))
	for i, n := range ns {
		out[i] = c.code(n)
	}
	return out
}

// literal gives the value of constants, also of lists and dicts of such, nil
// for all else. Containers are only shared where nothing can change them.
func (c *compiler) literal(n syntax.Node) value.Value {
	switch n := n.(type) {
	case *syntax.None:
		return value.None
	case *syntax.Bool:
		if n.V {
			return value.True
		}
		return value.False
	case *syntax.Int:
		if n.Big != nil {
			return value.NewInt(n.Big)
		}
		return value.Int(n.V)
	case *syntax.Number:
		return value.Float(n.V)
	case *syntax.Str:
		if c.templates && HasTemplate(n.V) {
			return nil
		}
		return value.Str(n.V)
	case *syntax.List:
		if items := c.literals(n.Items); items != nil {
			return &value.List{Items: items}
		}
	case *syntax.Tuple:
		if items := c.literals(n.Items); items != nil {
			return &value.Tuple{Items: items}
		}
	}
	return nil
}

func (c *compiler) literals(ns []syntax.Node) []value.Value {
	if c.mutates {
		return nil
	}
	items := make([]value.Value, len(ns))
	for i, n := range ns {
		if items[i] = c.literal(n); items[i] == nil {
			return nil
		}
	}
	return items
}

func (c *compiler) name(n *syntax.Name) code {
	name, pos := n.Name, n.Pos()
	if note, ok := deprecatedNames[name]; ok {
		note.Pos = c.at
		return func(ctx *Ctx) (value.Value, error) {
			v, err := ctx.find(name, pos)
			if err == nil && !IsUndefined(v) && !ctx.isLocal(name) {
				ctx.Notify(note)
			}
			return v, err
		}
	}
	if c.mutates {
		return func(ctx *Ctx) (value.Value, error) { return ctx.owned(name, pos) }
	}
	return func(ctx *Ctx) (value.Value, error) { return ctx.find(name, pos) }
}

func (c *compiler) embedded(n *syntax.Str) code {
	t, err := CompileTemplate(n.V, n.Pos())
	at := c.at
	if err != nil {
		c.err = err
		return constant(value.None)
	}
	return func(ctx *Ctx) (value.Value, error) {
		ctx.Notify(Notice{Pos: at, Msg: "Jinja constant strings should not contain embedded templates. This feature will be disabled by default in ansible-core 2.23.",
			Help: "Use inline expressions, for example: `when: \"{{ a_var }}\" == 42` becomes `when: a_var == 42`"})
		return t.bound(ctx)
	}
}

// evalAll gives the values of items and whether one of them is lazy.
func evalAll(ctx *Ctx, items []code) (vals []value.Value, lazy bool, err error) {
	vals = make([]value.Value, len(items))
	for i, item := range items {
		if vals[i], err = item(ctx); err != nil {
			return nil, false, err
		}
		lazy = lazy || value.IsLazy(vals[i])
	}
	return vals, lazy, nil
}

func (c *compiler) list(n *syntax.List) code {
	items := c.all(n.Items)
	return func(ctx *Ctx) (value.Value, error) {
		vals, lazy, err := evalAll(ctx, items)
		if err != nil {
			return nil, err
		}
		return &value.List{Items: vals, Lazy: lazy}, nil
	}
}

func (c *compiler) dict(n *syntax.Dict) code {
	keys, vals := c.all(n.Keys), c.all(n.Vals)
	return func(ctx *Ctx) (value.Value, error) {
		d := value.NewDict(len(keys))
		for i := range keys {
			k, err := keys[i](ctx)
			if err != nil {
				return nil, err
			}
			if k, err = plainKey(k); err != nil {
				return nil, err
			}
			v, err := vals[i](ctx)
			if err != nil {
				return nil, err
			}
			d.Lazy = d.Lazy || value.IsLazy(v)
			d.Set(k, v)
		}
		return d, nil
	}
}

// plainKey gives a value as a key of a dict.
func plainKey(k value.Value) (value.Value, error) {
	switch x := k.(type) {
	case value.Str:
		return k, nil
	case *Undefined:
		return nil, x.Fault()
	case value.Markup:
		return value.Str(x), nil
	}
	if !value.Hashable(k) {
		return nil, value.Unhashable(k)
	}
	return value.Deep(k)
}

// logic is and (want false) and or (want true): the first operand that is as
// wanted, else the second.
func (c *compiler) logic(x, y syntax.Node, want bool) code {
	a, b := c.code(x), c.code(y)
	return func(ctx *Ctx) (value.Value, error) {
		v, err := a(ctx)
		if err != nil {
			return nil, err
		}
		t, err := truth(v, nil)
		if err != nil || t == want {
			return v, err
		}
		return b(ctx)
	}
}

func (c *compiler) cond(n *syntax.Cond) code {
	c.soft++
	defer func() { c.soft-- }()
	test, then, other := c.code(n.Test), c.code(n.Then), c.code(n.Else)
	if other == nil {
		u := &Undefined{Plain: true, At: n.Pos(), Msg: "the inline if-expression on line " +
			value.Text(value.Int(max(n.Pos().Line, 1))) + " evaluated to false and no else section was defined."}
		other = constant(u)
	}
	return func(ctx *Ctx) (value.Value, error) {
		b, err := truth(test(ctx))
		if err != nil {
			return nil, err
		}
		if b {
			return then(ctx)
		}
		return other(ctx)
	}
}

// truth is what a condition inside an expression takes v for.
func truth(v value.Value, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	switch x := v.(type) {
	case value.Bool:
		return bool(x), nil
	case *Undefined:
		if x.Plain {
			return false, nil
		}
		return false, x.Fault()
	case *captured:
		return false, x.err
	}
	return value.Truth(v), nil
}
