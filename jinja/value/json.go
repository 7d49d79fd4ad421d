package value

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON are the switches of JSON text, as json.dumps has them.
type JSON struct {
	Indent     int    // spaces per level; below zero: all on one line
	IndentText string // instead of Indent
	SortKeys   bool
	ItemSep    string // ", " if empty ("," with indentation)
	KeySep     string // ": " if empty
	KeepUTF8   bool   // ensure_ascii=False
	NoNaN      bool   // allow_nan=False
	// Default gives what to write instead of a value that JSON has no form for;
	// nil: dates as their text, sets and tuples as lists, everything else raises.
	Default func(Value) (Value, error)
}

// Compact is JSON on one line.
var Compact = JSON{Indent: -1}

// Append gives dst with the JSON text of v behind it. Thunks and undefined
// values in v are to be forced before (Deep).
func (j JSON) Append(dst []byte, v Value) ([]byte, error) {
	w := jsonWriter{JSON: j, b: dst}
	if w.IndentText == "" && j.Indent > 0 {
		w.IndentText = strings.Repeat(" ", j.Indent)
	}
	w.pretty = j.Indent >= 0 || j.IndentText != ""
	if w.ItemSep == "" {
		if w.ItemSep = ", "; w.pretty {
			w.ItemSep = ","
		}
	}
	if w.KeySep == "" {
		w.KeySep = ": "
	}
	err := w.value(v, 0)
	return w.b, err
}

// Text gives the JSON text of v.
func (j JSON) Text(v Value) (string, error) {
	b, err := j.Append(nil, v)
	return string(b), err
}

type jsonWriter struct {
	JSON
	b      []byte
	pretty bool
}

func (w *jsonWriter) value(v Value, depth int) error {
	if depth > maxDepth {
		return errors.New("Circular reference detected")
	}
	switch x := v.(type) {
	case NoneType:
		w.b = append(w.b, "null"...)
	case Bool:
		w.b = strconv.AppendBool(w.b, bool(x))
	case Int:
		w.b = strconv.AppendInt(w.b, int64(x), 10)
	case *BigInt:
		w.b = x.N.Append(w.b, 10)
	case Float:
		return w.float(float64(x))
	case Str:
		w.b = AppendJSONString(w.b, string(x), !w.KeepUTF8)
	case Markup:
		w.b = AppendJSONString(w.b, string(x), !w.KeepUTF8)
	case *List:
		return w.items(x.Items, depth)
	case *Tuple:
		return w.items(x.Items, depth)
	case *Dict:
		return w.dict(x, depth)
	default:
		return w.other(v, depth)
	}
	return nil
}

func (w *jsonWriter) other(v Value, depth int) error {
	if w.Default != nil {
		v, err := w.Default(v)
		if err != nil {
			return err
		}
		return w.value(v, depth+1)
	}
	switch x := v.(type) {
	case *Set:
		return w.items(x.d.keys, depth)
	case *DateTime:
		w.b = AppendJSONString(w.b, isoFormat(x, 'T'), true)
		return nil
	case *Date:
		w.b = AppendJSONString(w.b, dateText(x), true)
		return nil
	case Bytes:
		w.b = AppendJSONString(w.b, string(x), !w.KeepUTF8)
		return nil
	case Mapping:
		d := NewDict(0)
		if err := merge(d, x); err != nil {
			return err
		}
		return w.dict(d, depth)
	case Thunk:
		got, err := x.Force()
		if err != nil {
			return err
		}
		return w.value(got, depth+1)
	case Faulty:
		return x.Fault()
	}
	return fmt.Errorf("Object of type %s is not JSON serializable", v.Type())
}

func (w *jsonWriter) float(f float64) error {
	s := FloatRepr(f)
	if f-f != 0 {
		if w.NoNaN {
			return errors.New("Out of range float values are not JSON compliant: " + s)
		}
		s = strings.NewReplacer("inf", "Infinity", "nan", "NaN").Replace(s)
	}
	w.b = append(w.b, s...)
	return nil
}

func (w *jsonWriter) newline(depth int) {
	if w.pretty {
		w.b = append(w.b, '\n')
		for range depth {
			w.b = append(w.b, w.IndentText...)
		}
	}
}

func (w *jsonWriter) items(items []Value, depth int) error {
	if len(items) == 0 {
		w.b = append(w.b, "[]"...)
		return nil
	}
	w.b = append(w.b, '[')
	for i, item := range items {
		if i > 0 {
			w.b = append(w.b, w.ItemSep...)
		}
		w.newline(depth + 1)
		if err := w.value(item, depth+1); err != nil {
			return err
		}
	}
	w.newline(depth)
	w.b = append(w.b, ']')
	return nil
}

func (w *jsonWriter) dict(d *Dict, depth int) error {
	if d.Len() == 0 {
		w.b = append(w.b, "{}"...)
		return nil
	}
	keys, vals := d.keys, d.vals
	if w.SortKeys {
		keys, vals = d.Keys(), append([]Value(nil), d.vals...)
		// Items go along with their keys.
		if err := SortBy(vals, keys, false); err != nil {
			return err
		}
	}
	w.b = append(w.b, '{')
	for i, k := range keys {
		if i > 0 {
			w.b = append(w.b, w.ItemSep...)
		}
		w.newline(depth + 1)
		if err := w.key(k); err != nil {
			return err
		}
		w.b = append(w.b, w.KeySep...)
		if err := w.value(vals[i], depth+1); err != nil {
			return err
		}
	}
	w.newline(depth)
	w.b = append(w.b, '}')
	return nil
}

func (w *jsonWriter) key(k Value) error {
	var s string
	switch x := k.(type) {
	case Str:
		s = string(x)
	case Markup:
		s = string(x)
	case NoneType:
		s = "null"
	case Bool:
		s = strconv.FormatBool(bool(x))
	case Int, *BigInt:
		s = Repr(x)
	case Float:
		s = strings.NewReplacer("inf", "Infinity", "nan", "NaN").Replace(Repr(x))
	case *DateTime, *Date:
		s = Text(x)
	default:
		return fmt.Errorf("keys must be str, int, float, bool or None, not %s", k.Type())
	}
	w.b = AppendJSONString(w.b, s, !w.KeepUTF8)
	return nil
}

const hexDigits = "0123456789abcdef"

// AppendJSONString appends s as a JSON string; with ascii, everything beyond
// ASCII as \u escapes.
func AppendJSONString(b []byte, s string, ascii bool) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			bad := r == utf8.RuneError && n == 1
			if !ascii && !bad {
				i += n
				continue
			}
			b = append(b, s[start:i]...)
			switch {
			case bad:
				b = appendEscape(b, 0xdc00+rune(c)) // surrogateescape
			case r > 0xffff:
				hi, lo := utf16.EncodeRune(r)
				b = appendEscape(appendEscape(b, hi), lo)
			default:
				b = appendEscape(b, r)
			}
			i += n
			start = i
			continue
		}
		if c == 0x7f && !ascii {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		default:
			b = appendEscape(b, rune(c))
		}
		i++
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

func appendEscape(b []byte, r rune) []byte {
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
