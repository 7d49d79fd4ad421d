package value

import (
	"fmt"
	"strings"
)

// Unpack spreads the arguments of a call of the function called name over
// variables, given as pairs of a parameter's name and a pointer:
//
//	Unpack("relpath", args, kwargs, "path", &path, "start?", &start)
//
// A name that ends in ? may be left out, and is when None is given for it and
// the variable is not a Value: its variable keeps what it held. The name "*"
// (with nil) makes the parameters after it keyword-only; "*name" takes the
// positional arguments left over into a *[]Value, "**name" the keywords left
// over into a **Dict.
//
// Pointers may be *Value, *string, *int, *int64, *float64, *bool (any value's
// truth), *[]Value (the items of anything iterable), **List, **Dict. Missing, unknown and
// doubled arguments give Python's TypeError messages.
func Unpack(name string, args []Value, kwargs *Dict, pairs ...any) error {
	if kwargs.Len() == 0 && plainCall(len(args), pairs) {
		// Nearly every call of a filter: nothing needs to be kept of the parameters.
		for i, v := range args {
			n := pairs[2*i].(string)
			p := param{name: strings.TrimSuffix(n, "?"), optional: n[len(n)-1] == '?', ptr: pairs[2*i+1]}
			if err := p.assign(v); err != nil {
				return err
			}
		}
		return nil
	}
	u := unpacker{name: name, params: make([]param, 0, len(pairs)/2)}
	u.declare(pairs)
	if len(args) > u.maxPos && u.rest == nil {
		return u.tooMany(len(args), kwargs)
	}
	got := make([]bool, len(u.params))
	for i, v := range args {
		if i >= u.maxPos {
			*u.rest = append(*u.rest, args[i:]...)
			break
		}
		got[i] = true
		if err := u.params[i].assign(v); err != nil {
			return err
		}
	}
	for k, v := range kwargs.All() {
		ks, _ := k.(Str)
		i := u.index(string(ks))
		switch {
		case i >= 0 && got[i]:
			return fmt.Errorf("%s() got multiple values for argument '%s'", name, ks)
		case i >= 0:
			got[i] = true
			if err := u.params[i].assign(v); err != nil {
				return err
			}
		case u.kwrest != nil:
			if *u.kwrest == nil {
				*u.kwrest = NewDict(kwargs.Len())
			}
			(*u.kwrest).Set(k, v)
		default:
			return fmt.Errorf("%s() got an unexpected keyword argument '%s'", name, ks)
		}
	}
	return u.missing(got)
}

// plainCall reports whether so many positional arguments fill parameters of
// which none is a "*", and leave only optional ones without.
func plainCall(args int, pairs []any) bool {
	if 2*args > len(pairs) {
		return false
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		n := pairs[i].(string)
		if n[0] == '*' || (i/2 >= args && n[len(n)-1] != '?') {
			return false
		}
	}
	return true
}

type param struct {
	name     string
	optional bool
	kwOnly   bool
	ptr      any
}

type unpacker struct {
	name   string
	params []param
	maxPos int
	rest   *[]Value
	kwrest **Dict
}

func (u *unpacker) declare(pairs []any) {
	kwOnly := false
	for i := 0; i+1 < len(pairs); i += 2 {
		n := pairs[i].(string)
		switch {
		case n == "*":
			kwOnly = true
		case strings.HasPrefix(n, "**"):
			u.kwrest = pairs[i+1].(**Dict)
		case strings.HasPrefix(n, "*"):
			u.rest, kwOnly = pairs[i+1].(*[]Value), true
		default:
			p := param{name: strings.TrimSuffix(n, "?"), ptr: pairs[i+1], kwOnly: kwOnly}
			p.optional = len(p.name) < len(n)
			u.params = append(u.params, p)
			if !kwOnly {
				u.maxPos++
			}
		}
	}
}

func (u *unpacker) index(name string) int {
	for i, p := range u.params {
		if p.name == name {
			return i
		}
	}
	return -1
}

func (u *unpacker) tooMany(given int, kwargs *Dict) error {
	need := 0
	for _, p := range u.params[:u.maxPos] {
		if !p.optional {
			need++
		}
	}
	takes, s := fmt.Sprint(u.maxPos), plural(u.maxPos)
	if need < u.maxPos {
		takes, s = fmt.Sprintf("from %d to %d", need, u.maxPos), "s"
	}
	were := "were"
	if given == 1 {
		were = "was"
	}
	return fmt.Errorf("%s() takes %s positional argument%s but %d %s given", u.name, takes, s, given, were)
}

func (u *unpacker) missing(got []bool) error {
	for _, kwOnly := range []bool{false, true} {
		var names []string
		for i, p := range u.params {
			if !got[i] && !p.optional && p.kwOnly == kwOnly {
				names = append(names, "'"+p.name+"'")
			}
		}
		if n := len(names); n > 0 {
			kind := "positional"
			if kwOnly {
				kind = "keyword-only"
			}
			return fmt.Errorf("%s() missing %d required %s argument%s: %s", u.name, n, kind, plural(n), pyAnd(names))
		}
	}
	return nil
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// pyAnd joins names as Python's messages do: 'a', 'b', and 'c'.
func pyAnd(names []string) string {
	switch n := len(names); n {
	case 1:
		return names[0]
	case 2:
		return names[0] + " and " + names[1]
	default:
		return strings.Join(names[:n-1], ", ") + ", and " + names[n-1]
	}
}

func (p *param) assign(v Value) error {
	if pv, ok := p.ptr.(*Value); ok {
		*pv = v
		return nil
	}
	if _, isBool := p.ptr.(*bool); v == None && p.optional && !isBool {
		return nil
	}
	switch ptr := p.ptr.(type) {
	case *string:
		s, ok := AsText(v)
		if !ok {
			return fmt.Errorf("argument '%s' must be str, not %s", p.name, v.Type())
		}
		*ptr = s
	case *int, *int64:
		n, err := Index(v)
		if err != nil {
			return err
		}
		if q, ok := ptr.(*int); ok {
			*q = int(n)
		} else {
			*ptr.(*int64) = n
		}
	case *float64:
		f, ok := AsFloat(v)
		if !ok {
			return fmt.Errorf("must be real number, not %s", v.Type())
		}
		*ptr = f
	case *bool:
		*ptr = Truth(v)
	case *[]Value:
		items, err := Items(v)
		if err != nil {
			return err
		}
		*ptr = items
	case **List:
		l, ok := v.(*List)
		if !ok {
			return fmt.Errorf("argument '%s' must be list, not %s", p.name, v.Type())
		}
		*ptr = l
	case **Dict:
		d, ok := v.(*Dict)
		if !ok {
			return fmt.Errorf("argument '%s' must be dict, not %s", p.name, v.Type())
		}
		*ptr = d
	default:
		panic(fmt.Sprintf("value.Unpack: %s: parameter '%s' has a pointer of type %T", p.name, p.name, p.ptr))
	}
	return nil
}
