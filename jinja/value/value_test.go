package value

import (
	"math"
	"math/big"
	"testing"
	"time"
)

// The messages are those of functions with these parameters, seen on Python 3.11.
func TestUnpack(t *testing.T) {
	kw := func(pairs ...any) *Dict { return DictOf(pairs...) }
	for _, c := range []struct {
		args []Value
		kw   *Dict
		want string
	}{
		{[]Value{Str("p")}, nil, ""},
		{[]Value{Str("p"), Int(2)}, nil, ""},
		{[]Value{Str("p")}, kw("start", Int(2), "strict", True), ""},
		{nil, kw("path", Str("p")), ""},
		{nil, nil, "f() missing 1 required positional argument: 'path'"},
		{[]Value{Str("p"), Int(1), Int(2)}, nil, "f() takes from 1 to 2 positional arguments but 3 were given"},
		{[]Value{Str("p")}, kw("nope", Int(1)), "f() got an unexpected keyword argument 'nope'"},
		{[]Value{Str("p")}, kw("path", Str("q")), "f() got multiple values for argument 'path'"},
		{[]Value{Str("p"), Str("x")}, nil, "'str' object cannot be interpreted as an integer"},
	} {
		var path string
		var start int
		var strict bool
		err := Unpack("f", c.args, c.kw, "path", &path, "start?", &start, "*", nil, "strict?", &strict)
		got := ""
		if err != nil {
			got = err.Error()
		} else if path != "p" {
			t.Errorf("%v %v: path is %q", c.args, c.kw, path)
		}
		if got != c.want {
			t.Errorf("%v %v: %q, want %q", c.args, c.kw, got, c.want)
		}
	}
	var a, b, d Value
	err := Unpack("f", nil, nil, "a", &a, "b", &b, "d", &d)
	if want := "f() missing 3 required positional arguments: 'a', 'b', and 'd'"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	var rest []Value
	var kwrest *Dict
	if err := Unpack("f", []Value{Int(1), Int(2), Int(3)}, kw("k", Int(4)), "a", &a, "*rest", &rest, "**kw", &kwrest); err != nil {
		t.Fatal(err)
	}
	if a != Int(1) || len(rest) != 2 || Repr(kwrest) != "{'k': 4}" {
		t.Errorf("a %v, rest %v, kw %v", a, rest, kwrest)
	}
}

func TestDict(t *testing.T) {
	d := NewDict(0)
	for i := range 40 {
		d.Set(Int(i), Str("v"))
	}
	d.Set(Float(3), Str("three")) // the same key
	d.Set(True, Str("one"))
	if v, _ := d.Get(Int(3)); v != Str("three") || d.Len() != 40 {
		t.Errorf("3 is %v of %d", v, d.Len())
	}
	if v, _ := d.Get(Int(1)); v != Str("one") {
		t.Errorf("1 is %v", v)
	}
	d.Set(&BigInt{new(big.Int).Lsh(big.NewInt(1), 70)}, Str("big"))
	if v, _ := d.Get(&BigInt{new(big.Int).Lsh(big.NewInt(1), 70)}); v != Str("big") {
		t.Errorf("2**70 is %v", v)
	}
	for i := range 35 {
		d.Delete(Int(i))
	}
	if got := Repr(d); got != "{35: 'v', 36: 'v', 37: 'v', 38: 'v', 39: 'v', 1180591620717411303424: 'big'}" {
		t.Errorf("after deleting: %s", got)
	}
	mapped := d.MapValues(func(Value) Value { return None })
	mapped.Set(Str("new"), None)
	d.Set(Str("other"), None)
	if _, ok := d.GetStr("new"); ok || mapped.Len() != 7 || d.Len() != 7 {
		t.Error("a dict made by MapValues shares its keys")
	}
}

type countingThunk struct{ n *int }

func (countingThunk) Type() string            { return "thunk" }
func (c countingThunk) Force() (Value, error) { *c.n++; return Int(*c.n), nil }

