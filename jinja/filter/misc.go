package filter

import (
	"errors"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addLazy("default", "ansible_default", def)
	addLazy("d", "ansible_default", def)
	addLazy("mandatory", "mandatory", mandatory)
	addLazy("ternary", "ternary", ternary)
	addLazy("type_debug", "type_debug", typeDebug)
	add("bool", "to_bool", toBool)
	addKeys("attr", "do_attr", attr)
}

// def gives its first argument unless that is undefined, or with boolean false.
func def(c *expr.Call) (value.Value, error) {
	var v, instead, boolean value.Value = nil, value.Str(""), value.False
	if err := c.Unpack("value", &v, "default_value?", &instead, "boolean?", &boolean); err != nil {
		return nil, err
	}
	v, err := value.Force(v)
	switch {
	case err != nil:
		if u := (*expr.UndefinedError)(nil); errors.As(err, &u) {
			return instead, nil
		}
		return nil, err
	case expr.IsUndefined(v):
		return value.Force(instead)
	case fault(boolean) != nil:
		return nil, fault(boolean)
	}
	if fault(v) == nil && value.Truth(boolean) && !value.Truth(v) {
		return value.Force(instead)
	}
	return v, nil
}

func mandatory(c *expr.Call) (value.Value, error) {
	var v, msg value.Value
	if err := c.Unpack("a", &v, "msg?", &msg); err != nil {
		return nil, err
	}
	forced, err := value.Force(v)
	name := ""
	if u := new(expr.UndefinedError); errors.As(err, &u) {
		name = u.Name
	} else if err != nil {
		return nil, err
	} else if u, ok := forced.(*expr.Undefined); ok {
		name = u.Name
	} else {
		return forced, nil
	}
	if msg != nil {
		if msg, err = deep(msg); err != nil {
			return nil, err
		}
	}
	if given(msg) {
		return nil, errors.New(value.Text(msg))
	}
	if name != "" {
		name = value.QuoteRepr(name) + " "
	}
	return nil, fmt.Errorf("Mandatory variable %snot defined.", name)
}

func ternary(c *expr.Call) (value.Value, error) {
	var v, yes, no, none value.Value
	if err := c.Unpack("value", &v, "true_val", &yes, "false_val", &no, "none_val?", &none); err != nil {
		return nil, err
	}
	v, err := force(v)
	if err != nil {
		return nil, err
	}
	switch {
	case v == value.None && given(none):
		return value.Force(none)
	case value.Truth(v):
		return value.Force(yes)
	}
	return value.Force(no)
}

func typeDebug(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("obj", &v); err != nil {
		return nil, err
	}
	v, err := value.Force(v)
	if err != nil {
		if u := new(expr.UndefinedError); errors.As(err, &u) {
			return value.Str((&expr.Undefined{}).Type()), nil
		}
		return nil, err
	}
	return value.Str(v.Type()), nil
}

func toBool(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	result, known := truthOf(v)
	if !known {
		c.Ctx.Notify(expr.Notice{Version: "2.23", Msg: fmt.Sprintf("The `bool` filter coerced invalid value %s (%s) to %s.", value.Repr(v), v.Type(), value.Repr(value.Bool(result)))})
	}
	return value.Bool(result), nil
}

// truthOf reads what users write for yes and no; known is false for anything else.
func truthOf(v value.Value) (result, known bool) {
	switch b := v.(type) {
	case value.Bool:
		return bool(b), true
	case value.Str:
		switch lower(string(b)) {
		case "yes", "on", "true", "1":
			return true, true
		case "no", "off", "false", "0":
			return false, true
		}
	case value.Int:
		return b == 1, b == 0 || b == 1
	case value.Float:
		// Old: 1.0 is True as it is equal to 1, but is warned about.
		return b == 1, false
	}
	return false, false
}

// attr reads an attribute and never an item.
func attr(c *expr.Call) (value.Value, error) {
	var v, name value.Value
	if err := unpackEnv(c, "obj", &v, "name", &name); err != nil {
		return nil, err
	}
	s, ok := value.AsText(name)
	if !ok {
		return nil, fmt.Errorf("attribute name must be string, not '%s'", name.Type())
	}
	if d, isDict := v.(*value.Dict); isDict {
		// Its items are no attributes.
		v = value.NewDict(0)
		_ = d
	}
	return c.Ctx.Attr(v, s)
}
