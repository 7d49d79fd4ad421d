package host

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// Values cross as JSON. What JSON has no word for is a dict whose one key is
// tag, with a list of the kind and what belongs to it: see py/codec.py for the
// other end.
const tag = "\x00"

const maxDepth = 1000

// encoder writes values for Python.
type encoder struct {
	b []byte
	// trusted tells texts that may be templates; nil for none.
	trusted func(value.Str) bool
	// handle keeps a value that Python asks the items of one by one, and gives
	// the number it is known by.
	handle func(value.Value) int
}

func (e *encoder) tagged(kind string, parts ...any) error {
	e.b = append(e.b, "{\"\\u0000\":[\""...)
	e.b = append(append(e.b, kind...), '"')
	for _, p := range parts {
		e.b = append(e.b, ',')
		switch p := p.(type) {
		case string:
			e.b = value.AppendJSONString(e.b, p, true)
		case int64:
			e.b = strconv.AppendInt(e.b, p, 10)
		case bool:
			e.b = strconv.AppendBool(e.b, p)
		case func() error:
			if err := p(); err != nil {
				return err
			}
		}
	}
	e.b = append(e.b, "]}"...)
	return nil
}

func (e *encoder) value(v value.Value, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("a value nested deeper than %d levels cannot be handed to Python", maxDepth)
	}
	switch x := v.(type) {
	case value.Str:
		return e.text(x)
	case value.Int:
		e.b = strconv.AppendInt(e.b, int64(x), 10)
	case value.Bool:
		e.b = strconv.AppendBool(e.b, bool(x))
	case value.NoneType:
		e.b = append(e.b, "null"...)
	case *value.BigInt:
		e.b = x.N.Append(e.b, 10)
	case value.Float:
		e.float(float64(x))
	case *value.List:
		return e.items(x.Items, depth)
	case *value.Dict:
		return e.dict(x, depth)
	default:
		return e.other(v, depth)
	}
	return nil
}

func (e *encoder) text(s value.Str) error {
	if e.trusted != nil && (strings.Contains(string(s), "{{") || strings.Contains(string(s), "{%") || strings.Contains(string(s), "{#")) && e.trusted(s) {
		return e.tagged("T", string(s))
	}
	e.b = value.AppendJSONString(e.b, string(s), true)
	return nil
}

func (e *encoder) float(f float64) {
	switch {
	case math.IsNaN(f):
		e.b = append(e.b, "NaN"...)
	case math.IsInf(f, 1):
		e.b = append(e.b, "Infinity"...)
	case math.IsInf(f, -1):
		e.b = append(e.b, "-Infinity"...)
	default:
		n := len(e.b)
		e.b = strconv.AppendFloat(e.b, f, 'g', -1, 64)
		if !strings.ContainsAny(string(e.b[n:]), ".e") {
			e.b = append(e.b, ".0"...) // an integer is another type
		}
	}
}

func (e *encoder) items(items []value.Value, depth int) error {
	e.b = append(e.b, '[')
	for i, item := range items {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		if err := e.value(item, depth+1); err != nil {
			return err
		}
	}
	e.b = append(e.b, ']')
	return nil
}

func (e *encoder) dict(d *value.Dict, depth int) error {
	for k := range d.All() {
		if s, ok := k.(value.Str); !ok || string(s) == tag {
			return e.tagged("D", func() error { return e.pairs(d, depth) })
		}
	}
	e.b = append(e.b, '{')
	first := true
	for k, v := range d.All() {
		if !first {
			e.b = append(e.b, ',')
		}
		first = false
		e.b = append(value.AppendJSONString(e.b, string(k.(value.Str)), true), ':')
		if err := e.value(v, depth+1); err != nil {
			return err
		}
	}
	e.b = append(e.b, '}')
	return nil
}

// pairs writes a dict whose keys are not all text.
func (e *encoder) pairs(d *value.Dict, depth int) error {
	items := make([]value.Value, 0, d.Len())
	for k, v := range d.All() {
		items = append(items, value.NewList(k, v))
	}
	return e.items(items, depth)
}

func (e *encoder) other(v value.Value, depth int) error {
	switch x := v.(type) {
	case *value.Tuple:
		return e.tagged("t", func() error { return e.items(x.Items, depth) })
	case *value.Set:
		var items []value.Value
		for item := range x.All() {
			items = append(items, item)
		}
		return e.tagged("s", func() error { return e.items(items, depth) })
	case value.Bytes:
		return e.tagged("b", base64.StdEncoding.EncodeToString([]byte(x)))
	case value.Markup:
		return e.tagged("m", string(x))
	case value.Range:
		return e.tagged("r", x.Start, x.Stop, x.Step)
	case *value.DateTime:
		layout := "2006-01-02T15:04:05.000000"
		if !x.Naive {
			layout += "-07:00"
		}
		return e.tagged("dt", x.T.Format(layout))
	case *value.Date:
		return e.tagged("d", x.T.Format("2006-01-02"))
	case *value.Delta:
		return e.tagged("td", int64(x.D/time.Microsecond))
	case *Object:
		return e.tagged("P", x.id)
	case *expr.Undefined:
		return e.tagged("u", x.Name, x.Msg)
	case *expr.Template:
		return e.tagged("T", x.Source())
	case value.NamedTuple:
		return e.other(x.Tuple(), depth)
	}
	if expr.IsOmit(v) {
		return e.tagged("o")
	}
	if m, ok := v.(value.Mapping); ok && e.handle != nil {
		return e.tagged("M", int64(e.handle(m)), m.Type())
	}
	if t, ok := v.(value.Thunk); ok {
		v, err := t.Force()
		if err != nil {
			return err
		}
		return e.value(v, depth+1)
	}
	if t, ok := v.(value.Texter); ok && v.Type() == "str" {
		return e.text(value.Str(t.Text()))
	}
	if f, ok := v.(value.Faulty); ok {
		return f.Fault()
	}
	if it, ok := v.(value.Iterable); ok {
		items, err := it.Items()
		if err != nil {
			return err
		}
		return e.items(items, depth)
	}
	return fmt.Errorf("a value of type '%s' cannot be handed to a Python plugin", v.Type())
}
