package yaml

import (
	"encoding/hex"
	"encoding/json"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
)

func TestDumpAsReference(t *testing.T) {
	var recorded struct {
		Cases []struct {
			Value any
			Nice  bool
			Opts  map[string]any
			Out   string
			Error string
		}
	}
	load(t, "testdata/dump.json", &recorded)
	if len(recorded.Cases) < 1000 {
		t.Fatalf("only %d cases", len(recorded.Cases))
	}
	failed := 0
	for _, c := range recorded.Cases {
		if c.Error != "" { // a matter of the filter's arguments
			continue
		}
		o := DumpOptions{SortKeys: true}
		if c.Nice {
			o.Indent, o.Flow = 4, Block
		}
		for k, v := range c.Opts {
			set(t, &o, k, v)
		}
		got, err := Dump(untyped(t, c.Value), o)
		if err != nil {
			t.Errorf("%v: %v", c.Value, err)
		}
		if got != c.Out {
			if failed++; failed < 30 {
				t.Errorf("%v %v nice %v:\n got %q\nwant %q", c.Value, c.Opts, c.Nice, got, c.Out)
			}
		}
	}
	if failed > 0 {
		t.Errorf("%d of %d differ", failed, len(recorded.Cases))
	}
}

func set(t *testing.T, o *DumpOptions, k string, v any) {
	switch k {
	case "indent":
		o.Indent = int(v.(float64))
	case "width":
		o.Width = int(v.(float64))
	case "sort_keys":
		o.SortKeys = v.(bool)
	case "default_flow_style":
		b := v.(bool)
		o.Flow = &b
	case "explicit_start":
		o.ExplicitStart = v.(bool)
	case "explicit_end":
		o.ExplicitEnd = v.(bool)
	case "allow_unicode":
		o.ASCII = !v.(bool)
	case "default_style":
		o.Style = v.(string)[0]
	case "canonical":
		o.Canonical = v.(bool)
	case "line_break":
		o.LineBreak = v.(string)
	default:
		t.Fatalf("option %s", k)
	}
}

// untyped makes the value that record.py wrote.
func untyped(t *testing.T, x any) value.Value {
	t.Helper()
	pair := x.([]any)
	list := func() []value.Value {
		var out []value.Value
		for _, i := range pair[1].([]any) {
			out = append(out, untyped(t, i))
		}
		return out
	}
	text := ""
	if len(pair) > 1 {
		text, _ = pair[1].(string)
	}
	switch pair[0] {
	case "none":
		return value.None
	case "bool":
		return value.Bool(text == "True")
	case "int":
		n, _ := new(big.Int).SetString(text, 10)
		return value.NewInt(n)
	case "float":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return value.Float(f)
	case "str":
		return value.Str(text)
	case "bytes":
		b, _ := hex.DecodeString(text)
		return value.Bytes(b)
	case "list":
		return value.NewList(list()...)
	case "tuple":
		return value.NewTuple(list()...)
	case "set":
		return value.NewSet(list()...)
	case "dict":
		d := value.NewDict(0)
		for _, kv := range pair[1].([]any) {
			d.Set(untyped(t, kv.([]any)[0]), untyped(t, kv.([]any)[1]))
		}
		return d
	case "date":
		d, err := time.Parse("2006-01-02", text)
		if err != nil {
			t.Fatal(err)
		}
		return &value.Date{T: d}
	case "datetime":
		for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05-07:00"} {
			if d, err := time.Parse(layout, text); err == nil {
				return &value.DateTime{T: d, Naive: len(layout) < 20}
			}
		}
	}
	t.Fatalf("cannot make %v", x)
	return nil
}

// FuzzDump holds that what is written reads back as it was.
func FuzzDump(f *testing.F) {
	f.Add("a\n b: 'x'", 4, true)
	f.Add("\ttab  \n\n", 2, false)
	f.Fuzz(func(t *testing.T, s string, indent int, nice bool) {
		b, err := json.Marshal(s)
		if err != nil || json.Unmarshal(b, &s) != nil { // makes it UTF-8
			t.Skip()
		}
		in := value.DictOf("k", value.NewList(value.Str(s), value.None), "l", value.Str(s))
		o := DumpOptions{SortKeys: true, Indent: indent}
		if nice {
			o.Flow = Block
		}
		text, err := Dump(in, o)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := Parse([]byte(text), "")
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		v, err := doc.Value()
		if err != nil || value.Repr(v) != value.Repr(in) {
			t.Errorf("%q: %s, %v; want %s", text, value.Repr(v), err, value.Repr(in))
		}
	})
}
