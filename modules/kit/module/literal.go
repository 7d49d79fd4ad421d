package module

import (
	"errors"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/churten/churten/jinja/value"
)

var errLiteral = errors.New("malformed literal")

// maxLiteralDepth bounds nesting: the text comes from outside.
const maxLiteralDepth = 100

// literal reads the Python text of a value: what ast.literal_eval takes,
// without complex numbers, Ellipsis and sums.
func literal(s string) (value.Value, error) {
	p := &literalParser{s: s}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.i != len(p.s) {
		return nil, errLiteral
	}
	return v, nil
}

// InventoryLiteral is literal for values of INI inventories, as seen on
// ansible-core 2.19: sets and tuples (brackets may be missing) become lists,
// bytes text; complex numbers and Ellipsis stay the text that Python prints.
func InventoryLiteral(s string) (value.Value, error) {
	p := &literalParser{s: s, data: true}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.peek() == ',' {
		p.i++
		more, _, err := p.items(0, 0)
		if err != nil {
			return nil, err
		}
		v = value.NewList(append([]value.Value{v}, more...)...)
	}
	if p.peek() != 0 || p.i < len(p.s) {
		return nil, errLiteral
	}
	return v, nil
}

type literalParser struct {
	s    string
	i    int
	data bool // what is no data is made data: see InventoryLiteral
}

func (p *literalParser) space() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\t', '\n', '\r', '\f':
			p.i++
		case '#':
			end := strings.IndexByte(p.s[p.i:], '\n')
			if end < 0 {
				p.i = len(p.s)
				return
			}
			p.i += end
		default:
			return
		}
	}
}

func (p *literalParser) peek() byte {
	p.space()
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *literalParser) value(depth int) (value.Value, error) {
	if depth > maxLiteralDepth {
		return nil, errLiteral
	}
	switch c := p.peek(); {
	case c == '{':
		return p.braces(depth)
	case c == '[':
		p.i++
		items, _, err := p.items(']', depth)
		return value.NewList(items...), err
	case c == '(':
		p.i++
		items, comma, err := p.items(')', depth)
		if err == nil && len(items) == 1 && !comma {
			return items[0], nil
		}
		if p.data {
			return value.NewList(items...), err
		}
		return value.NewTuple(items...), err
	case c == '.' && p.data && strings.HasPrefix(p.s[p.i:], "..."):
		p.i += 3
		return value.Str("..."), nil
	case c >= '0' && c <= '9' || c == '.':
		return p.number(1)
	case c == '-' || c == '+':
		p.i++
		p.space()
		sign := 1
		if c == '-' {
			sign = -1
		}
		return p.number(sign)
	case c == '\'' || c == '"':
		return p.strings()
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return p.word()
	}
	return nil, errLiteral
}

func (p *literalParser) items(end byte, depth int) (items []value.Value, comma bool, err error) {
	for {
		if p.peek() == end && (end != 0 || p.i >= len(p.s)) {
			p.i++
			return items, comma, nil
		}
		if len(items) > 0 && !comma {
			return nil, false, errLiteral
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, false, err
		}
		items = append(items, v)
		if comma = p.peek() == ','; comma {
			p.i++
		}
	}
}

// braces reads a dict; a set is a literal too, but none that an argument can use.
func (p *literalParser) braces(depth int) (value.Value, error) {
	p.i++
	if p.data {
		if items, ok := p.set(depth); ok {
			return value.NewList(items...), nil
		}
	}
	d := value.NewDict(4)
	comma := true
	for p.peek() != '}' {
		if !comma {
			return nil, errLiteral
		}
		k, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		switch k.(type) {
		case *value.Dict, *value.List:
			return nil, errLiteral
		}
		if p.peek() != ':' {
			return nil, errLiteral
		}
		p.i++
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		d.Set(k, v)
		if comma = p.peek() == ','; comma {
			p.i++
		}
	}
	p.i++
	return d, nil
}

// set reads the rest of a set, each value once; not ok for what is none.
func (p *literalParser) set(depth int) (items []value.Value, ok bool) {
	start := p.i
	all, _, err := p.items('}', depth)
	if err != nil || len(all) == 0 {
		p.i = start
		return nil, false
	}
	for _, v := range all {
		if !slices.ContainsFunc(items, func(o value.Value) bool { return value.Equal(o, v) }) {
			items = append(items, v)
		}
	}
	return items, true
}

// maxDigits bounds the digits of an integer, as Python does; a text of more is
// no literal.
const maxDigits = 4300

