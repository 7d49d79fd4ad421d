package expr

import (
	"errors"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// find gives the value of a name, ready for use: local names, then the scope's
// variables, then globals; an *Undefined if nobody has it.
func (c *Ctx) find(name string, pos source.Pos) (value.Value, error) {
	if c.Locals != nil {
		if v, ok, err := c.Locals.Lookup(name); ok || err != nil {
			if err != nil {
				return nil, err
			}
			return value.Force(v)
		}
	}
	if c.Scope != nil {
		if v, ok, err := c.Scope.Lookup(name); ok || err != nil {
			if err != nil {
				return undefinedOf(err)
			}
			bound, err := bind(c, v)
			if err != nil {
				return c.capture(err, v)
			}
			return bound, nil
		}
	}
	if v, ok := c.Env.Globals[name]; ok {
		return v, nil
	}
	return Undef(name, pos), nil
}

// deprecatedNames are magic variables that are on their way out.
var deprecatedNames = map[string]Notice{
	"play_hosts": {Msg: "The `play_hosts` magic variable is deprecated.", Version: "2.23", Help: "Use `ansible_play_batch` instead."},
}

// isLocal reports whether a statement has set name.
func (c *Ctx) isLocal(name string) bool {
	if c.Locals == nil {
		return false
	}
	_, ok, err := c.Locals.Lookup(name)
	return ok && err == nil
}

// Find gives the value of a variable as an expression that names it gets it.
func (c *Ctx) Find(name string) (value.Value, error) { return c.find(name, source.Pos{}) }

// owned is find for templates that change variables in place: the first time it
// copies, afterwards it gives that copy.
func (c *Ctx) owned(name string, pos source.Pos) (value.Value, error) {
	if c.Locals != nil {
		if v, ok, err := c.Locals.Lookup(name); ok || err != nil {
			if err != nil {
				return nil, err
			}
			return value.Force(v)
		}
	}
	st := c.state()
	if v, ok := st.frame.own[name]; ok {
		return v, nil
	}
	v, err := c.find(name, pos)
	if err != nil {
		return nil, err
	}
	if v, err = ownCopy(v); err != nil {
		return nil, err
	}
	if st.frame.own == nil {
		st.frame.own = map[string]value.Value{}
	}
	st.frame.own[name] = v
	return v, nil
}

// ownThunk is an item of a private copy, copied when it is read.
type ownThunk struct {
	raw  value.Value
	kept value.Value
}

func (t *ownThunk) Type() string { return t.raw.Type() }

// Force gives the copy, the same one each time.
func (t *ownThunk) Force() (value.Value, error) {
	if t.kept == nil {
		v, err := ownCopy(t.raw)
		if err != nil {
			return nil, err
		}
		t.kept = v
	}
	return t.kept, nil
}

func ownItem(v value.Value) (value.Value, error) {
	if _, ok := v.(value.Thunk); ok {
		return &ownThunk{raw: v}, nil
	}
	return ownCopy(v)
}

// ownCopy copies the containers in v.
func ownCopy(v value.Value) (value.Value, error) {
	v, err := value.Force(v)
	if err != nil {
		return nil, err
	}
	switch c := v.(type) {
	case *value.List:
		out := &value.List{Items: make([]value.Value, len(c.Items))}
		for i, item := range c.Items {
			if out.Items[i], err = ownItem(item); err != nil {
				return nil, err
			}
			out.Lazy = out.Lazy || value.IsLazy(out.Items[i])
		}
		return out, nil
	case *value.Dict:
		out := value.NewDict(c.Len())
		for k, item := range c.All() {
			if item, err = ownItem(item); err != nil {
				return nil, err
			}
			out.Lazy = out.Lazy || value.IsLazy(item)
			out.Set(k, item)
		}
		return out, nil
	case *value.Set:
		out := value.NewSet()
		for item := range c.All() {
			out.Add(item)
		}
		return out, nil
	}
	return v, nil
}

// undefinedOf makes an UndefinedError the Undefined it came from; other errors stay.
func undefinedOf(err error) (value.Value, error) {
	var u *UndefinedError
	if errors.As(err, &u) {
		return &Undefined{Name: u.Name, Msg: u.Msg, Pos: u.Pos, At: u.At}, nil
	}
	return nil, err
}

func (c *compiler) getattr(n *syntax.Getattr) code {
	x, name, pos := c.code(n.X), n.Attr, n.Pos()
	plain := !value.IsDictMethod(name) && !strings.HasPrefix(name, "__")
	return func(ctx *Ctx) (value.Value, error) {
		v, err := x(ctx)
		if err != nil {
			return nil, err
		}
		if d, ok := v.(*value.Dict); ok && plain {
			if item, ok := d.GetStr(name); ok {
				return value.Force(item)
			}
		}
		return attr(v, name, pos)
	}
}

// Attr gives v.name as templates do: an attribute or method, else the item; an
// *Undefined if there is neither.
func (c *Ctx) Attr(v value.Value, name string) (value.Value, error) {
	v, err := value.Force(v)
	if err != nil {
		return nil, err
	}
	return attr(v, name, source.Pos{})
}

func attr(v value.Value, name string, pos source.Pos) (value.Value, error) {
	if u, ok := v.(*Undefined); ok {
		return attrOfUndefined(u)
	}
	if _, ok := v.(*captured); ok {
		return v, nil
	}
	if hidden(name) {
		return &Undefined{Name: name, At: pos, Msg: "access to attribute '" + name + "' of '" + v.Type() + "' object is unsafe."}, nil
	}
	if a, ok, err := own(v, name); ok || err != nil {
		return a, err
	}
	var item value.Value
	var ok bool
	var err error
	switch d := v.(type) {
	case *value.Dict:
		item, ok = d.GetStr(name)
	case value.Mapping:
		item, ok, err = d.MapGet(value.Str(name))
	case value.Itemer:
		item, ok, err = d.Item(value.Str(name))
	}
	if err != nil {
		return undefinedOf(err)
	}
	if ok {
		return value.Force(item)
	}
	return missing(v, value.Str(name), pos), nil
}

// attrOfUndefined is the Undefined itself, so that default works on a.b.c
// whichever part is missing; that of an inline if raises.
func attrOfUndefined(u *Undefined) (value.Value, error) {
	if u.Plain {
		return nil, errors.New(u.Msg)
	}
	return u, nil
}

// hidden reports whether name is one of the inner attributes that Python's
// objects have.
func hidden(name string) bool {
	if len(name) < 6 || name[0] != '_' || name[1] != '_' {
		return false
	}
	switch name {
	case "__class__", "__init__", "__new__", "__doc__", "__dict__", "__module__", "__mro__", "__bases__", "__base__",
		"__subclasses__", "__globals__", "__code__", "__closure__", "__defaults__", "__builtins__", "__import__",
		"__getattribute__", "__getattr__", "__setattr__", "__delattr__", "__reduce__", "__reduce_ex__", "__getstate__",
		"__repr__", "__str__", "__hash__", "__sizeof__", "__dir__", "__format__", "__init_subclass__", "__subclasshook__",
		"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__len__", "__iter__", "__contains__", "__getitem__",
		"__setitem__", "__delitem__", "__add__", "__mul__", "__call__", "__self__", "__func__", "__name__", "__qualname__":
		return true
	}
	return false
}

// own gives an attribute that v has by its type.
func own(v value.Value, name string) (value.Value, bool, error) {
	if a, ok := v.(value.Attrer); ok {
		return a.Attr(name)
	}
	if a, ok := value.Attribute(v, name); ok {
		return a, true, nil
	}
	if m := value.MethodOf(v, name); m != nil {
		return &method{recv: v, name: name, fn: m}, true, nil
	}
	return nil, false, nil
}

func missing(v, key value.Value, pos source.Pos) *Undefined {
	if m, ok := v.(interface{ Missing(value.Value) string }); ok {
		return &Undefined{Name: value.Text(key), At: pos, Msg: m.Missing(key)}
	}
	if !value.Truth(key) {
		// The reference's words for a key that is false, with its own class names.
		class := v.Type() + " object"
		switch v.(type) {
		case value.NoneType:
			class = "None"
		case OmitType:
			class = "ansible._internal._templating._utils._OmitType object"
		case *value.List:
			class = "ansible._internal._templating._lazy_containers._AnsibleLazyTemplateList object"
		case *value.Dict:
			class = "ansible._internal._templating._lazy_containers._AnsibleLazyTemplateDict object"
		}
		msg := class + " has no element " + value.Repr(key)
		if _, ok := value.AsText(key); ok {
			msg = "'" + class + "' has no attribute ''"
		}
		return &Undefined{Name: value.Text(key), At: pos, Msg: msg}
	}
	return &Undefined{Name: value.Text(key), At: pos, Msg: "object of type '" + v.Type() + "' has no attribute " + value.Repr(key)}
}

func (c *compiler) getitem(n *syntax.Getitem) code {
	if s, ok := n.Key.(*syntax.Slice); ok {
		return c.slice(n, s)
	}
	pos := n.Pos()
	x, key := c.code(n.X), c.code(n.Key)
	return func(ctx *Ctx) (value.Value, error) {
		v, err := x(ctx)
		if err != nil {
			return nil, err
		}
		k, err := key(ctx)
		if err != nil {
			return nil, err
		}
		return item(v, k, pos)
	}
}

// Item gives v[key] as templates do: the item, else an attribute of that name;
// an *Undefined if there is neither.
func (c *Ctx) Item(v, key value.Value) (value.Value, error) {
	v, err := value.Force(v)
	if err != nil {
		return nil, err
	}
	if key, err = value.Force(key); err != nil {
		return nil, err
	}
	return item(v, key, source.Pos{})
}

func item(v, key value.Value, pos source.Pos) (value.Value, error) {
	if u, ok := v.(*Undefined); ok {
		return attrOfUndefined(u)
	}
	if _, ok := v.(*captured); ok {
		return v, nil
	}
	if err := faultOf(key); err != nil {
		return nil, err
	}
	got, ok, err := value.Item(v, key)
	switch {
	case ok && err == nil:
		return value.Force(got)
	case err != nil && (value.Hashable(key) || !isDict(v)):
		return undefinedOf(err)
	}
	name, isText := value.AsText(key)
	if !isText {
		return missing(v, key, pos), nil
	}
	if hidden(name) {
		return attr(v, name, pos)
	}
	if a, ok, err := own(v, name); ok || err != nil {
		return a, err
	}
	return missing(v, key, pos), nil
}

func isDict(v value.Value) bool {
	_, ok := v.(*value.Dict)
	return ok
}

func (c *compiler) slice(n *syntax.Getitem, s *syntax.Slice) code {
	x := c.code(n.X)
	var parts [3]code
	for i, p := range []syntax.Node{s.Start, s.Stop, s.Step} {
		if parts[i] = c.code(p); parts[i] == nil {
			parts[i] = constant(value.None)
		}
	}
	return func(ctx *Ctx) (value.Value, error) {
		v, err := x(ctx)
		if err != nil {
			return nil, err
		}
		if u, ok := v.(*Undefined); ok {
			return attrOfUndefined(u)
		}
		if _, ok := v.(*captured); ok {
			return v, nil
		}
		var bounds [3]value.Value
		for i, p := range parts {
			if bounds[i], err = p(ctx); err != nil {
				return nil, err
			}
		}
		out, err := value.Slice(v, bounds[0], bounds[1], bounds[2])
		if errors.Is(err, value.ErrNoItem) {
			err = errors.New("'" + v.Type() + "' object is not subscriptable")
		}
		return out, err
	}
}
