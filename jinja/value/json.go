package value

import (
	"errors"
	"fmt"
	"math"
	"math/big"
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

// ParseJSON reads JSON text as Python's json.loads does: numbers without bound,
// NaN and Infinity, the last of keys that are given twice. Errors have Python's words.
func ParseJSON(s string) (Value, error) {
	p := jsonParser{s: s}
	if strings.HasPrefix(s, "\ufeff") {
		return nil, p.errorAt("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0)
	}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.i < len(p.s) {
		return nil, p.errorAt("Extra data", p.i)
	}
	return v, nil
}

type jsonParser struct {
	s string
	i int
}

// errorAt gives msg with line, column and character as Python counts them.
func (p *jsonParser) errorAt(msg string, at int) error {
	at = min(at, len(p.s))
	line := strings.Count(p.s[:at], "\n") + 1
	col := runeCount(p.s[strings.LastIndexByte(p.s[:at], '\n')+1:at]) + 1
	return fmt.Errorf("%s: line %d column %d (char %d)", msg, line, col, runeCount(p.s[:at]))
}

func (p *jsonParser) space() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\n' || p.s[p.i] == '\t' || p.s[p.i] == '\r') {
		p.i++
	}
}

var jsonWords = []struct {
	word string
	v    Value
}{
	{"null", None}, {"true", True}, {"false", False}, {"NaN", Float(math.NaN())},
	{"Infinity", Float(math.Inf(1))}, {"-Infinity", Float(math.Inf(-1))},
}

func (p *jsonParser) value(depth int) (Value, error) {
	if depth > 5*maxDepth {
		return nil, errors.New("maximum recursion depth exceeded while decoding a JSON array from a unicode string")
	}
	if p.i >= len(p.s) {
		return nil, p.errorAt("Expecting value", p.i)
	}
	switch p.s[p.i] {
	case '"':
		s, err := p.str()
		return Str(s), err
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	}
	for _, w := range jsonWords {
		if strings.HasPrefix(p.s[p.i:], w.word) {
			p.i += len(w.word)
			return w.v, nil
		}
	}
	if v := p.number(); v != nil {
		return v, nil
	}
	return nil, p.errorAt("Expecting value", p.i)
}

func (p *jsonParser) digits(i int) int {
	for i < len(p.s) && p.s[i] >= '0' && p.s[i] <= '9' {
		i++
	}
	return i
}

// number reads as much as is a number; nil if nothing is.
func (p *jsonParser) number() Value {
	start := p.i
	i := start
	if p.s[i] == '-' {
		i++
	}
	end := p.digits(i)
	if end == i {
		return nil
	}
	if p.s[i] == '0' {
		end = i + 1
	}
	isFloat := false
	if end < len(p.s) && p.s[end] == '.' {
		if e := p.digits(end + 1); e > end+1 {
			end, isFloat = e, true
		}
	}
	if end < len(p.s) && p.s[end]|0x20 == 'e' {
		e := end + 1
		if e < len(p.s) && (p.s[e] == '+' || p.s[e] == '-') {
			e++
		}
		if f := p.digits(e); f > e {
			end, isFloat = f, true
		}
	}
	text := p.s[start:end]
	p.i = end
	if isFloat {
		f, _ := strconv.ParseFloat(text, 64) // out of range is infinity
		return Float(f)
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return Int(n)
	}
	n, _ := new(big.Int).SetString(text, 10)
	return NewInt(n)
}

func (p *jsonParser) array(depth int) (Value, error) {
	l := &List{}
	p.i++
	p.space()
	if p.i < len(p.s) && p.s[p.i] == ']' {
		p.i++
		return l, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, v)
		p.space()
		switch {
		case p.i < len(p.s) && p.s[p.i] == ']':
			p.i++
			return l, nil
		case p.i >= len(p.s) || p.s[p.i] != ',':
			return nil, p.errorAt("Expecting ',' delimiter", p.i)
		}
		p.i++
		p.space()
	}
}

func (p *jsonParser) object(depth int) (Value, error) {
	d := NewDict(0)
	p.i++
	p.space()
	if p.i < len(p.s) && p.s[p.i] == '}' {
		p.i++
		return d, nil
	}
	for {
		if p.i >= len(p.s) || p.s[p.i] != '"' {
			return nil, p.errorAt("Expecting property name enclosed in double quotes", p.i)
		}
		k, err := p.str()
		if err != nil {
			return nil, err
		}
		if p.space(); p.i >= len(p.s) || p.s[p.i] != ':' {
			return nil, p.errorAt("Expecting ':' delimiter", p.i)
		}
		p.i++
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		d.Set(Str(k), v)
		p.space()
		switch {
		case p.i < len(p.s) && p.s[p.i] == '}':
			p.i++
			return d, nil
		case p.i >= len(p.s) || p.s[p.i] != ',':
			return nil, p.errorAt("Expecting ',' delimiter", p.i)
		}
		p.i++
		p.space()
	}
}

// str reads a string; p.i is at its first quote.
func (p *jsonParser) str() (string, error) {
	begin := p.i
	i := begin + 1
	for j := i; j < len(p.s) && p.s[j] != '\\' && p.s[j] >= 0x20; j++ {
		if p.s[j] == '"' {
			p.i = j + 1
			return p.s[i:j], nil
		}
	}
	var b []byte
	for i < len(p.s) {
		switch c := p.s[i]; {
		case c == '"':
			p.i = i + 1
			return string(b), nil
		case c < 0x20:
			return "", p.errorAt("Invalid control character at", i)
		case c != '\\':
			b = append(b, c)
			i++
		default:
			var err error
			if b, i, err = p.escape(b, i, begin); err != nil {
				return "", err
			}
		}
	}
	return "", p.errorAt("Unterminated string starting at", begin)
}

var jsonEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (p *jsonParser) escape(b []byte, i, begin int) ([]byte, int, error) {
	if i+1 >= len(p.s) {
		return nil, 0, p.errorAt("Unterminated string starting at", begin)
	}
	c := p.s[i+1]
	if e, ok := jsonEscapes[c]; ok {
		return append(b, e), i + 2, nil
	}
	if c != 'u' {
		return nil, 0, p.errorAt(`Invalid \escape`, i)
	}
	r, ok := p.hex4(i + 2)
	if !ok {
		return nil, 0, p.errorAt(`Invalid \uXXXX escape`, i+1)
	}
	i += 6
	if utf16.IsSurrogate(r) && strings.HasPrefix(p.s[i:], `\u`) {
		if lo, ok := p.hex4(i + 2); ok {
			if full := utf16.DecodeRune(r, lo); full != utf8.RuneError {
				return utf8.AppendRune(b, full), i + 6, nil
			}
		}
	}
	if r >= 0xdc80 && r <= 0xdcff {
		return append(b, byte(r)), i, nil // surrogateescape: the byte it stands for
	}
	return utf8.AppendRune(b, r), i, nil
}

func (p *jsonParser) hex4(i int) (rune, bool) {
	if i+4 > len(p.s) {
		return 0, false
	}
	n, err := strconv.ParseUint(p.s[i:i+4], 16, 16)
	return rune(n), err == nil
}
