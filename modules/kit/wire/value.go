package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/tinylib/msgp/msgp"
)

// The extension types. Their payload is MessagePack again, save extInt's,
// which is a sign byte and the magnitude, big endian.
const (
	extInt      = 1 // sign, magnitude
	extTuple    = 2 // array
	extSet      = 3 // array
	extRange    = 4 // start, stop, step
	extDateTime = 5 // seconds, nanoseconds, naive, zone, offset
	extDate     = 6 // seconds
	extDelta    = 7 // nanoseconds
)

// maxDepth bounds the nesting of values, which the encoder and the decoder
// follow by recursion.
const maxDepth = 500

var errDepth = fmt.Errorf("value is nested more than %d deep", maxDepth)

// AppendValue adds the encoding of v. Thunks are forced; functions, undefined
// values and templates cannot be sent.
func AppendValue(b []byte, v value.Value) ([]byte, error) { return appendValue(b, v, 0) }

func appendValue(b []byte, v value.Value, depth int) ([]byte, error) {
	if depth > maxDepth {
		return b, errDepth
	}
	switch v := v.(type) {
	case nil:
		return b, errors.New("no value to send")
	case value.NoneType:
		return msgp.AppendNil(b), nil
	case value.Bool:
		return msgp.AppendBool(b, bool(v)), nil
	case value.Int:
		return msgp.AppendInt64(b, int64(v)), nil
	case value.Float:
		return msgp.AppendFloat64(b, float64(v)), nil
	case value.Str:
		return msgp.AppendString(b, string(v)), nil
	case value.Bytes:
		b = msgp.AppendBytesHeader(b, uint32(len(v)))
		return append(b, v...), nil
	case *value.List:
		return appendItems(b, v.Items, depth)
	case *value.Dict:
		b = msgp.AppendMapHeader(b, uint32(v.Len()))
		var err error
		for k, item := range v.All() {
			if b, err = appendValue(b, k, depth+1); err != nil {
				return b, err
			}
			if b, err = appendValue(b, item, depth+1); err != nil {
				return b, fmt.Errorf("%s: %w", keyName(k), err)
			}
		}
		return b, nil
	case value.Thunk:
		forced, err := v.Force()
		if err != nil {
			return b, err
		}
		return appendValue(b, forced, depth+1)
	}
	return appendExt(b, v, depth)
}

func keyName(k value.Value) string {
	if s, ok := k.(value.Str); ok {
		return string(s)
	}
	return k.Type() + " key"
}

func appendItems(b []byte, items []value.Value, depth int) ([]byte, error) {
	b = msgp.AppendArrayHeader(b, uint32(len(items)))
	var err error
	for _, item := range items {
		if b, err = appendValue(b, item, depth+1); err != nil {
			return b, err
		}
	}
	return b, nil
}

// appendExt writes ext 32 always: the size is filled in afterwards.
func appendExt(b []byte, v value.Value, depth int) ([]byte, error) {
	start := len(b)
	b = append(b, 0xc9, 0, 0, 0, 0, 0)
	var kind byte
	var err error
	switch v := v.(type) {
	case *value.BigInt:
		kind = extInt
		sign := byte(0)
		if v.N.Sign() < 0 {
			sign = 1
		}
		b = append(append(b, sign), v.N.Bytes()...)
	case *value.Tuple:
		kind = extTuple
		b, err = appendItems(b, v.Items, depth)
	case *value.Set:
		kind = extSet
		items := make([]value.Value, 0, v.Len())
		for item := range v.All() {
			items = append(items, item)
		}
		b, err = appendItems(b, items, depth)
	case value.Range:
		kind = extRange
		b = msgp.AppendInt64(msgp.AppendInt64(msgp.AppendInt64(b, v.Start), v.Stop), v.Step)
	case *value.DateTime:
		kind = extDateTime
		zone, offset := v.T.Zone()
		b = msgp.AppendInt64(msgp.AppendInt64(b, v.T.Unix()), int64(v.T.Nanosecond()))
		b = msgp.AppendBool(b, v.Naive)
		b = msgp.AppendInt64(msgp.AppendString(b, zone), int64(offset))
	case *value.Date:
		kind = extDate
		b = msgp.AppendInt64(b, v.T.Unix())
	case *value.Delta:
		kind = extDelta
		b = msgp.AppendInt64(b, int64(v.D))
	default:
		return b, fmt.Errorf("a value of type %s cannot be sent to the host", v.Type())
	}
	b[start+5] = kind
	binary.BigEndian.PutUint32(b[start+1:], uint32(len(b)-start-6))
	return b, err
}

// ReadValue decodes the value at the start of b and gives what follows it.
func ReadValue(b []byte) (value.Value, []byte, error) { return readValue(b, 0) }