func TestDeep(t *testing.T) {
	n := 0
	plain := NewList(Int(1))
	lazy := &List{Items: []Value{countingThunk{&n}, plain}, Lazy: true}
	d := DictOf("a", lazy, "t", NewTuple(NewTuple(countingThunk{&n})))
	d.Lazy = true
	v, err := Deep(d)
	if err != nil {
		t.Fatal(err)
	}
	if got := Repr(v); got != "{'a': [1, [1]], 't': ((2,),)}" {
		t.Errorf("deep: %s", got)
	}
	if again, _ := Deep(v); again != v {
		t.Error("what is plain was copied")
	}
	if _, isThunk := lazy.Items[0].(countingThunk); !isThunk {
		t.Error("Deep changed its argument")
	}
}

// As printed by Python 3.11.
func TestRepr(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	at := time.Date(2024, 2, 29, 13, 5, 0, 1500_000, time.UTC)
	for _, c := range []struct {
		v          Value
		repr, text string
	}{
		{&DateTime{T: at, Naive: true}, "datetime.datetime(2024, 2, 29, 13, 5, 0, 1500)", "2024-02-29 13:05:00.001500"},
		{&DateTime{T: at.Truncate(time.Second), Naive: true}, "datetime.datetime(2024, 2, 29, 13, 5)", "2024-02-29 13:05:00"},
		{&DateTime{T: at.Truncate(time.Second).In(zone)}, "datetime.datetime(2024, 2, 29, 15, 5, tzinfo=datetime.timezone(datetime.timedelta(seconds=7200)))", "2024-02-29 15:05:00+02:00"},
		{&Date{T: at.Truncate(24 * time.Hour)}, "datetime.date(2024, 2, 29)", "2024-02-29"},
		{&Delta{D: 36*time.Hour + time.Second}, "datetime.timedelta(days=1, seconds=43201)", "1 day, 12:00:01"},
		{&Delta{D: -time.Second}, "datetime.timedelta(days=-1, seconds=86399)", "-1 day, 23:59:59"},
		{&Delta{}, "datetime.timedelta(0)", "0:00:00"},
		{NewSet(), "set()", "set()"},
		{NewSet(Int(1), Str("a"), Float(1)), "{1, 'a'}", "{1, 'a'}"},
		{Bytes("a'\n\xff\\"), `b"a'\n\xff\\"`, `b"a'\n\xff\\"`},
		{Markup("<b>"), "Markup('<b>')", "<b>"},
		{Range{0, 10, 2}, "range(0, 10, 2)", "range(0, 10, 2)"},
		{Str("a\xffb\u00a0\u200b\U0001f600\x7f"), `'a\udcffb\xa0\u200b😀\x7f'`, "a\xffb\u00a0\u200b\U0001f600\x7f"},
		{Float(math.Inf(-1)), "-inf", "-inf"},
	} {
		if got := Repr(c.v); got != c.repr {
			t.Errorf("repr %s, want %s", got, c.repr)
		}
		if got := Text(c.v); got != c.text {
			t.Errorf("str %s, want %s", got, c.text)
		}
	}
}

// As Python's json module reads, and refuses, them.
func TestParseJSON(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"b": 1, "a": [1.0, 1e2, -0, -0.0, 12345678901234567890], "b": 2}`, "{'b': 2, 'a': [1.0, 100.0, 0, -0.0, 12345678901234567890]}"},
		{`"\u00e9\ud83d\ude00\/\b"`, `'é😀/\x08'`},
		{`[NaN, -Infinity]`, "[nan, -inf]"},
		{"", "Expecting value: line 1 column 1 (char 0)"},
		{"[1,\n x]", "Expecting value: line 2 column 2 (char 5)"},
		{"[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"},
		{`{"a" 1}`, "Expecting ':' delimiter: line 1 column 6 (char 5)"},
		{`{a: 1}`, "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"},
		{`{"a": 1} x`, "Extra data: line 1 column 10 (char 9)"},
		{"01", "Extra data: line 1 column 2 (char 1)"},
		{`"a`, "Unterminated string starting at: line 1 column 1 (char 0)"},
		{"\"a\n\"", "Invalid control character at: line 1 column 3 (char 2)"},
		{`"\x"`, `Invalid \escape: line 1 column 2 (char 1)`},
		{`"\u12"`, `Invalid \uXXXX escape: line 1 column 3 (char 2)`},
	} {
		v, err := ParseJSON(c.in)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = Repr(v)
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.in, got, c.want)
		}
	}
}
