// Package filter has the filters that run anywhere, on the controller and in
// the agent: Jinja2's own and those of ansible.builtin that need no YAML, vault
// or big library (those are in filter/controller).
//
// One file per subject; each enters its filters into [All] in its init, as
// add(name, Python's name of the function, function). Python's name is what
// messages about wrong arguments carry.
//
// Behaviour and messages are those seen on ansible-core 2.19 with Jinja2 3.1,
// recorded by testdata/record.py. Where the reference names its own classes in
// a message (_AnsibleLazyTemplateList), the filters here say list, dict, tuple.
package filter

import (
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// All has the filters by short and by full name. It is filled in init.
var All = expr.Funcs{}

// function is a filter's body.
type function func(*expr.Call) (value.Value, error)

// add enters a filter whose arguments are plain data.
func add(name, py string, fn function) {
	All.Add(&expr.Func{Name: name, Py: py, Fn: fn})
}

// addKeys enters a filter that of a dict looks at the keys only.
func addKeys(name, py string, fn function) {
	All.Add(&expr.Func{Name: name, Py: py, Fn: fn, Reads: expr.DictKeys})
}

// addItems enters a filter that does not look into a list's items, but for an
// attribute of theirs.
func addItems(name, py string, fn function) {
	All.Add(&expr.Func{Name: name, Py: py, Fn: fn, Reads: expr.ListItems})
}

// addTop enters a filter to which no item matters.
func addTop(name, py string, fn function) {
	All.Add(&expr.Func{Name: name, Py: py, Fn: fn, Reads: expr.NoItems})
}

// addLazy enters a filter that looks at its arguments' items itself: they may
// be thunks, and anything may be Undefined.
func addLazy(name, py string, fn function) {
	All.Add(&expr.Func{Name: name, Py: py, Fn: fn, Lazy: true})
}

// unpackEnv unpacks the arguments of a filter that is given its environment as
// a first, hidden argument, which Python's messages count.
func unpackEnv(c *expr.Call, pairs ...any) error {
	var env value.Value
	args := append([]value.Value{value.None}, c.Args...)
	return value.Unpack(c.Name, args, c.Kwargs, append([]any{"environment", &env}, pairs...)...)
}

// oneArg is the argument of a filter that is a function of Python's core,
// whose messages are worded in another way.
func oneArg(c *expr.Call) (value.Value, error) {
	if c.Kwargs != nil && c.Kwargs.Len() > 0 {
		return nil, fmt.Errorf("%s() takes no keyword arguments", c.Name)
	}
	if len(c.Args) != 1 {
		return nil, fmt.Errorf("%s() takes exactly one argument (%d given)", c.Name, len(c.Args))
	}
	return c.Args[0], nil
}

// list gives a list of items that are plain data.
func list(items []value.Value) value.Value { return &value.List{Items: items} }

// lazyList gives a list of items that may have thunks in them.
func lazyList(items []value.Value) value.Value {
	l := &value.List{Items: items}
	for _, item := range items {
		if value.IsLazy(item) {
			l.Lazy = true
			break
		}
	}
	return l
}

// fault gives the error of using v where v is Undefined.
func fault(v value.Value) error {
	if f, ok := v.(value.Faulty); ok {
		return f.Fault()
	}
	return nil
}

// force gives v's value; an Undefined is an error.
func force(v value.Value) (value.Value, error) {
	v, err := value.Force(v)
	if err != nil {
		return nil, err
	}
	return v, fault(v)
}

// given reports whether an optional argument was given, and is not None.
func given(v value.Value) bool { return v != nil && v != value.None }

// orNone gives v, or None where it is missing.
func orNone(v value.Value) value.Value {
	if v == nil {
		return value.None
	}
	return v
}
