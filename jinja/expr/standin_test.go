package expr_test

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/value"
)

var tests = func() expr.Funcs {
	fs := expr.Funcs{}
	add := func(name string, f func(v, arg value.Value) (bool, error)) {
		fs.Add(&expr.Func{Name: name, Fn: func(c *expr.Call) (value.Value, error) {
			var a value.Value = value.None
			if len(c.Args) > 1 {
				a = c.Args[1]
			}
			if f == nil || a == value.None && name == "divisibleby" {
				return nil, expr.Errorf("standin")
			}
			b, err := f(c.Args[0], a)
			return value.Bool(b), err
		}})
	}
	typ := func(names ...string) func(v, arg value.Value) (bool, error) {
		return func(v, _ value.Value) (bool, error) {
			for _, n := range names {
				if v.Type() == n {
					return true, nil
				}
			}
			return false, nil
		}
	}
	add("defined", nil)
	add("undefined", nil)
	add("string", typ("str"))
	add("number", typ("int", "float", "bool"))
	add("integer", typ("int"))
	add("float", typ("float"))
	add("mapping", typ("dict"))
	add("boolean", typ("bool"))
	add("none", typ("NoneType"))
	add("sequence", typ("list", "str", "dict", "tuple"))
	add("iterable", typ("list", "str", "dict", "tuple"))
	add("callable", typ("type", "function", "builtin_function_or_method"))
	add("true", func(v, _ value.Value) (bool, error) { return v == value.True, nil })
	add("odd", func(v, _ value.Value) (bool, error) { n, _ := value.AsInt(v); return n&1 == 1, nil })
	add("even", func(v, _ value.Value) (bool, error) { n, _ := value.AsInt(v); return n&1 == 0, nil })
	add("eq", func(v, a value.Value) (bool, error) { return value.Equal(v, a), nil })
	add("sameas", func(v, a value.Value) (bool, error) { return v == a, nil })
	add("gt", func(v, a value.Value) (bool, error) { return value.Compare(value.Gt, v, a) })
	add("in", func(v, a value.Value) (bool, error) { return value.Contains(a, v) })
	add("contains", func(v, a value.Value) (bool, error) { return value.Contains(v, a) })
	add("divisibleby", func(v, a value.Value) (bool, error) {
		r, err := value.Arith(value.Mod, v, a)
		return err == nil && !value.Truth(r), err
	})
	add("version", nil)
	add("match", nil)
	return fs
}()

var filters = func() expr.Funcs {
	fs := expr.Funcs{}
	for k, v := range filter.All {
		fs[k] = v
	}
	if fs["default"] == nil {
		fs.Add(&expr.Func{Name: "default", Lazy: true, Fn: func(c *expr.Call) (value.Value, error) {
			var v, d value.Value = nil, value.Str("")
			b := false
			if err := c.Unpack("value", &v, "default_value?", &d, "boolean?", &b); err != nil {
				return nil, err
			}
			if u, ok := v.(*expr.Undefined); ok && u.Plain {
				return nil, expr.Errorf("Type 'Undefined' is unsupported for variable storage.")
			}
			if expr.IsUndefined(v) || b && !value.Truth(v) {
				return d, nil
			}
			return v, nil
		}})
	}
	return fs
}()
