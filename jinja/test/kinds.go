package test

import (
	"errors"
	"fmt"
	"math"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addLazy("defined", "test_defined", func(c *expr.Call) (bool, error) { return defined(c) })
	addLazy("undefined", "test_undefined", func(c *expr.Call) (bool, error) {
		ok, err := defined(c)
		return !ok, err
	})
	addKind("none", "test_none", func(v value.Value) bool { return v == value.None })
	addKind("boolean", "test_boolean", func(v value.Value) bool { _, ok := v.(value.Bool); return ok })
	addKind("true", "test_true", func(v value.Value) bool { return v == value.True })
	addKind("false", "test_false", func(v value.Value) bool { return v == value.False })
	addKind("integer", "test_integer", isInteger)
	addKind("float", "test_float", func(v value.Value) bool { _, ok := v.(value.Float); return ok })
	addKind("number", "test_number", func(v value.Value) bool { _, ok := value.AsFloat(v); return ok })
	addKind("string", "test_string", func(v value.Value) bool { _, ok := value.AsText(v); return ok })
	addKind("mapping", "test_mapping", isMapping)
	addKind("sequence", "test_sequence", isSequence)
	addKind("iterable", "test_iterable", value.IsIterable)
	addLazy("callable", "callable", callable)
	addKind("escaped", "test_escaped", func(v value.Value) bool { _, ok := v.(value.Markup); return ok })
	addKind("nan", "isnotanumber", isNaN)
	addKind("isnan", "isnotanumber", isNaN)
}

func defined(c *expr.Call) (bool, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return false, err
	}
	v, err := value.Force(v)
	if u := new(expr.UndefinedError); errors.As(err, &u) {
		return false, nil
	}
	if err == nil && !expr.IsUndefined(v) {
		_, err = force(v)
	}
	return !expr.IsUndefined(v), err
}

func callable(c *expr.Call) (bool, error) {
	if len(c.Args) != 1 {
		return false, fmt.Errorf("callable() takes exactly one argument (%d given)", len(c.Args))
	}
	v, err := force(c.Args[0])
	if err != nil {
		return false, err
	}
	if _, ok := v.(expr.Callable); ok {
		return true, nil
	}
	return v.Type() == "builtin_function_or_method", nil // a value's own method
}

func isInteger(v value.Value) bool {
	switch v.(type) {
	case value.Int, *value.BigInt:
		return true
	}
	return false
}

func isMapping(v value.Value) bool {
	switch v.(type) {
	case *value.Dict, value.Mapping:
		return true
	}
	return false
}

// isSequence: what has a length and can be asked for items; dicts count.
func isSequence(v value.Value) bool {
	switch v.(type) {
	case *value.List, *value.Tuple, *value.Dict, value.Str, value.Markup, value.Bytes, value.Range, value.Mapping:
		return true
	case value.Sized:
		_, ok := v.(value.Itemer)
		return ok
	}
	return false
}

func isNaN(v value.Value) bool {
	f, ok := v.(value.Float)
	return ok && math.IsNaN(float64(f))
}
