package value

import (
	"errors"
	"strings"
)

func containsText(s, sub string) bool { return strings.Contains(s, sub) }

// ErrNoItem means that a value has no items at all (5[1]).
var ErrNoItem = errors.New("object is not subscriptable")

// Item is v[key], as it is stored (it may be a Thunk). found is false for a key
// or index that is not there or of a type that v has no items for; err is of
// keys that cannot be looked up.
func Item(v, key Value) (item Value, found bool, err error) {
	switch c := v.(type) {
	case *Dict:
		if !Hashable(key) {
			return nil, false, Unhashable(key)
		}
		item, found = c.Get(key)
		return item, found, nil
	case Itemer:
		return c.Item(key)
	case Mapping:
		return c.MapGet(key)
	case Faulty:
		return nil, false, c.Fault()
	}
	n, ok := AsInt(key)
	if !ok {
		return nil, false, nil
	}
	switch c := v.(type) {
	case *List:
		return itemAt(c.Items, n)
	case *Tuple:
		return itemAt(c.Items, n)
	case Str:
		return textAt(string(c), n)
	case Markup:
		return textAt(string(c), n)
	case Bytes:
		if i, ok := wrapIndex(n, len(c)); ok {
			return Int(c[i]), true, nil
		}
	case Range:
		if i, ok := wrapIndex(n, int(c.Len())); ok {
			return Int(c.Start + int64(i)*c.Step), true, nil
		}
	}
	return nil, false, nil
}

func wrapIndex(n int64, size int) (int, bool) {
	if n < 0 {
		n += int64(size)
	}
	return int(n), n >= 0 && n < int64(size)
}

func itemAt(items []Value, n int64) (Value, bool, error) {
	if i, ok := wrapIndex(n, len(items)); ok {
		return items[i], true, nil
	}
	return nil, false, nil
}

func textAt(s string, n int64) (Value, bool, error) {
	if i, ok := wrapIndex(n, len(s)); ok && isASCII(s) {
		return ascii[s[i]], true, nil
	}
	return itemAt(chars(s), n)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Slice is v[start:stop:step]; a bound that was not given is None.
func Slice(v, start, stop, step Value) (Value, error) {
	var size int
	switch v.(type) {
	case *List, *Tuple, Str, Markup, Bytes, Range:
		size, _ = Len(v)
	case *Dict, *Set, Mapping:
		return nil, errors.New("unhashable type: 'slice'")
	default:
		return nil, ErrNoItem
	}
	from, by, n, err := sliceBounds(size, start, stop, step)
	if err != nil {
		return nil, err
	}
	switch c := v.(type) {
	case *List:
		return &List{Items: sliceItems(c.Items, from, by, n), Lazy: c.Lazy}, nil
	case *Tuple:
		return &Tuple{Items: sliceItems(c.Items, from, by, n)}, nil
	case Range:
		return Range{c.Start + int64(from)*c.Step, c.Start + int64(from+n*by)*c.Step, c.Step * int64(by)}, nil
	case Bytes:
		out := make([]byte, n)
		for i := range out {
			out[i] = c[from+i*by]
		}
		return Bytes(out), nil
	}
	s, _ := AsText(v)
	s = sliceText(s, from, by, n)
	if _, ok := v.(Markup); ok {
		return Markup(s), nil
	}
	return Str(s), nil
}

func sliceItems(items []Value, from, by, n int) []Value {
	out := make([]Value, n)
	for i := range out {
		out[i] = items[from+i*by]
	}
	return out
}

func sliceText(s string, from, by, n int) string {
	if isASCII(s) {
		if by == 1 {
			return s[from : from+n]
		}
		out := make([]byte, n)
		for i := range out {
			out[i] = s[from+i*by]
		}
		return string(out)
	}
	var b strings.Builder
	parts := chars(s)
	for i := range n {
		b.WriteString(string(parts[from+i*by].(Str)))
	}
	return b.String()
}

var errSliceIndex = errors.New("slice indices must be integers or None or have an __index__ method")

// sliceBounds gives the first index, the step and the count of a slice's items.
func sliceBounds(size int, start, stop, step Value) (from, by, n int, err error) {
	by64 := int64(1)
	if step != None {
		if by64, err = Index(step); err != nil {
			return 0, 0, 0, errSliceIndex
		}
		if by64 == 0 {
			return 0, 0, 0, errors.New("slice step cannot be zero")
		}
	}
	// Steps beyond the size all mean the same.
	by = int(max(min(by64, int64(size)+1), -int64(size)-1))
	low, high := 0, size
	if by < 0 {
		low, high = -1, size-1
	}
	from, to := low, high
	if by < 0 {
		from, to = high, low
	}
	if from, err = clampIndex(start, size, low, high, from); err != nil {
		return 0, 0, 0, err
	}
	if to, err = clampIndex(stop, size, low, high, to); err != nil {
		return 0, 0, 0, err
	}
	return from, by, int(Range{int64(from), int64(to), int64(by)}.Len()), nil
}

func clampIndex(v Value, size, low, high, def int) (int, error) {
	if v == None {
		return def, nil
	}
	n, err := Index(v)
	if err != nil {
		if _, ok := v.(*BigInt); !ok {
			return 0, errSliceIndex
		}
		b, _ := AsBig(v)
		n = int64(b.Sign()) * int64(size+1)
		if n < 0 {
			n -= int64(size)
		}
	}
	if n < 0 {
		n += int64(size)
	}
	return int(max(min(n, int64(high)), int64(low))), nil
}
