package value

import (
	"errors"
)

func setMethod(min, max int, f func(s *Set, args []Value) (Value, error)) methodDef {
	return methodDef{min: min, max: max, fn: func(recv Value, args []Value) (Value, error) {
		return f(recv.(*Set), args)
	}}
}

// others makes a set of the items of each argument.
func others(args []Value) ([]*Set, error) {
	var out []*Set
	for _, a := range args {
		if a == nil {
			break
		}
		s, err := SetOf(a)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// SetOf makes a set of what a loop over v yields.
func SetOf(v Value) (*Set, error) {
	if s, ok := v.(*Set); ok {
		return s, nil
	}
	items, err := Items(v)
	if err != nil {
		return nil, err
	}
	out := NewSet()
	for _, item := range items {
		if !Hashable(item) {
			return nil, Unhashable(item)
		}
		out.Add(item)
	}
	return out, nil
}

// combine makes a method that gives a new set of s and each argument in turn.
func combine(max int, f func(a, b *Set) *Set) methodDef {
	return setMethod(0, max, func(s *Set, args []Value) (Value, error) {
		sets, err := others(args)
		if err != nil {
			return nil, err
		}
		s = union(s, NewSet())
		for _, o := range sets {
			s = f(s, o)
		}
		return s, nil
	})
}

func union(a, b *Set) *Set {
	out := NewSet()
	for _, s := range []*Set{a, b} {
		for v := range s.All() {
			out.Add(v)
		}
	}
	return out
}

func filterSet(a, b *Set, want bool) *Set {
	out := NewSet()
	for v := range a.All() {
		if b.Has(v) == want {
			out.Add(v)
		}
	}
	return out
}

var setMethods = methodTable(func() map[string]methodDef {
	relation := func(f func(a, b *Set) bool) methodDef {
		return setMethod(1, 1, func(s *Set, args []Value) (Value, error) {
			sets, err := others(args)
			if err != nil {
				return nil, err
			}
			return Bool(f(s, sets[0])), nil
		})
	}
	return map[string]methodDef{
		"union":        combine(8, union),
		"intersection": combine(8, func(a, b *Set) *Set { return filterSet(a, b, true) }),
		"difference":   combine(8, func(a, b *Set) *Set { return filterSet(a, b, false) }),
		"symmetric_difference": combine(1, func(a, b *Set) *Set {
			return union(filterSet(a, b, false), filterSet(b, a, false))
		}),
		"issubset":   relation(subset),
		"issuperset": relation(func(a, b *Set) bool { return subset(b, a) }),
		"isdisjoint": relation(func(a, b *Set) bool { return filterSet(a, b, true).Len() == 0 }),
		"copy":       combine(0, nil),
		"add": setMethod(1, 1, func(s *Set, a []Value) (Value, error) {
			if !Hashable(a[0]) {
				return nil, Unhashable(a[0])
			}
			s.Add(a[0])
			return None, nil
		}),
		"discard": setMethod(1, 1, func(s *Set, a []Value) (Value, error) {
			s.Delete(a[0])
			return None, nil
		}),
		"remove": setMethod(1, 1, func(s *Set, a []Value) (Value, error) {
			if !s.Delete(a[0]) {
				return nil, errors.New(Repr(a[0]))
			}
			return None, nil
		}),
		"clear": setMethod(0, 0, func(s *Set, _ []Value) (Value, error) {
			*s = Set{}
			return None, nil
		}),
		"pop": setMethod(0, 0, func(s *Set, _ []Value) (Value, error) {
			if s.Len() == 0 {
				return nil, errors.New("'pop from an empty set'")
			}
			v := s.d.keys[0]
			s.Delete(v)
			return v, nil
		}),
		"update": setMethod(1, 1, func(s *Set, args []Value) (Value, error) {
			sets, err := others(args)
			if err != nil {
				return nil, err
			}
			for v := range sets[0].All() {
				s.Add(v)
			}
			return None, nil
		}),
	}
})
