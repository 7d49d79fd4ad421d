package value

import (
	"errors"
	"fmt"
	"slices"
	"sort"
)

func list(min, max int, f func(l *List, args []Value) (Value, error), names ...string) methodDef {
	return methodDef{min: min, max: max, names: names, fn: func(recv Value, args []Value) (Value, error) {
		return f(recv.(*List), args)
	}}
}

func (l *List) lazyIf(vs ...Value) {
	for _, v := range vs {
		l.Lazy = l.Lazy || IsLazy(v)
	}
}

var listMethods = methodTable(func() map[string]methodDef {
	return map[string]methodDef{
		"append": list(1, 1, func(l *List, a []Value) (Value, error) {
			l.Items = append(l.Items[:len(l.Items):len(l.Items)], a[0])
			l.lazyIf(a[0])
			return None, nil
		}),
		"extend": list(1, 1, func(l *List, a []Value) (Value, error) {
			items, err := Items(a[0])
			if err != nil {
				return nil, err
			}
			l.Items = join(l.Items, items)
			l.lazyIf(items...)
			return None, nil
		}),
		"insert": list(2, 2, func(l *List, a []Value) (Value, error) {
			n, err := Index(a[0])
			if err != nil {
				return nil, err
			}
			size := int64(len(l.Items))
			if n < 0 {
				n = max(n+size, 0)
			}
			l.Items = slices.Insert(slices.Clone(l.Items), int(min(n, size)), a[1])
			l.lazyIf(a[1])
			return None, nil
		}),
		"pop": list(0, 1, listPop),
		"remove": list(1, 1, func(l *List, a []Value) (Value, error) {
			i, err := indexOf(l.Items, a[0], 0, len(l.Items))
			if err != nil {
				return nil, err
			}
			if i < 0 {
				return nil, errors.New("list.remove(x): x not in list")
			}
			l.Items = slices.Delete(slices.Clone(l.Items), i, i+1)
			return None, nil
		}),
		"clear": list(0, 0, func(l *List, _ []Value) (Value, error) {
			l.Items, l.Lazy = nil, false
			return None, nil
		}),
		"copy": list(0, 0, func(l *List, _ []Value) (Value, error) {
			return &List{Items: slices.Clone(l.Items), Lazy: l.Lazy}, nil
		}),
		"reverse": list(0, 0, func(l *List, _ []Value) (Value, error) {
			l.Items = slices.Clone(l.Items)
			slices.Reverse(l.Items)
			return None, nil
		}),
		"sort":  {kwfn: listSort},
		"index": list(1, 3, func(l *List, a []Value) (Value, error) { return indexMethod(l.Items, a, "list") }),
		"count": list(1, 1, func(l *List, a []Value) (Value, error) { return countMethod(l.Items, a[0]) }),
	}
})

var tupleMethods = methodTable(func() map[string]methodDef {
	return map[string]methodDef{
		"index": {min: 1, max: 3, fn: func(recv Value, a []Value) (Value, error) {
			return indexMethod(recv.(*Tuple).Items, a, "tuple")
		}},
		"count": {min: 1, max: 1, fn: func(recv Value, a []Value) (Value, error) {
			return countMethod(recv.(*Tuple).Items, a[0])
		}},
	}
})

var rangeMethods = methodTable(func() map[string]methodDef {
	return map[string]methodDef{
		"index": {min: 1, max: 1, fn: func(recv Value, a []Value) (Value, error) {
			items, err := Items(recv)
			if err != nil {
				return nil, err
			}
			if i, err := indexOf(items, a[0], 0, len(items)); i >= 0 || err != nil {
				return Int(i), err
			}
			return nil, fmt.Errorf("%s is not in range", Repr(a[0]))
		}},
		"count": {min: 1, max: 1, fn: func(recv Value, a []Value) (Value, error) {
			ok, err := Contains(recv, a[0])
			if ok {
				return Int(1), err
			}
			return Int(0), err
		}},
	}
})

