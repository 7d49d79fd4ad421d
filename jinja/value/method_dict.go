package value

import (
	"errors"
	"fmt"
)

// dict makes a method that only *Dict has; a Mapping refuses it.
func dict(min, max int, f func(d *Dict, args []Value) (Value, error)) methodDef {
	return methodDef{min: min, max: max, fn: func(recv Value, args []Value) (Value, error) {
		d, ok := recv.(*Dict)
		if !ok {
			return nil, fmt.Errorf("'%s' object cannot be changed", recv.Type())
		}
		return f(d, args)
	}}
}

// The methods keys, values and items give lists: the reference turns their
// views into lists before a template sees them.
var dictMethods = methodTable(func() map[string]methodDef {
	return map[string]methodDef{
		"keys": {fn: func(recv Value, _ []Value) (Value, error) {
			keys, err := Items(recv)
			return &List{Items: append([]Value(nil), keys...)}, err
		}},
		"values":     {fn: dictValues},
		"items":      {fn: dictItems},
		"get":        {min: 1, max: 2, fn: dictGet},
		"copy":       {fn: dictCopy},
		"update":     {kwfn: dictUpdate},
		"setdefault": dict(1, 2, dictSetDefault),
		"pop":        dict(1, 2, dictPop),
		"popitem": dict(0, 0, func(d *Dict, _ []Value) (Value, error) {
			if d.Len() == 0 {
				return nil, errors.New("'popitem(): dictionary is empty'")
			}
			k, v := d.keys[d.Len()-1], d.vals[d.Len()-1]
			d.Delete(k)
			return NewTuple(k, v), nil
		}),
		"clear": dict(0, 0, func(d *Dict, _ []Value) (Value, error) {
			*d = Dict{}
			return None, nil
		}),
		"fromkeys": {min: 1, max: 2, fn: func(_ Value, a []Value) (Value, error) {
			keys, err := Items(a[0])
			if err != nil {
				return nil, err
			}
			v := a[1]
			if v == nil {
				v = None
			}
			out := NewDict(len(keys))
			for _, k := range keys {
				if !Hashable(k) {
					return nil, Unhashable(k)
				}
				out.Set(k, v)
			}
			return out, nil
		}},
	}
})

func dictValues(recv Value, _ []Value) (Value, error) {
	if d, ok := recv.(*Dict); ok {
		return dictOwnValues(d)
	}
	m := recv.(Mapping)
	keys, err := m.MapKeys()
	if err != nil {
		return nil, err
	}
	items := make([]Value, len(keys))
	for i, k := range keys {
		if items[i], _, err = m.MapGet(k); err != nil {
			return nil, err
		}
	}
	return &List{Items: items}, nil
}

// dictOwnValues evaluates each value, though not what is in it.
func dictOwnValues(d *Dict) (Value, error) {
	out := &List{Items: append([]Value(nil), d.vals...)}
	if !d.Lazy {
		return out, nil
	}
	for i, v := range out.Items {
		v, err := Force(v)
		if err != nil {
			return nil, err
		}
		if f, ok := v.(Faulty); ok {
			return nil, f.Fault()
		}
		out.Items[i] = v
		out.Lazy = out.Lazy || IsLazy(v)
	}
	return out, nil
}

func dictItems(recv Value, _ []Value) (Value, error) {
	keys, err := Items(recv)
	if err != nil {
		return nil, err
	}
	vals, err := dictValues(recv, nil)
	if err != nil {
		return nil, err
	}
	l := vals.(*List)
	// One backing array for all pairs.
	pairs := make([]Value, 2*len(keys))
	tuples := make([]Tuple, len(keys))
	for i, k := range keys {
		pair := pairs[2*i : 2*i+2 : 2*i+2]
		pair[0], pair[1] = k, l.Items[i]
		tuples[i].Items = pair
		l.Items[i] = &tuples[i]
	}
	return l, nil
}

func dictGet(recv Value, a []Value) (Value, error) {
	if !Hashable(a[0]) {
		return nil, Unhashable(a[0])
	}
	v, ok, err := Item(recv, a[0])
	switch {
	case err != nil || ok:
		return v, err
	case a[1] != nil:
		return a[1], nil
	}
	return None, nil
}

func dictCopy(recv Value, _ []Value) (Value, error) {
	if d, ok := recv.(*Dict); ok {
		return d.Clone(), nil
	}
	out := NewDict(0)
	return out, merge(out, recv)
}

// merge puts the items of a mapping, or of a sequence of pairs, into d.
func merge(d *Dict, from Value) error {
	switch m := from.(type) {
	case *Dict:
		for k, v := range m.All() {
			d.Set(k, v)
		}
		d.Lazy = d.Lazy || m.Lazy
		return nil
	case Mapping:
		keys, err := m.MapKeys()
		for _, k := range keys {
			var v Value
			if v, _, err = m.MapGet(k); err != nil {
				return err
			}
			d.Set(k, v)
		}
		return err
	}
	items, err := Items(from)
	if err != nil {
		return err
	}
	for i, item := range items {
		if item, err = Force(item); err != nil {
			return err
		}
		pair, err := Items(item)
		if err != nil {
			return fmt.Errorf("cannot convert dictionary update sequence element #%d to a sequence", i)
		}
		if len(pair) != 2 {
			return fmt.Errorf("dictionary update sequence element #%d has length %d; 2 is required", i, len(pair))
		}
		if !Hashable(pair[0]) {
			return Unhashable(pair[0])
		}
		d.Set(pair[0], pair[1])
		d.Lazy = d.Lazy || IsLazy(pair[1])
	}
	return nil
}

// MakeDict is dict(*args, **kw).
func MakeDict(args []Value, kw *Dict) (*Dict, error) {
	if len(args) > 1 {
		return nil, fmt.Errorf("dict expected at most 1 argument, got %d", len(args))
	}
	d := NewDict(0)
	if len(args) == 1 {
		if err := merge(d, args[0]); err != nil {
			return nil, err
		}
	}
	if kw != nil {
		return d, merge(d, kw)
	}
	return d, nil
}

func dictUpdate(recv Value, args []Value, kw *Dict) (Value, error) {
	d, ok := recv.(*Dict)
	if !ok {
		return nil, fmt.Errorf("'%s' object cannot be changed", recv.Type())
	}
	if len(args) > 1 {
		return nil, fmt.Errorf("update expected at most 1 argument, got %d", len(args))
	}
	from, err := MakeDict(args, kw)
	if err != nil {
		return nil, err
	}
	return None, merge(d, from)
}

func dictSetDefault(d *Dict, a []Value) (Value, error) {
	if !Hashable(a[0]) {
		return nil, Unhashable(a[0])
	}
	if v, ok := d.Get(a[0]); ok {
		return v, nil
	}
	v := a[1]
	if v == nil {
		v = None
	}
	d.Set(a[0], v)
	d.Lazy = d.Lazy || IsLazy(v)
	return v, nil
}

func dictPop(d *Dict, a []Value) (Value, error) {
	if !Hashable(a[0]) {
		return nil, Unhashable(a[0])
	}
	v, ok := d.Get(a[0])
	switch {
	case ok:
		d.Delete(a[0])
		return v, nil
	case a[1] != nil:
		return a[1], nil
	}
	return nil, errors.New(Repr(a[0]))
}
