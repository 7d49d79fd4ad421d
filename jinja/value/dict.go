package value

import (
	"iter"

	"github.com/churten/churten/jinja/source"
)

// smallDict is the size up to which keys are searched one by one: most dicts of
// playbooks and results stay below it, and a Go map would cost more than it saves.
const smallDict = 8

// Dict is Python's dict: keys keep the order of their first insertion. Keys
// that are equal in Python (1, 1.0, True) are one key.
//
// Lazy is set when an item, at any depth, may be a Thunk or a template not yet
// evaluated; see Deep. Safe for concurrent reads.
type Dict struct {
	Lazy  bool
	At    *source.Pos // where it was written; nil if that is not known
	keys  []Value
	vals  []Value
	index map[any]int // nil while small
}

// NewDict gives an empty dict with room for n items.
func NewDict(n int) *Dict {
	return &Dict{keys: make([]Value, 0, n), vals: make([]Value, 0, n)}
}

// DictOf gives a dict of keys and values in turn: DictOf("a", Int(1), "b", None).
// Keys are strings or Values.
func DictOf(pairs ...any) *Dict {
	d := NewDict(len(pairs) / 2)
	for i := 0; i+1 < len(pairs); i += 2 {
		k, ok := pairs[i].(Value)
		if !ok {
			k = Str(pairs[i].(string))
		}
		d.Set(k, pairs[i+1].(Value))
	}
	return d
}

// Len is the number of items.
func (d *Dict) Len() int {
	if d == nil {
		return 0
	}
	return len(d.keys)
}

// Get finds the value under key as it is stored (it may be a Thunk).
func (d *Dict) Get(key Value) (Value, bool) {
	if i := d.find(key); i >= 0 {
		return d.vals[i], true
	}
	return nil, false
}

// GetStr is Get for a text key.
func (d *Dict) GetStr(key string) (Value, bool) {
	if d == nil {
		return nil, false
	}
	if d.index == nil {
		for i, k := range d.keys {
			if s, ok := k.(Str); ok && string(s) == key {
				return d.vals[i], true
			}
		}
		return nil, false
	}
	if i, ok := d.index[Str(key)]; ok {
		return d.vals[i], true
	}
	return nil, false
}

// Set puts v under key, at the end if key is new.
func (d *Dict) Set(key, v Value) {
	if i := d.find(key); i >= 0 {
		d.vals[i] = v
		return
	}
	d.keys = append(d.keys, key)
	d.vals = append(d.vals, v)
	switch {
	case d.index != nil:
		d.index[hashKey(key)] = len(d.keys) - 1
	case len(d.keys) > smallDict:
		d.reindex()
	}
}

// SetStr is Set for a text key.
func (d *Dict) SetStr(key string, v Value) { d.Set(Str(key), v) }

// Delete takes key out and reports whether it was there.
func (d *Dict) Delete(key Value) bool {
	i := d.find(key)
	if i < 0 {
		return false
	}
	d.keys = append(d.keys[:i:i], d.keys[i+1:]...)
	d.vals = append(d.vals[:i:i], d.vals[i+1:]...) // both copies
	if d.index != nil {
		d.reindex()
	}
	return true
}

// All ranges over the items in order.
func (d *Dict) All() iter.Seq2[Value, Value] {
	return func(yield func(Value, Value) bool) {
		if d == nil {
			return
		}
		for i, k := range d.keys {
			if !yield(k, d.vals[i]) {
				return
			}
		}
	}
}

// Keys gives the keys in order, as a copy.
func (d *Dict) Keys() []Value { return append([]Value(nil), d.keys...) }

// Clone gives a copy whose items are shared.
func (d *Dict) Clone() *Dict {
	c := &Dict{Lazy: d.Lazy, keys: append([]Value(nil), d.keys...), vals: append([]Value(nil), d.vals...)}
	if d.index != nil {
		c.reindex()
	}
	return c
}

// MapValues gives a dict with the same keys and f of each value.
func (d *Dict) MapValues(f func(Value) Value) *Dict {
	// The keys are shared: Set appends behind their capacity, Delete copies.
	out := &Dict{keys: d.keys[:len(d.keys):len(d.keys)], vals: make([]Value, len(d.vals)), Lazy: d.Lazy}
	for i, v := range d.vals {
		out.vals[i] = f(v)
	}
	if d.index != nil {
		out.reindex()
	}
	return out
}

// Head gives a copy of the first n items.
func (d *Dict) Head(n int) *Dict {
	out := NewDict(d.Len())
	out.keys, out.vals = append(out.keys, d.keys[:n]...), append(out.vals, d.vals[:n]...)
	if n > smallDict {
		out.reindex()
	}
	return out
}

func (d *Dict) reindex() {
	d.index = make(map[any]int, 2*len(d.keys))
	for i, k := range d.keys {
		d.index[hashKey(k)] = i
	}
}

func (d *Dict) find(key Value) int {
	if d == nil {
		return -1
	}
	if s, ok := key.(Str); ok && d.index == nil {
		for i, k := range d.keys {
			if t, ok := k.(Str); ok && s == t {
				return i
			}
		}
		return -1
	}
	h := hashKey(key)
	if d.index != nil {
		if i, ok := d.index[h]; ok {
			return i
		}
		return -1
	}
	for i, k := range d.keys {
		if hashKey(k) == h {
			return i
		}
	}
	return -1
}

type (
	tupleKey string
	bigKey   string
	deltaKey int64
	dateKey  string
)

// hashKey gives a comparable Go value, the same for keys equal in Python.
func hashKey(v Value) any {
	switch k := v.(type) {
	case Str:
		return k
	case Bool:
		if k {
			return Int(1)
		}
		return Int(0)
	case Float:
		if i := Int(k); Float(i) == k && k >= -1<<62 && k <= 1<<62 {
			return i
		}
		return k
	case *BigInt:
		return bigKey(k.N.String())
	case *Tuple:
		return tupleKey(Repr(k))
	case *Delta:
		return deltaKey(k.D)
	case *DateTime:
		return dateKey(k.T.UTC().String())
	case *Date:
		return dateKey("d" + k.T.String())
	}
	return v // None, Int, Bytes, Range; pointers by identity
}