func listPop(l *List, a []Value) (Value, error) {
	n, err := intArg(a[0], -1)
	if err != nil {
		return nil, err
	}
	if len(l.Items) == 0 {
		return nil, errors.New("pop from empty list")
	}
	i, ok := wrapIndex(int64(n), len(l.Items))
	if !ok {
		return nil, errors.New("pop index out of range")
	}
	v := l.Items[i]
	l.Items = slices.Delete(slices.Clone(l.Items), i, i+1)
	return v, nil
}

func listSort(recv Value, args []Value, kw *Dict) (Value, error) {
	l := recv.(*List)
	if len(args) > 0 {
		return nil, errors.New("sort() takes no positional arguments")
	}
	reverse := false
	for k, v := range kw.All() {
		switch k.(Str) {
		case "reverse":
			reverse = Truth(v)
		case "key":
			if v != None {
				return nil, fmt.Errorf("'%s' object is not callable", v.Type())
			}
		default:
			return nil, fmt.Errorf("'%s' is an invalid keyword argument for sort()", k)
		}
	}
	items, err := Sorted(l.Items, reverse)
	if err != nil {
		return nil, err
	}
	l.Items = items
	return None, nil
}

// Sorted gives items in order, equal ones as they were, or Python's TypeError.
func Sorted(items []Value, reverse bool) ([]Value, error) {
	items, err := deepAll(items)
	if err != nil {
		return nil, err
	}
	return items, SortBy(items, items, reverse)
}

// SortBy sorts items in place by their keys, in the order of keys; equal keys
// leave items as they were. keys is sorted along, and may be items itself.
func SortBy(items, keys []Value, reverse bool) error {
	s := &sorter{items: items, keys: keys, reverse: reverse, one: len(items) > 0 && &items[0] == &keys[0]}
	sort.Stable(s)
	return s.err
}

type sorter struct {
	items, keys []Value
	reverse     bool
	one         bool
	err         error
}

func (s *sorter) Len() int { return len(s.items) }

func (s *sorter) Swap(i, j int) {
	s.items[i], s.items[j] = s.items[j], s.items[i]
	if !s.one {
		s.keys[i], s.keys[j] = s.keys[j], s.keys[i]
	}
}

func (s *sorter) Less(i, j int) bool {
	if s.err != nil {
		return false
	}
	if s.reverse {
		i, j = j, i
	}
	less, err := Less(s.keys[i], s.keys[j])
	if err != nil {
		s.err = err
	}
	return less
}

// indexOf gives where v is, -1 if it is nowhere. Items are evaluated up to there.
func indexOf(items []Value, v Value, from, to int) (int, error) {
	for i := from; i < to; i++ {
		if ok, err := equalItem(items[i], v); ok || err != nil {
			return i, err
		}
	}
	return -1, nil
}

// equalItem is Equal; the very same object is equal without a look into it.
func equalItem(item, v Value) (bool, error) {
	switch item.(type) {
	case *List, *Dict:
		if item == v {
			return true, nil
		}
	}
	item, err := Deep(item)
	return err == nil && Equal(item, v), err
}

func indexMethod(items []Value, a []Value, kind string) (Value, error) {
	n := len(items)
	from, err := indexArg(a[1], 0)
	if err != nil {
		return nil, err
	}
	to, err := indexArg(a[2], n)
	if err != nil {
		return nil, err
	}
	if from < 0 {
		from = max(from+n, 0)
	}
	if to < 0 {
		to += n
	}
	if i, err := indexOf(items, a[0], from, min(to, n)); i >= 0 || err != nil {
		return Int(i), err
	}
	if kind == "tuple" {
		return nil, errors.New("tuple.index(x): x not in tuple")
	}
	return nil, fmt.Errorf("%s is not in list", Repr(a[0]))
}

func countMethod(items []Value, v Value) (Value, error) {
	n := 0
	for _, item := range items {
		ok, err := equalItem(item, v)
		if err != nil {
			return nil, err
		}
		if ok {
			n++
		}
	}
	return Int(n), nil
}
