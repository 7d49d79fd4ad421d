package value

import (
	"fmt"
	"sync"
)

// Method is a method of a value. Arguments are plain (see Deep); kw is nil if
// there are none.
type Method func(recv Value, args []Value, kw *Dict) (Value, error)

// methodDef declares a method: its arity and the names by which its arguments
// may be given.
type methodDef struct {
	min, max int // max -1: any number
	names    []string
	fn       func(recv Value, args []Value) (Value, error)
	// kwfn is instead of fn where any keyword may be given.
	kwfn Method
}

// MethodOf finds the method of v called name, nil if there is none.
func MethodOf(v Value, name string) Method {
	var table map[string]Method
	switch v.(type) {
	case Str, Markup:
		table = strMethods()
	case *List:
		table = listMethods()
	case *Dict, Mapping:
		table = dictMethods()
	case *Tuple:
		table = tupleMethods()
	case *Set:
		table = setMethods()
	case Bytes:
		table = bytesMethods()
	case *DateTime, *Date, *Delta:
		table = dateMethods(v)
	case Int, Float, Bool, *BigInt:
		table = numberMethods(v)
	case Range:
		table = rangeMethods()
	}
	return table[name]
}

// methodTable gives the methods that f declares, made when they are first asked for.
func methodTable(f func() map[string]methodDef) func() map[string]Method {
	return sync.OnceValue(func() map[string]Method {
		defs := f()
		out := make(map[string]Method, len(defs))
		for name, d := range defs {
			if out[name] = d.kwfn; d.kwfn == nil {
				out[name] = func(recv Value, args []Value, kw *Dict) (Value, error) { return d.call(recv, name, args, kw) }
			}
		}
		return out
	})
}

// IsDictMethod reports whether name is a method of dicts, and so goes before an
// item of that name in d.name.
func IsDictMethod(name string) bool {
	_, ok := dictMethods()[name]
	return ok
}

func (d methodDef) call(recv Value, name string, args []Value, kw *Dict) (Value, error) {
	for k, v := range kw.All() {
		i := d.position(string(k.(Str)))
		if i < 0 {
			if len(d.names) == 0 {
				return nil, fmt.Errorf("%s.%s() takes no keyword arguments", recv.Type(), name)
			}
			return nil, fmt.Errorf("'%s' is an invalid keyword argument for %s()", k, name)
		}
		if i < len(args) && args[i] != nil {
			return nil, fmt.Errorf("argument for %s() given by name ('%s') and position (%d)", name, k, i+1)
		}
		args = args[:len(args):len(args)]
		for len(args) <= i {
			args = append(args, nil)
		}
		args[i] = v
	}
	n := len(args)
	switch {
	case d.max == 0 && n > 0:
		return nil, fmt.Errorf("%s.%s() takes no arguments (%d given)", recv.Type(), name, n)
	case d.min == 1 && d.max == 1 && n != 1:
		return nil, fmt.Errorf("%s.%s() takes exactly one argument (%d given)", recv.Type(), name, n)
	case d.max >= 0 && n > d.max && len(d.names) > 0:
		return nil, fmt.Errorf("%s() takes at most %d argument%s (%d given)", name, d.max, plural(d.max), n)
	case n < d.min && d.min == d.max:
		return nil, fmt.Errorf("%s expected %d arguments, got %d", name, d.min, n)
	case n < d.min:
		return nil, fmt.Errorf("%s expected at least %d argument%s, got %d", name, d.min, plural(d.min), n)
	case d.max >= 0 && n > d.max:
		return nil, fmt.Errorf("%s expected at most %d argument%s, got %d", name, d.max, plural(d.max), n)
	}
	// What was left out between arguments given by name is nil, like what was
	// left out at the end; fn sees d.max arguments.
	for len(args) < d.max {
		args = append(args[:len(args):len(args)], nil)
	}
	return d.fn(recv, args)
}

func (d methodDef) position(name string) int {
	for i, n := range d.names {
		if n == name {
			return i
		}
	}
	return -1
}

// intArg gives an optional integer argument.
func intArg(v Value, def int) (int, error) {
	if v == nil {
		return def, nil
	}
	n, err := Index(v)
	return int(n), err
}

// indexArg is intArg that also takes None for the default.
func indexArg(v Value, def int) (int, error) {
	if v == nil || v == None {
		return def, nil
	}
	n, err := Index(v)
	if err != nil {
		return 0, errSliceIndex
	}
	return int(n), nil
}
