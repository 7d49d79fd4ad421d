// Package ansibleutils has the filters and tests of the collection
// ansible.utils, so that they need no Python and no netaddr. They are there
// under their full names, whether the collection is installed or not.
//
//   - net.go has addresses and networks as netaddr has them, ranges.go which of
//     them are private, multicast and so on;
//   - query.go and ipaddr.go are ipaddr with all its queries, the files named
//     after a filter those around it, tests.go the tests;
//   - paths.go, keys.go, compare.go and xml.go work on data of any kind.
//
// One file per subject; each enters its filters into [Filters], its tests into
// [Tests], in its init. Behaviour and messages are those of ansible.utils 6.0
// on ansible-core 2.19, recorded by filter/testdata/collections/record.sh.
//
// Only the controller has this package: the agent does without.
package ansibleutils

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// Filters and Tests by name. They are filled in init.
var (
	Filters = expr.Funcs{}
	Tests   = expr.Funcs{}
)

const collection = "ansible.utils."

func add(name, py string, fn func(*expr.Call) (value.Value, error)) {
	Filters.Add(&expr.Func{Name: collection + name, Py: py, Fn: fn})
}

func addTest(name, py string, fn func(*expr.Call) (bool, error)) {
	Tests.Add(&expr.Func{Name: collection + name, Py: py, Fn: func(c *expr.Call) (value.Value, error) {
		ok, err := fn(c)
		return value.Bool(ok), err
	}})
}

// class is how Python prints the type of v.
func class(v value.Value) string { return "<class '" + v.Type() + "'>" }

func given(v value.Value) bool { return v != nil && v != value.None }

func list(items []value.Value) value.Value { return &value.List{Items: items} }

func warn(c *expr.Call, msg string) {
	if c.Ctx.Env.Warn != nil {
		c.Ctx.Env.Warn(c.Ctx, msg)
	}
}

// badArgument is what the reference's check of arguments says: a list of faults as Python prints it.
func badArgument(format string, args ...any) error {
	return fmt.Errorf("%s", value.Repr(value.Strings(fmt.Sprintf(format, args...))))
}

// integer converts an argument; nil for None.
func integer(name string, v value.Value) (*big.Int, error) {
	if !given(v) {
		return nil, nil
	}
	if n, ok := value.AsBig(v); ok {
		return n, nil
	}
	if s, ok := value.AsText(v); ok {
		if n, ok := new(big.Int).SetString(strings.TrimSpace(s), 10); ok {
			return n, nil
		}
	}
	if f, ok := v.(value.Float); ok && float64(f) == float64(int64(f)) {
		return big.NewInt(int64(f)), nil
	}
	return nil, badArgument("argument '%s' is of type %s and we were unable to convert to int: \"%s\" cannot be converted to an int", name, v.Type(), value.Repr(v))
}

// listOf converts an argument to a list; text is split at commas.
func listOf(name string, v value.Value) ([]value.Value, error) {
	switch x := v.(type) {
	case *value.List:
		return x.Items, nil
	case value.Str, value.Markup:
		return value.Strings(strings.Split(value.Text(x), ",")...).Items, nil
	case value.Int, *value.BigInt, value.Float:
		return []value.Value{value.Str(value.Text(x))}, nil
	}
	return nil, badArgument("argument '%s' is of type %s and we were unable to convert to list: %s cannot be converted to a list", name, v.Type(), class(v))
}
