// Package community has the filters and tests of the collection
// community.general that playbooks use most, so that they need no Python. They
// are there under their full names, whether the collection is installed or not;
// json_query and random_mac also under the short ones that ansible-core has for them.
//
// One file per subject; each enters its filters into [Filters], its tests into
// [Tests], in its init. Behaviour and messages are those of community.general
// 11.4 on ansible-core 2.19, recorded by filter/testdata/collections/record.sh.
//
// Only the controller has this package: the agent does without.
package community

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// Filters and Tests by name. They are filled in init.
var (
	Filters = expr.Funcs{}
	Tests   = expr.Funcs{}
)

const collection = "community.general."

func add(name, py string, fn func(*expr.Call) (value.Value, error)) *expr.Func {
	f := &expr.Func{Name: collection + name, Py: py, Fn: fn}
	Filters.Add(f)
	return f
}

// short enters f under the names too that ansible-core's routing leads to it.
func short(name string, f *expr.Func) {
	for _, prefix := range []string{"", "ansible.builtin.", "ansible.legacy."} {
		Filters[prefix+name] = f
	}
}

func addTest(name string, fn func(*expr.Call) (bool, error)) {
	Tests.Add(&expr.Func{Name: collection + name, Py: name, Fn: func(c *expr.Call) (value.Value, error) {
		ok, err := fn(c)
		return value.Bool(ok), err
	}})
}

// class is how Python prints the type of v.
func class(v value.Value) string { return "<class '" + v.Type() + "'>" }

func given(v value.Value) bool { return v != nil && v != value.None }

// sequence gives the items of what Python takes for a sequence: lists, tuples, text.
func sequence(v value.Value) ([]value.Value, bool) {
	switch v.(type) {
	case *value.List, *value.Tuple, value.Str, value.Markup, value.Bytes, value.Range:
		items, err := value.Items(v)
		return items, err == nil
	}
	return nil, false
}

func list(items []value.Value) value.Value { return &value.List{Items: items} }

// unhashable gives the error of a key that cannot be one.
func unhashable(v value.Value) error {
	if value.Hashable(v) {
		return nil
	}
	return value.Unhashable(v)
}
