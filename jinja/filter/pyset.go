package filter

import (
	"math"

	"github.com/churten/churten/jinja/value"
)

// pySet is a set whose items come in the order in which Python's come: users
// see it, for [3, 1] | union([2]) is [1, 2, 3]. For integers that order
// follows from the hash table, which is rebuilt here; for text Python's order
// changes from run to run, here it is that of insertion.
type pySet struct {
	// table is nil where free, dummy where an item was taken out. It is kept
	// only while all items are integers.
	table []value.Value
	keys  *value.Set // all items in order of insertion
	used  int
	fill  int  // with dummies
	plain bool // some item is no integer: keys has the order
}

const (
	minTable     = 8
	linearProbes = 9
	perturbShift = 5
	// growFast is the size above which a table grows by two and not by four.
	growFast = 50000
)

func newPySet(items []value.Value) *pySet {
	s := &pySet{table: make([]value.Value, minTable), keys: value.NewSet()}
	for _, item := range items {
		s.add(item)
	}
	return s
}

// hashOf gives the hash of an integer.
func hashOf(v value.Value) (uint64, bool) {
	var n int64
	switch k := v.(type) {
	case value.Int, value.Bool:
		n, _ = value.AsInt(k)
	case value.Float:
		if f := float64(k); f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
			return 0, false
		}
		n = int64(k)
	default:
		return 0, false
	}
	// Python reduces integers modulo 2^61-1, and -1 means an error.
	const prime = 1<<61 - 1
	n %= prime
	if n == -1 {
		n = -2
	}
	return uint64(n), true
}

func (s *pySet) has(v value.Value) bool { return s.keys.Has(v) }

func (s *pySet) add(v value.Value) {
	if s.keys.Has(v) {
		return
	}
	s.keys.Add(v)
	h, ok := hashOf(v)
	if !ok || s.plain {
		s.plain = true
		return
	}
	s.used++
	if !s.insert(v, h) {
		return
	}
	s.fill++
	if mask := len(s.table) - 1; s.fill*5 >= mask*3 {
		if s.used > growFast {
			s.resize(s.used * 2)
		} else {
			s.resize(s.used * 4)
		}
	}
}

type dummyType struct{}

func (dummyType) Type() string { return "dummy" }

var dummy value.Value = dummyType{}

// insert puts v where it belongs and reports whether that was free, not a dummy's.
func (s *pySet) insert(v value.Value, hash uint64) bool {
	free := -1
	mask := uint64(len(s.table) - 1)
	perturb := hash
	for i := hash & mask; ; i = (i*5 + 1 + perturb) & mask {
		probes := uint64(0)
		if i+linearProbes <= mask {
			probes = linearProbes
		}
		for j := i; j <= i+probes; j++ {
			switch {
			case s.table[j] == dummy:
				free = int(j)
			case s.table[j] == nil && free >= 0:
				s.table[free] = v
				return false
			case s.table[j] == nil:
				s.table[j] = v
				return true
			}
		}
		perturb >>= perturbShift
	}
}

func (s *pySet) resize(atLeast int) {
	size := minTable
	for size <= atLeast {
		size <<= 1
	}
	old := s.table
	s.table = make([]value.Value, size)
	s.fill = s.used
	for _, v := range old {
		if v != nil && v != dummy {
			h, _ := hashOf(v)
			s.insert(v, h)
		}
	}
}

func (s *pySet) items() []value.Value {
	out := make([]value.Value, 0, s.keys.Len())
	if s.plain {
		for v := range s.keys.All() {
			out = append(out, v)
		}
		return out
	}
	for _, v := range s.table {
		if v != nil && v != dummy {
			out = append(out, v)
		}
	}
	return out
}

// merge adds all of o, after making room for it as Python does.
func (s *pySet) merge(o *pySet) {
	if !s.plain && !o.plain {
		if mask := len(s.table) - 1; (s.fill+o.used)*5 >= mask*3 {
			s.resize((s.used + o.used) * 2)
		}
		if s.fill == 0 && len(s.table) == len(o.table) && o.fill == o.used {
			copy(s.table, o.table)
			for v := range o.keys.All() {
				s.keys.Add(v)
			}
			s.used, s.fill = o.used, o.fill
			return
		}
	}
	for _, v := range o.items() {
		s.add(v)
	}
}

func (s *pySet) clone() *pySet {
	c := newPySet(nil)
	c.merge(s)
	return c
}

func (s *pySet) union(o *pySet) *pySet {
	c := s.clone()
	c.merge(o)
	return c
}

// intersect walks the smaller of the two.
func (s *pySet) intersect(o *pySet) *pySet {
	if o.keys.Len() > s.keys.Len() {
		s, o = o, s
	}
	c := newPySet(nil)
	for _, v := range o.items() {
		if s.has(v) {
			c.add(v)
		}
	}
	return c
}

func (s *pySet) discard(v value.Value) {
	s.keys.Delete(v)
	for i, x := range s.table {
		if x != nil && x != dummy && value.Equal(x, v) {
			s.table[i] = dummy
			s.used--
		}
	}
}

func (s *pySet) difference(o *pySet) *pySet {
	if s.keys.Len()>>2 > o.keys.Len() {
		c := s.clone()
		for _, v := range o.items() {
			c.discard(v)
		}
		return c
	}
	c := newPySet(nil)
	for _, v := range s.items() {
		if !o.has(v) {
			c.add(v)
		}
	}
	return c
}

func (s *pySet) symmetricDifference(o *pySet) *pySet {
	c := o.clone()
	for _, v := range s.items() {
		if c.has(v) {
			c.discard(v)
		} else {
			c.add(v)
		}
	}
	return c
}
