// Package value has the values of playbooks, templates and results, as Python
// has them: None, booleans, integers without bound, floats, text, bytes,
// lists, tuples, dicts that keep their order, sets, ranges, dates. The same
// values go from YAML through variables and templates to modules, over the
// wire and back as results: there is no second representation.
//
// What a thing prints as (Str, Repr), how two compare (Equal, Compare), whether
// one is true (Truth), and its JSON text stand in files of their own.
//
// Values that come from outside (facts, results, files) are plain data. A
// template is a value too (expr.Template), but only the loader makes one: a
// string is never looked at again for braces.
//
// A container may be shared by many hosts, hence is not to be changed once it
// has been handed on. Only templates' own list and dict methods (append,
// update …) change one in place, and those work on what the template made.
package value

import (
	"math/big"
	"time"

	"github.com/churten/churten/jinja/source"
)

// Value is one of the types of this package, or one of expr's (Template,
// Undefined, functions). A nil Value is not valid; use None.
type Value interface {
	// Type is the name of the type in Python: "int", "str", "dict" …
	Type() string
}

// The scalar types.
type (
	NoneType struct{}
	Bool     bool
	Int      int64 // integers that fit; others are *BigInt, so that each number has one form
	Float    float64
	Str      string // text; bytes that are not UTF-8 travel in it unchanged
	Bytes    string
)

// None is Python's None, YAML's null.
var None = NoneType{}

// True and False, boxed once.
var (
	True  Value = Bool(true)
	False Value = Bool(false)
)

// BigInt is an integer outside int64. Make one with NewInt only.
type BigInt struct{ N *big.Int }

// NewInt gives n as Int where it fits, else as *BigInt.
func NewInt(n *big.Int) Value {
	if n.IsInt64() {
		return Int(n.Int64())
	}
	return &BigInt{N: n}
}

// The containers. All are pointers: as in Python, two names may mean one list.
type (
	// List is Python's list. Lazy is set when an item, at any depth, may be
	// a Thunk or a template not yet evaluated; see Deep.
	List struct {
		Items []Value
		Lazy  bool
		At    *source.Pos // where it was written; nil if that is not known
	}
	Tuple struct{ Items []Value }
	// Set keeps the order of insertion so that runs repeat; Python's is arbitrary.
	Set struct{ d Dict }
	// Range is Python's range(Start, Stop, Step); Step is never zero.
	Range struct{ Start, Stop, Step int64 }
)

// The date types, as templates meet them through now(), to_datetime and YAML.
type (
	// DateTime is datetime.datetime; Naive has no time zone.
	DateTime struct {
		T     time.Time
		Naive bool
	}
	Date  struct{ T time.Time } // datetime.date; the clock part is zero
	Delta struct{ D time.Duration }
)

func (NoneType) Type() string  { return "NoneType" }
func (Bool) Type() string      { return "bool" }
func (Int) Type() string       { return "int" }
func (*BigInt) Type() string   { return "int" }
func (Float) Type() string     { return "float" }
func (Str) Type() string       { return "str" }
func (Bytes) Type() string     { return "bytes" }
func (*List) Type() string     { return "list" }
func (*Tuple) Type() string    { return "tuple" }
func (*Dict) Type() string     { return "dict" }
func (*Set) Type() string      { return "set" }
func (Range) Type() string     { return "range" }
func (*DateTime) Type() string { return "datetime" }
func (*Date) Type() string     { return "date" }
func (*Delta) Type() string    { return "timedelta" }

// NewList gives a list of items; it keeps the slice.
func NewList(items ...Value) *List { return &List{Items: items} }

// NewTuple gives a tuple of items; it keeps the slice.
func NewTuple(items ...Value) *Tuple { return &Tuple{Items: items} }

// Strings gives a list of texts.
func Strings(ss ...string) *List {
	items := make([]Value, len(ss))
	for i, s := range ss {
		items[i] = Str(s)
	}
	return &List{Items: items}
}

// Thunk is a value not computed yet: a variable's template inside a container,
// a vaulted scalar. Force computes it, once; the result is never a Thunk.
type Thunk interface {
	Value
	Force() (Value, error)
}

// Force computes v if it is a Thunk, and gives v itself otherwise. Containers
// may still hold thunks: see Deep.
func Force(v Value) (Value, error) {
	if t, ok := v.(Thunk); ok {
		return t.Force()
	}
	return v, nil
}

// Deep forces v and everything in it, copying only the containers that held
// something to force; a Faulty value raises. It costs nothing for containers
// whose Lazy is not set.
func Deep(v Value) (Value, error) {
	switch v.(type) {
	case Str, Int, Bool:
		return v, nil
	}
	v, err := Force(v)
	if err != nil {
		return nil, err
	}
	switch c := v.(type) {
	case Faulty:
		return nil, c.Fault()
	case *List:
		if !c.Lazy {
			return c, nil
		}
		items, err := deepAll(c.Items)
		if err != nil {
			return nil, err
		}
		return &List{Items: items}, nil
	case *Dict:
		if !c.Lazy {
			return c, nil
		}
		out := NewDict(c.Len())
		for k, item := range c.All() {
			item, err := Deep(item)
			if err != nil {
				return nil, err
			}
			out.Set(k, item)
		}
		return out, nil
	case *Tuple:
		for _, item := range c.Items {
			if IsLazy(item) {
				items, err := deepAll(c.Items)
				if err != nil {
					return nil, err
				}
				return &Tuple{Items: items}, nil
			}
		}
	}
	return v, nil
}

func deepAll(items []Value) ([]Value, error) {
	out := make([]Value, len(items))
	for i, item := range items {
		var err error
		if out[i], err = Deep(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// IsLazy reports whether Deep would have something to do on v: a container that
// gets such an item must have its Lazy set.
func IsLazy(v Value) bool {
	switch c := v.(type) {
	case Str, Int, Bool:
		return false
	case Thunk, Faulty:
		return true
	case *Tuple:
		for _, item := range c.Items {
			if IsLazy(item) {
				return true
			}
		}
	case *List:
		return c.Lazy
	case *Dict:
		return c.Lazy
	}
	return false
}

// Positioned is implemented by values that know where they were written.
type Positioned interface{ Position() source.Pos }
