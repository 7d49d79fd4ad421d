package filter

import (
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// get reads an attribute of an item.
type get func(value.Value) (value.Value, error)

// getter makes the function behind attribute='a.b.0': a chain of names and
// indexes. No attribute is the item itself. def stands for what is not there
// (if it is not nil, and not None).
func getter(ctx *expr.Ctx, attribute, def value.Value) get {
	if !given(attribute) {
		return func(v value.Value) (value.Value, error) { return value.Force(v) }
	}
	path := attributePath(attribute)
	return func(v value.Value) (value.Value, error) {
		for _, key := range path {
			var err error
			if v, err = ctx.Item(v, key); err != nil {
				return nil, err
			}
			if expr.IsUndefined(v) && given(def) {
				v = def
			}
		}
		return value.Force(v)
	}
}

// attributePath splits a.b.0; numbers are indexes.
func attributePath(attribute value.Value) []value.Value {
	s, ok := value.AsText(attribute)
	if !ok {
		return []value.Value{attribute}
	}
	var path []value.Value
	for part := range strings.SplitSeq(s, ".") {
		if n, err := strconv.ParseInt(part, 10, 64); err == nil && isDigit(part[0]) {
			path = append(path, value.Int(n))
		} else {
			path = append(path, value.Str(part))
		}
	}
	return path
}

// sortKey makes the function that gives what an item is sorted by: one
// attribute, with text in small letters unless case matters. The key of
// something that is not there is an error.
func sortKey(ctx *expr.Ctx, attribute value.Value, caseSensitive bool) get {
	attr := getter(ctx, attribute, nil)
	return func(v value.Value) (value.Value, error) {
		v, err := deepKey(attr(v))
		if err != nil || caseSensitive {
			return v, err
		}
		return ignoreCase(v), nil
	}
}

// ignoreCase puts text in small letters.
func ignoreCase(v value.Value) value.Value {
	if s, ok := value.AsText(v); ok {
		return value.Str(lower(s))
	}
	return v
}

// itemsBy gives the items of v, evaluated whole unless only an attribute of them matters.
func itemsBy(v, attribute value.Value) ([]value.Value, error) {
	if !given(attribute) {
		if _, isDict := v.(*value.Dict); !isDict {
			var err error
			if v, err = value.Deep(v); err != nil {
				return nil, err
			}
		}
	}
	return value.Items(v)
}

// deepKey evaluates what get gives, to be compared.
func deepKey(v value.Value, err error) (value.Value, error) {
	if err != nil {
		return nil, err
	}
	return value.Deep(v)
}
