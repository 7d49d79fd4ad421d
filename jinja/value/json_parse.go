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
	if v, err := p.number(); v != nil || err != nil {
		return v, err
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
// maxIntDigits bounds integers that are written in decimal, as Python does.
const maxIntDigits = 4300

func (p *jsonParser) number() (Value, error) {
	start := p.i
	i := start
	if p.s[i] == '-' {
		i++
	}
	end := p.digits(i)
	if end == i {
		return nil, nil
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
		return Float(f), nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return Int(n), nil
	}
	if n := end - i; n > maxIntDigits {
		return nil, fmt.Errorf("Exceeds the limit (%d digits) for integer string conversion: value has %d digits; use sys.set_int_max_str_digits() to increase the limit", maxIntDigits, n)
	}
	n, _ := new(big.Int).SetString(text, 10)
	return NewInt(n), nil
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