func readValue(b []byte, depth int) (value.Value, []byte, error) {
	if depth > maxDepth {
		return nil, b, errDepth
	}
	switch msgp.NextType(b) {
	case msgp.NilType:
		b, err := msgp.ReadNilBytes(b)
		return value.None, b, err
	case msgp.BoolType:
		v, b, err := msgp.ReadBoolBytes(b)
		return value.Bool(v), b, err
	case msgp.IntType, msgp.UintType:
		v, b, err := msgp.ReadInt64Bytes(b)
		return value.Int(v), b, err
	case msgp.Float64Type:
		v, b, err := msgp.ReadFloat64Bytes(b)
		return value.Float(v), b, err
	case msgp.StrType:
		v, b, err := msgp.ReadStringBytes(b)
		return value.Str(v), b, err
	case msgp.BinType:
		v, b, err := msgp.ReadBytesZC(b)
		return value.Bytes(v), b, err
	case msgp.ArrayType:
		items, b, err := readItems(b, depth)
		return &value.List{Items: items}, b, err
	case msgp.MapType:
		return readDict(b, depth)
	}
	if len(b) > 0 && b[0] == 0xc9 {
		return readExt(b, depth)
	}
	return nil, b, fmt.Errorf("%w: no value here", ErrFrame)
}

// prealloc is how many items room is made for on the word of a header; more
// must be seen first.
func prealloc(n uint32) int { return int(min(n, 1024)) }

func readItems(b []byte, depth int) ([]value.Value, []byte, error) {
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil {
		return nil, b, err
	}
	if uint64(n) > uint64(len(b)) {
		return nil, b, fmt.Errorf("%w: list of %d in %d bytes", ErrFrame, n, len(b))
	}
	items := make([]value.Value, 0, prealloc(n))
	for range n {
		var item value.Value
		if item, b, err = readValue(b, depth+1); err != nil {
			return nil, b, err
		}
		items = append(items, item)
	}
	return items, b, nil
}

func readDict(b []byte, depth int) (value.Value, []byte, error) {
	n, b, err := msgp.ReadMapHeaderBytes(b)
	if err != nil {
		return nil, b, err
	}
	if 2*uint64(n) > uint64(len(b)) {
		return nil, b, fmt.Errorf("%w: dict of %d in %d bytes", ErrFrame, n, len(b))
	}
	d := value.NewDict(prealloc(n))
	for range n {
		var k, item value.Value
		if k, b, err = readValue(b, depth+1); err != nil {
			return nil, b, err
		}
		if !value.Hashable(k) {
			return nil, b, fmt.Errorf("%w: a %s as key", ErrFrame, k.Type())
		}
		if item, b, err = readValue(b, depth+1); err != nil {
			return nil, b, err
		}
		d.Set(k, item)
	}
	return d, b, nil
}

func readExt(b []byte, depth int) (value.Value, []byte, error) {
	if len(b) < 6 {
		return nil, b, fmt.Errorf("%w: short extension", ErrFrame)
	}
	size, kind, rest := binary.BigEndian.Uint32(b[1:]), b[5], b[6:]
	if uint64(size) > uint64(len(rest)) {
		return nil, b, fmt.Errorf("%w: extension of %d in %d bytes", ErrFrame, size, len(rest))
	}
	p, rest := rest[:size], rest[size:]
	v, p, err := parseExt(kind, p, depth)
	if err == nil && len(p) > 0 {
		err = fmt.Errorf("%w: %d bytes too many in an extension", ErrFrame, len(p))
	}
	return v, rest, err
}

func parseExt(kind byte, p []byte, depth int) (value.Value, []byte, error) {
	switch kind {
	case extInt:
		if len(p) < 2 || p[0] > 1 {
			break
		}
		n := new(big.Int).SetBytes(p[1:])
		if p[0] == 1 {
			n.Neg(n)
		}
		return value.NewInt(n), nil, nil
	case extTuple:
		items, p, err := readItems(p, depth)
		return &value.Tuple{Items: items}, p, err
	case extSet:
		items, p, err := readItems(p, depth)
		for _, item := range items {
			if !value.Hashable(item) {
				return nil, p, fmt.Errorf("%w: a %s in a set", ErrFrame, item.Type())
			}
		}
		return value.NewSet(items...), p, err
	}
	d := decoder{b: p}
	var v value.Value
	switch kind {
	case extRange:
		r := value.Range{Start: d.int(), Stop: d.int(), Step: d.int()}
		if r.Step == 0 {
			d.fail("range without step")
		}
		v = r
	case extDateTime:
		sec, nsec, naive, zone, offset := d.int(), d.int(), d.bool(), d.str(), d.int()
		if offset < -1<<20 || offset > 1<<20 || nsec < 0 || nsec >= 1e9 {
			d.fail("date out of range")
			break
		}
		t := time.Unix(sec, nsec).UTC()
		if zone != "UTC" || offset != 0 {
			t = t.In(time.FixedZone(zone, int(offset)))
		}
		v = &value.DateTime{T: t, Naive: naive}
	case extDate:
		v = &value.Date{T: time.Unix(d.int(), 0).UTC()}
	case extDelta:
		v = &value.Delta{D: time.Duration(d.int())}
	default:
		d.fail("extension of unknown type")
	}
	return v, d.b, d.err
}
