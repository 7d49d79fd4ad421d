package host

import (
	"bytes"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// TestValues sends values out and reads them again: the forms are the same both
// ways, so what comes back has to be what was sent.
func TestValues(t *testing.T) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for _, v := range []value.Value{
		value.None, value.True, value.False, value.Int(-5), value.Float(1), value.Float(1.5e300), value.Float(math.Inf(-1)), value.NewInt(huge),
		value.Str(""), value.Str("ä \x00 \" \\ \n"), value.Str("not \xff UTF-8"), value.Bytes("\x00\xff"), value.Markup("<b>"),
		value.NewList(), value.NewList(value.Int(1), value.NewTuple(value.Int(2), value.NewList())), value.NewTuple(),
		value.NewSet(value.Int(1), value.Str("a")), value.DictOf("z", value.Int(1), "a", value.None),
		value.DictOf(value.Int(1), value.Str("x"), "b", value.DictOf(value.NewTuple(value.Int(1)), value.None)), value.DictOf(tag, value.Int(1)),
		&value.Date{T: time.Date(2020, 5, 6, 0, 0, 0, 0, time.UTC)}, &value.Delta{D: -90061 * time.Second},
		&value.DateTime{T: time.Date(2020, 5, 6, 7, 8, 9, 10000, time.UTC), Naive: true}, &value.DateTime{T: time.Date(2020, 5, 6, 7, 8, 9, 0, time.FixedZone("", 7200))},
		expr.Omit,
	} {
		e := &encoder{}
		if err := e.value(v, 0); err != nil {
			t.Errorf("%s: %v", value.Repr(v), err)
			continue
		}
		got, err := decoder{}.decode(e.b)
		if err != nil {
			t.Errorf("%s: %v in %s", value.Repr(v), err, e.b)
			continue
		}
		if got.Type() != v.Type() || value.Repr(got) != value.Repr(v) {
			t.Errorf("%s %s came back as %s %s", v.Type(), value.Repr(v), got.Type(), value.Repr(got))
		}
	}
}

func TestTrust(t *testing.T) {
	e := &encoder{trusted: func(s value.Str) bool { return s == "{{ mine }}" }}
	if err := e.value(value.Strings("{{ mine }}", "{{ theirs }}", "plain"), 0); err != nil {
		t.Fatal(err)
	}
	var templates []string
	got, err := decoder{template: func(s string) (value.Value, error) {
		templates = append(templates, s)
		return value.Str("template"), nil
	}}.decode(e.b)
	if err != nil || value.Repr(got) != "['template', '{{ theirs }}', 'plain']" || len(templates) != 1 || templates[0] != "{{ mine }}" {
		t.Errorf("%s, templates %q, %v", value.Repr(got), templates, err)
	}
}

func TestRefused(t *testing.T) {
	deep := value.Value(value.NewList())
	for range maxDepth + 1 {
		deep = value.NewList(deep)
	}
	for name, v := range map[string]value.Value{"a function": &expr.Func{Name: "f"}, "too deep": deep} {
		if err := (&encoder{}).value(v, 0); err == nil {
			t.Errorf("%s was encoded", name)
		}
	}
	for _, text := range []string{``, `{`, `{"\u0000": 1}`, `{"\u0000": []}`, `{"\u0000": ["t"]}`, `{"\u0000": ["t", 1]}`, `{"\u0000": ["D", [[[], 1]]]}`,
		`{"\u0000": ["s", [[]]]}`, `{"\u0000": ["b", "?"]}`, `{"\u0000": ["d", "x"]}`, `{"\u0000": ["dt", "x"]}`, `{"\u0000": ["nobody", "x"]}`, `{"\u0000": ["P", "x"]}`, `{"\u0000": ["td", "x"]}`} {
		if v, err := (decoder{}).decode([]byte(text)); err == nil {
			t.Errorf("%s was taken for %s", text, value.Repr(v))
		}
	}
}

func TestFrames(t *testing.T) {
	sent := frame{kind: kindAsk, id: 77, body: []byte("[]")}
	whole, err := sent.bytes()
	if err != nil {
		t.Fatal(err)
	}
	got, err := readFrame(bytes.NewReader(whole))
	if err != nil || got.kind != sent.kind || got.id != sent.id || string(got.body) != "[]" {
		t.Errorf("%+v, %v", got, err)
	}
	for n := range len(whole) {
		if _, err := readFrame(bytes.NewReader(whole[:n])); err == nil {
			t.Errorf("a frame cut off after %d bytes was read", n)
		}
	}
	if _, err := readFrame(bytes.NewReader([]byte{0xff, 0xff, 0xff, 0xff, 'R', 0, 0, 0, 0})); err == nil {
		t.Error("a frame of 4 GiB was taken")
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`[1, {"a": null}]`, `{"\u0000": ["D", [[1, 2]]]}`, `{"\u0000": ["dt", "2020-01-02T03:04:05+01:00"]}`, `{"\u0000":["s",[1,{"\u0000":["t",[2]]}]]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := decoder{}.decode(text)
		if err != nil {
			return
		}
		if _, isObject := v.(*Object); isObject {
			return
		}
		e := &encoder{}
		if e.value(v, 0) != nil {
			return
		}
		again, err := decoder{}.decode(e.b)
		if err != nil || value.Repr(again) != value.Repr(v) {
			t.Errorf("%q: %s, then %s (%v)", text, value.Repr(v), value.Repr(again), err)
		}
	})
}
