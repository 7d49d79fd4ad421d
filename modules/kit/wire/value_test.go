package wire

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
)

func sampleValues() []value.Value {
	huge, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	big1 := new(big.Int).Lsh(big.NewInt(1), 64)
	keys := value.NewDict(4)
	keys.Set(value.Int(1), value.Str("int"))
	keys.Set(value.NewTuple(value.Str("a"), value.None), value.True)
	keys.Set(value.None, value.Float(1.5))
	keys.Set(value.Bytes("\x00\xff"), value.NewList())
	many := value.NewDict(0)
	for i := range 3000 {
		many.Set(value.Int(3000-i), value.Str(strings.Repeat("x", i%40)))
	}
	return []value.Value{
		value.None, value.True, value.False,
		value.Int(0), value.Int(-1), value.Int(127), value.Int(128), value.Int(math.MaxInt64), value.Int(math.MinInt64),
		value.NewInt(huge), value.NewInt(big1),
		value.Float(0), value.Float(-2.5), value.Float(math.Inf(1)), value.Float(math.MaxFloat64),
		value.Str(""), value.Str("äöü\n"), value.Str("not \xff utf-8 \x00"), value.Str(strings.Repeat("long", 30000)),
		value.Bytes(""), value.Bytes("\x00\x01\xff"),
		value.NewList(), value.NewList(value.Int(1), value.NewList(value.Str("x"))),
		value.NewTuple(), value.NewTuple(value.Int(1), value.Str("2")),
		value.DictOf("z", value.Int(1), "a", value.Int(2), "m", value.DictOf()), keys, many,
		value.NewSet(), value.NewSet(value.Str("b"), value.Str("a")),
		value.Range{Start: 1, Stop: 10, Step: -2},
		&value.DateTime{T: time.Date(2024, 2, 29, 23, 59, 59, 123456000, time.UTC), Naive: true},
		&value.DateTime{T: time.Date(1969, 1, 1, 0, 0, 0, 1000, time.FixedZone("CEST", 7200))},
		&value.Date{T: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		&value.Delta{D: -90 * time.Minute},
	}
}

func TestValuesComeBack(t *testing.T) {
	for _, v := range sampleValues() {
		b, err := AppendValue(nil, v)
		if err != nil {
			t.Errorf("%s: %v", value.Repr(v), err)
			continue
		}
		got, rest, err := ReadValue(append(b, 0x99))
		if err != nil || len(rest) != 1 || rest[0] != 0x99 {
			t.Errorf("%s: rest %x, %v", value.Repr(v), rest, err)
			continue
		}
		if value.Repr(got) != value.Repr(v) || got.Type() != v.Type() {
			t.Errorf("%s came back as %s", value.Repr(v), value.Repr(got))
		}
		again, err := AppendValue(nil, got)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: encodes as %x, then as %x", value.Repr(v), b, again)
		}
		// No prefix of it is a value.
		for n := range min(len(b), 300) {
			if _, _, err := ReadValue(b[:n]); err == nil {
				t.Errorf("%s: %d of its %d bytes are a value", value.Repr(v), n, len(b))
			}
		}
	}
	nan, err := AppendValue(nil, value.Float(math.NaN()))
	got, _, err2 := ReadValue(nan)
	if f, ok := got.(value.Float); err != nil || err2 != nil || !ok || !math.IsNaN(float64(f)) {
		t.Errorf("nan came back as %v", got)
	}
}

type strange struct{}

func (strange) Type() string { return "function" }

func TestValuesThatCannotGo(t *testing.T) {
	deep := value.Value(value.NewList())
	for range 2 * maxDepth {
		deep = value.NewList(deep)
	}
	for _, v := range []value.Value{nil, strange{}, deep, value.DictOf("a", value.NewList(strange{}))} {
		if _, err := AppendValue(nil, v); err == nil {
			t.Errorf("%T was sent", v)
		}
	}
	_, err := AppendValue(nil, value.DictOf("a", value.DictOf("b", strange{})))
	if err == nil || err.Error() != "a: b: a value of type function cannot be sent to the host" {
		t.Error(err)
	}
}

func TestBrokenValues(t *testing.T) {
	for name, b := range map[string]string{
		"empty": "", "unused byte": "\xc1", "list longer than its bytes": "\xdd\xff\xff\xff\xff\xc0", "dict too": "\xdf\xff\xff\xff\xff\xc0\xc0",
		"text too": "\xdb\xff\xff\xff\xffx", "bytes too": "\xc6\xff\xff\xff\xffx", "extension too": "\xc9\xff\xff\xff\xff\x02\x90",
		"extension unknown": "\xc9\x00\x00\x00\x01\x70\x00", "list as key": "\x81\x90\xc0", "list in a set": "\xc9\x00\x00\x00\x02\x03\x91\x90",
		"range without step": "\xc9\x00\x00\x00\x03\x04\x00\x00\x00", "bytes after tuple": "\xc9\x00\x00\x00\x02\x02\x90\x90",
		"uint out of range": "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "int without digits": "\xc9\x00\x00\x00\x01\x01\x00",
		"deep": strings.Repeat("\x91", 100000) + "\xc0",
	} {
		if v, _, err := ReadValue([]byte(b)); err == nil {
			t.Errorf("%s: %s", name, value.Repr(v))
		}
	}
}

func FuzzValue(f *testing.F) {
	for _, v := range sampleValues() {
		b, err := AppendValue(nil, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, _, err := ReadValue(b)
		if err != nil {
			return
		}
		enc, err := AppendValue(nil, v)
		if err != nil {
			if errors.Is(err, errDepth) {
				return
			}
			t.Fatalf("%x was read as %s, which cannot be sent: %v", b, value.Repr(v), err)
		}
		again, rest, err := ReadValue(enc)
		if err != nil || len(rest) > 0 {
			t.Fatalf("%x: %v, %d bytes left", enc, err, len(rest))
		}
		twice, err := AppendValue(nil, again)
		if err != nil || !bytes.Equal(enc, twice) {
			t.Fatalf("%x, then %x: %v", enc, twice, err)
		}
	})
}
