package jmespath

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// builtin is a function of the language. types are what each argument may be,
// nil anything; the last counts for all that follow where the function is variadic.
type builtin struct {
	types    [][]string
	variadic bool
	call     func(args []value.Value) (value.Value, error)
}

func (f function) eval(v value.Value) (value.Value, error) {
	b, ok := builtins[f.name]
	// The arguments come first: their faults are told before the function's name.
	args := make([]value.Value, len(f.args))
	for i, a := range f.args {
		var err error
		if args[i], err = a.eval(v); err != nil {
			return nil, err
		}
	}
	if !ok {
		return nil, &Error{"Unknown function: " + f.name + "()"}
	}
	if err := b.check(f.name, args); err != nil {
		return nil, err
	}
	return b.call(args)
}

func (b *builtin) check(name string, args []value.Value) error {
	n := len(b.types)
	s, least := "s", ""
	if n == 1 {
		s = ""
	}
	if b.variadic {
		least = "at least "
	}
	if len(args) < n || len(args) > n && !b.variadic {
		return &Error{fmt.Sprintf("Expected %s%d argument%s for function %s(), received %d", least, n, s, name, len(args))}
	}
	for i, types := range b.types {
		var err error
		if args[i], err = checkOne(name, args[i], types); err != nil {
			return err
		}
	}
	return nil
}

// checkOne checks an argument; an array whose items are checked is forced.
func checkOne(name string, v value.Value, types []string) (value.Value, error) {
	if types == nil {
		return v, nil
	}
	var subtypes []string
	ok := false
	for _, t := range types {
		whole, sub, _ := strings.Cut(t, "-")
		if sub != "" {
			subtypes = append(subtypes, sub)
		}
		ok = ok || whole == typeOf(v)
	}
	if !ok {
		return nil, typeError(name, v, typeOf(v), types)
	}
	l, isList := v.(*value.List)
	if len(subtypes) == 0 || !isList {
		return v, nil
	}
	plain, err := value.Deep(l)
	if err != nil {
		return nil, err
	}
	l = plain.(*value.List)
	allowed := ""
	for _, item := range l.Items {
		// All are of the type that the first is of.
		if t := typeOf(item); allowed == "" && slices.Contains(subtypes, t) {
			allowed = t
		}
		if allowed == "" || typeOf(item) != allowed {
			return nil, typeError(name, item, item.Type(), types)
		}
	}
	return l, nil
}

func typeError(name string, v value.Value, got string, types []string) error {
	if plain, err := value.Deep(v); err == nil {
		v = plain
	}
	want := make([]string, len(types))
	for i, t := range types {
		want[i] = "'" + t + "'"
	}
	return &Error{fmt.Sprintf("In function %s(), invalid type for value: %s, expected one of: [%s], received: \"%s\"", name, value.Text(v), strings.Join(want, ", "), got)}
}

// typeOf is the language's name of a value's type, unknown for what JSON does not have.
func typeOf(v value.Value) string {
	switch v.(type) {
	case value.Bool:
		return "boolean"
	case *value.List:
		return "array"
	case *value.Dict:
		return "object"
	case value.NoneType:
		return "null"
	case value.Str, value.Markup:
		return "string"
	case value.Int, *value.BigInt, value.Float:
		return "number"
	case reference:
		return "expref"
	}
	return "unknown"
}

// keyOf evaluates an expression on an item, and checks what it gives.
func keyOf(name string, ref, item value.Value, types []string) (value.Value, error) {
	key, err := ref.(reference).node.eval(item)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(types, typeOf(key)) {
		return nil, typeError(name, key, typeOf(key), types)
	}
	return key, nil
}
