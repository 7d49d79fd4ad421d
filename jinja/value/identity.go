package value

import (
	"reflect"
	"unsafe"
)

// Python tells equal objects apart, which is how the reference knows where a
// number in a variable was written after it has gone through loops and filters.
// Here a scalar is told from its equals by the memory behind its interface: as
// long as nobody takes it apart and makes a Value of it again, that stays the same.

// Fresh gives v as a scalar that is Same as no other. Whoever reads content
// uses it for what positions are known of; booleans, None and values that are
// pointers stay what they are.
func Fresh(v Value) Value {
	switch x := v.(type) {
	case Int: // Go keeps small ones in one place
		return fresh(x)
	case Float:
		return fresh(x)
	case Str:
		if len(x) < 2 {
			return fresh(x)
		}
	}
	return v
}

// Own is Fresh for results: it gives a place of its own to what Go keeps in one
// for all, and leaves whatever has one.
func Own(v Value) Value {
	if n, ok := v.(Int); ok && uint64(n) < 256 && behind(v) == behind(n) {
		return fresh(n)
	}
	return v
}

func fresh[T Value](x T) Value {
	// Of something that can be addressed, Interface makes a copy of its own.
	return reflect.ValueOf(&x).Elem().Interface().(Value)
}

// Same reports whether a and known are one value, not only equal ones. known has
// to be Fresh. It may be false for two that were one once.
func Same(a, known Value) bool {
	switch x := a.(type) {
	case Str:
		y, ok := known.(Str)
		if !ok || len(x) != len(y) {
			return false
		}
		if len(x) > 1 {
			// Where the text lies, since texts are taken apart more often.
			return unsafe.StringData(string(x)) == unsafe.StringData(string(y))
		}
		return behind(a) == behind(known)
	case Int:
		_, ok := known.(Int)
		return ok && behind(a) == behind(known)
	case Float:
		_, ok := known.(Float)
		return ok && behind(a) == behind(known)
	case *List, *Dict, *Tuple, *Set, *BigInt, *DateTime, *Date, *Delta:
		return a == known
	}
	return false // True, False and None are the same everywhere
}

// behind gives where the value in an interface lies.
func behind(v Value) unsafe.Pointer {
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1]
}