func (p *literalParser) number(sign int) (value.Value, error) {
	start := p.i
	for p.i < len(p.s) {
		c := p.s[p.i]
		exponent := (c == '+' || c == '-') && p.i > start && p.s[p.i-1]|0x20 == 'e' && !strings.HasPrefix(p.s[start:], "0x")
		if !exponent && c != '.' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			break
		}
		p.i++
	}
	text := p.s[start:p.i]
	if strings.HasSuffix(text, "_") || strings.Contains(text, "__") {
		return nil, errLiteral
	}
	plain := strings.ReplaceAll(text, "_", "")
	if len(plain) > maxDigits && !strings.ContainsAny(plain, ".") {
		return nil, errLiteral
	}
	isDecimal := len(plain) > 1 && plain[0] == '0' && plain[1] >= '0' && plain[1] <= '9'
	if n, ok := new(big.Int).SetString(plain, 0); ok && !isDecimal {
		return value.NewInt(n.Mul(n, big.NewInt(int64(sign)))), nil
	}
	if imaginary := strings.TrimRight(plain, "jJ"); p.data && len(plain)-len(imaginary) == 1 {
		f, err := strconv.ParseFloat(imaginary, 64)
		if err != nil || strings.ContainsAny(imaginary, "xXpP") {
			return nil, errLiteral
		}
		return value.Str(strings.TrimSuffix(value.FloatRepr(float64(sign)*f), ".0") + "j"), nil
	}
	f, err := strconv.ParseFloat(plain, 64)
	if errors.Is(err, strconv.ErrRange) {
		err = nil // it is infinite, or zero
	}
	if err != nil || !strings.ContainsAny(plain, ".eE") || strings.ContainsAny(plain, "xXpP") {
		return nil, errLiteral
	}
	return value.Float(float64(sign) * f), nil
}

func (p *literalParser) word() (value.Value, error) {
	start := p.i
	for p.i < len(p.s) && p.s[p.i]|0x20 >= 'a' && p.s[p.i]|0x20 <= 'z' {
		p.i++
	}
	switch w := p.s[start:p.i]; w {
	case "None":
		return value.None, nil
	case "True":
		return value.True, nil
	case "False":
		return value.False, nil
	case "set":
		if rest := p.s[p.i:]; p.data && strings.HasPrefix(rest, "()") {
			p.i += 2
			return value.NewList(), nil
		}
	case "u", "U", "r", "R", "b", "B":
		if p.i < len(p.s) && (p.s[p.i] == '\'' || p.s[p.i] == '"') {
			s, err := p.str(w == "r" || w == "R")
			if err != nil || w != "b" && w != "B" {
				return s, err
			}
			if p.data {
				return s, nil
			}
			return value.Bytes(s), nil
		}
	}
	return nil, errLiteral
}

// strings reads one or several quoted texts in a row, which Python joins.
func (p *literalParser) strings() (value.Value, error) {
	var all value.Str
	for c := p.peek(); c == '\'' || c == '"'; c = p.peek() {
		s, err := p.str(false)
		if err != nil {
			return nil, err
		}
		all += s
	}
	return all, nil
}

func (p *literalParser) str(raw bool) (value.Str, error) {
	quote := p.s[p.i : p.i+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(p.s[p.i:], triple) {
		quote = triple
	}
	p.i += len(quote)
	var b strings.Builder
	for p.i < len(p.s) {
		switch {
		case strings.HasPrefix(p.s[p.i:], quote):
			p.i += len(quote)
			return value.Str(b.String()), nil
		case p.s[p.i] == '\n' && len(quote) == 1:
			return "", errLiteral
		case p.s[p.i] == '\\' && p.i+1 < len(p.s) && raw:
			b.WriteString(p.s[p.i : p.i+2])
			p.i += 2
		case p.s[p.i] == '\\' && p.i+1 < len(p.s):
			if err := p.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(p.s[p.i])
			p.i++
		}
	}
	return "", errLiteral
}

var simpleEscapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', '\\': '\\', '\'': '\'', '"': '"', 'a': 7, 'b': 8, 'f': 12, 'v': 11}

func (p *literalParser) escape(b *strings.Builder) error {
	c := p.s[p.i+1]
	p.i += 2
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	switch {
	case digits > 0:
		if p.i+digits > len(p.s) {
			return errLiteral
		}
		n, err := strconv.ParseUint(p.s[p.i:p.i+digits], 16, 32)
		if err != nil || n > utf8.MaxRune {
			return errLiteral
		}
		b.WriteRune(rune(n))
		p.i += digits
	case c >= '0' && c <= '7':
		n := int(c - '0')
		for k := 0; k < 2 && p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '7'; k++ {
			n = n*8 + int(p.s[p.i]-'0')
			p.i++
		}
		b.WriteRune(rune(n))
	case c == '\n':
	default:
		if e, ok := simpleEscapes[c]; ok {
			b.WriteByte(e)
		} else {
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return nil
}
