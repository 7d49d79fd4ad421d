package wire

import (
	"fmt"

	"github.com/churten/churten/jinja/value"
	"github.com/tinylib/msgp/msgp"
)

// encoder builds a body field by field. The first error stays.
type encoder struct {
	b   []byte
	err error
}

func (e *encoder) str(ss ...string) {
	for _, s := range ss {
		e.b = msgp.AppendString(e.b, s)
	}
}

func (e *encoder) int(ns ...int64) {
	for _, n := range ns {
		e.b = msgp.AppendInt64(e.b, n)
	}
}

func (e *encoder) bool(vs ...bool) {
	for _, v := range vs {
		e.b = msgp.AppendBool(e.b, v)
	}
}

func (e *encoder) bytes(p []byte) { e.b = msgp.AppendBytes(e.b, p) }

func (e *encoder) strs(ss []string) {
	e.b = msgp.AppendArrayHeader(e.b, uint32(len(ss)))
	e.str(ss...)
}

// dict writes None for nil.
func (e *encoder) dict(d *value.Dict) {
	var v value.Value = value.None
	if d != nil {
		v = d
	}
	if e.err == nil {
		e.b, e.err = AppendValue(e.b, v)
	}
}

// decoder reads a body field by field. After the first error all reads give
// zero values.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", ErrFrame, what)
	}
	d.b = nil
}

func next[T any](d *decoder, read func([]byte) (T, []byte, error)) T {
	var zero T
	if d.err != nil {
		return zero
	}
	v, rest, err := read(d.b)
	if err != nil {
		d.err, d.b = fmt.Errorf("%w: %w", ErrFrame, err), nil
		return zero
	}
	d.b = rest
	return v
}

func (d *decoder) str() string { return next(d, msgp.ReadStringBytes) }
func (d *decoder) int() int64  { return next(d, msgp.ReadInt64Bytes) }
func (d *decoder) bool() bool  { return next(d, msgp.ReadBoolBytes) }

// bytes gives a part of the body, not a copy.
func (d *decoder) bytes() []byte { return next(d, msgp.ReadBytesZC) }

func (d *decoder) strs() []string {
	n := d.count()
	if n == 0 {
		return nil
	}
	ss := make([]string, 0, prealloc(n))
	for range n {
		ss = append(ss, d.str())
		if d.err != nil {
			return nil
		}
	}
	return ss
}

// count reads the length of a list; each item takes a byte at least.
func (d *decoder) count() uint32 {
	n := next(d, msgp.ReadArrayHeaderBytes)
	if uint64(n) > uint64(len(d.b)) {
		d.fail("list longer than its body")
		return 0
	}
	return n
}

// dict gives nil for None.
func (d *decoder) dict() *value.Dict {
	v := next(d, ReadValue)
	switch v := v.(type) {
	case *value.Dict:
		return v
	case nil, value.NoneType:
		return nil
	}
	d.fail("no dict where one belongs")
	return nil
}

// end gives the error, one of its own when something is left over.
func (d *decoder) end() error {
	if d.err == nil && len(d.b) > 0 {
		d.fail("body longer than its message")
	}
	return d.err
}
