// Package test has the tests (what stands behind "is"): Jinja2's own and those
// of ansible.builtin that need no vault. One file per subject; each enters its
// tests into [All] in its init.
//
// Behaviour and messages are those seen on ansible-core 2.19 with Jinja2 3.1;
// the recordings are the ones of the filter package (testdata/cases/tests.txt).
package test

import (
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// All has the tests by short and by full name. It is filled in init.
var All = expr.Funcs{}

// predicate is a test's body.
type predicate func(*expr.Call) (bool, error)

// add enters a test whose arguments are plain data. py is the name that
// Python's messages about wrong arguments carry.
func add(name, py string, fn predicate) { enter(&expr.Func{Name: name, Py: py}, fn) }

// addLazy enters a test that takes anything, also what is Undefined.
func addLazy(name, py string, fn predicate) { enter(&expr.Func{Name: name, Py: py, Lazy: true}, fn) }

// addItems enters a test that looks at its arguments' items itself.
func addItems(name, py string, fn predicate) {
	enter(&expr.Func{Name: name, Py: py, Reads: expr.NoItems}, fn)
}

// addKeys enters a test to which of a dict the keys matter.
func addKeys(name, py string, fn predicate) {
	enter(&expr.Func{Name: name, Py: py, Reads: expr.DictKeys}, fn)
}

func enter(f *expr.Func, fn predicate) {
	f.Fn = func(c *expr.Call) (value.Value, error) {
		ok, err := fn(c)
		return value.Bool(ok), err
	}
	All.Add(f)
}

// addKind enters a test of what one value is. The value's items are not looked at.
func addKind(name, py string, is func(value.Value) bool) {
	addItems(name, py, func(c *expr.Call) (bool, error) {
		v, err := one(c)
		if err != nil {
			return false, err
		}
		return is(v), nil
	})
}

// one unpacks a lazy test's only argument; an Undefined is an error.
func one(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	return force(v)
}

func force(v value.Value) (value.Value, error) {
	v, err := value.Force(v)
	if err != nil {
		return nil, err
	}
	if f, ok := v.(value.Faulty); ok {
		return nil, f.Fault()
	}
	return v, nil
}

// operands gives the two arguments of a function of Python's operator module.
func operands(c *expr.Call) (a, b value.Value, err error) {
	if c.Kwargs != nil && c.Kwargs.Len() > 0 {
		return nil, nil, fmt.Errorf("%s() takes no keyword arguments", c.Name)
	}
	if len(c.Args) != 2 {
		return nil, nil, fmt.Errorf("%s expected 2 arguments, got %d", c.Name, len(c.Args))
	}
	return c.Args[0], c.Args[1], nil
}
