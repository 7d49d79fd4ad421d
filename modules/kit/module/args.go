package module

import (
	"github.com/churten/churten/jinja/value"
)

// Args are checked arguments. The getters give the zero value where an
// argument is None, so that a module reads as its documentation does; Given
// tells None apart.
type Args struct{ *value.Dict }

// Given reports whether name has a value other than None.
func (a Args) Given(name string) bool {
	v, ok := a.GetStr(name)
	return ok && v != value.Value(value.None)
}

// Value gives the raw value, None when absent.
func (a Args) Value(name string) value.Value {
	if v, ok := a.GetStr(name); ok {
		return v
	}
	return value.None
}

// Str gives a text argument.
func (a Args) Str(name string) string {
	if s, ok := a.Value(name).(value.Str); ok {
		return string(s)
	}
	return ""
}

// Bool gives a boolean argument.
func (a Args) Bool(name string) bool {
	b, _ := a.Value(name).(value.Bool)
	return bool(b)
}

// Int gives an integer argument.
func (a Args) Int(name string) int64 {
	switch i := a.Value(name).(type) {
	case value.Int:
		return int64(i)
	case value.Bool: // a boolean passes as an int, as in Python
		if i {
			return 1
		}
	}
	return 0
}

// Float gives a float argument; integers are converted.
func (a Args) Float(name string) float64 {
	switch f := a.Value(name).(type) {
	case value.Float:
		return float64(f)
	case value.Int:
		return float64(f)
	}
	return 0
}

// List gives a list argument's items.
func (a Args) List(name string) []value.Value {
	if l, ok := a.Value(name).(*value.List); ok {
		return l.Items
	}
	return nil
}

// Strs gives the items of a list of texts.
func (a Args) Strs(name string) []string {
	items := a.List(name)
	if items == nil {
		return nil
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		if s, ok := item.(value.Str); ok {
			out = append(out, string(s))
		}
	}
	return out
}

// Sub gives a dict argument, nil when None.
func (a Args) Sub(name string) *value.Dict {
	d, _ := a.Value(name).(*value.Dict)
	return d
}
