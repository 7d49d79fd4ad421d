package value

import "iter"

// NewSet gives a set of items.
func NewSet(items ...Value) *Set {
	s := &Set{}
	for _, v := range items {
		s.Add(v)
	}
	return s
}

// Len is the number of items.
func (s *Set) Len() int { return s.d.Len() }

// Add puts v in if nothing equal to it is there.
func (s *Set) Add(v Value) {
	if s.d.find(v) < 0 {
		s.d.Set(v, None)
	}
}

// Has reports whether v is in the set.
func (s *Set) Has(v Value) bool { return s.d.find(v) >= 0 }

// Delete takes v out and reports whether it was there.
func (s *Set) Delete(v Value) bool { return s.d.Delete(v) }

// All ranges over the items in order of insertion.
func (s *Set) All() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for _, v := range s.d.keys {
			if !yield(v) {
				return
			}
		}
	}
}

// Hashable reports whether v may be a key or an item of a set.
func Hashable(v Value) bool {
	switch c := v.(type) {
	case *List, *Dict, *Set:
		return false
	case *Tuple:
		for _, item := range c.Items {
			if !Hashable(item) {
				return false
			}
		}
	}
	return true
}
