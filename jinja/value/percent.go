package value

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"unicode/utf8"
)

// Percent is format % arg. Of arg it looks at what the format names.
func Percent(format string, arg Value) (string, error) {
	p := percent{format: format, arg: arg}
	if t, ok := arg.(*Tuple); ok {
		p.args, p.isTuple = t.Items, true
	} else {
		p.args = []Value{arg}
	}
	return p.run()
}

type percent struct {
	format  string
	arg     Value
	args    []Value
	isTuple bool
	next    int
	keyed   bool
	out     strings.Builder
}

// spec is one conversion: flags, width, precision (-1 if not given).
type spec struct {
	minus, zero, plus, space, alt bool
	width, prec                   int
}

func (p *percent) run() (string, error) {
	f := p.format
	for i := 0; i < len(f); {
		if f[i] != '%' {
			j := strings.IndexByte(f[i:], '%')
			if j < 0 {
				j = len(f) - i
			}
			p.out.WriteString(f[i : i+j])
			i += j
			continue
		}
		n, err := p.conversion(i + 1)
		if err != nil {
			return "", err
		}
		if i = n; p.out.Len() > maxText {
			return "", errTooLong
		}
	}
	if p.next < len(p.args) && !p.keyed && !p.looksLikeMapping() {
		return "", errors.New("not all arguments converted during string formatting")
	}
	return p.out.String(), nil
}

// looksLikeMapping: Python leaves an argument unused that may be asked for items.
func (p *percent) looksLikeMapping() bool {
	switch p.arg.(type) {
	case *Dict, Mapping:
		return !p.isTuple
	case *List, Faulty:
		return p.next == 0
	}
	return false
}

var errIncomplete = errors.New("incomplete format")

// conversion does the one that begins at i, behind the %, and gives where it ends.
func (p *percent) conversion(i int) (int, error) {
	f := p.format
	var val Value
	if i < len(f) && f[i] == '(' {
		end, depth := i+1, 1
		for ; end < len(f) && depth > 0; end++ {
			switch f[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		if depth > 0 {
			return 0, errors.New("incomplete format key")
		}
		key := f[i+1 : end-1]
		var err error
		if val, err = p.key(key); err != nil {
			return 0, err
		}
		i = end
	}
	s := spec{prec: -1}
flags:
	for ; i < len(f); i++ {
		switch f[i] {
		case '-':
			s.minus = true
		case '0':
			s.zero = true
		case '+':
			s.plus = true
		case ' ':
			s.space = true
		case '#':
			s.alt = true
		default:
			break flags
		}
	}
	var err error
	if i, s.width, err = p.number(i, 0); err != nil {
		return 0, err
	}
	if s.width < 0 {
		s.minus, s.width = true, -s.width
	}
	if i < len(f) && f[i] == '.' {
		if i, s.prec, err = p.number(i+1, 0); err != nil {
			return 0, err
		}
		s.prec = max(s.prec, 0)
	}
	for i < len(f) && (f[i] == 'l' || f[i] == 'h' || f[i] == 'L') {
		i++
	}
	if i >= len(f) {
		return 0, errIncomplete
	}
	c, size := utf8.DecodeRuneInString(f[i:])
	if c == '%' {
		p.out.WriteByte('%')
		return i + 1, nil
	}
	if val == nil {
		if val, err = p.take(); err != nil {
			return 0, err
		}
	}
	text, err := s.convert(c, val, utf8.RuneCountInString(f[:i]))
	if err != nil {
		return 0, err
	}
	p.out.WriteString(text)
	return i + size, nil
}

func (p *percent) key(key string) (Value, error) {
	p.keyed = true
	switch d := p.arg.(type) {
	case *Dict:
		v, ok := d.GetStr(key)
		if !ok {
			return nil, errors.New(QuoteRepr(key))
		}
		return Deep(v)
	case Faulty:
		return nil, d.Fault()
	case Mapping:
		v, ok, err := d.MapGet(Str(key))
		if err == nil && !ok {
			err = errors.New(QuoteRepr(key))
		}
		return v, err
	}
	if _, ok := p.arg.(*List); ok {
		return nil, errors.New("list indices must be integers or slices, not str")
	}
	return nil, errors.New("format requires a mapping")
}

func (p *percent) take() (Value, error) {
	if p.next >= len(p.args) {
		return nil, errors.New("not enough arguments for format string")
	}
	p.next++
	return Deep(p.args[p.next-1])
}

// number reads a width or precision, * being an argument.
func (p *percent) number(i, n int) (int, int, error) {
	if i < len(p.format) && p.format[i] == '*' {
		v, err := p.take()
		if err != nil {
			return 0, 0, err
		}
		n64, ok := AsInt(v)
		if !ok {
			return 0, 0, errors.New("* wants int")
		}
		n, i = int(n64), i+1
	} else {
		for ; i < len(p.format) && p.format[i] >= '0' && p.format[i] <= '9' && n <= maxText; i++ {
			n = n*10 + int(p.format[i]-'0')
		}
	}
	if n > maxText || n < -maxText {
		return 0, 0, errTooLong
	}
	return i, n, nil
}

func (s spec) convert(c rune, v Value, at int) (string, error) {
	switch c {
	case 's', 'r', 'a':
		text := ""
		if c == 's' {
			text = Text(v)
		} else {
			text = Repr(v)
		}
		if c == 'a' {
			text = asciiRepr(text)
		}
		if s.prec >= 0 {
			text = cutText(text, s.prec)
		}
		s.zero = false
		return s.pad("", text), nil
	case 'c':
		return s.char(v)
	case 'd', 'i', 'u', 'x', 'X', 'o':
		return s.integer(c, v)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		f, ok := AsFloat(v)
		if !ok {
			return "", fmt.Errorf("must be real number, not %s", v.Type())
		}
		prec := s.prec
		if prec < 0 {
			prec = 6
		}
		sign, text := s.sign(f < 0 || (f == 0 && 1/f < 0)), formatFloat(f, byte(c), prec, s.alt)
		return s.pad(sign, strings.TrimPrefix(text, "-")), nil
	}
	return "", fmt.Errorf("unsupported format character '%c' (0x%x) at index %d", c, c, at)
}

func (s spec) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case s.plus:
		return "+"
	case s.space:
		return " "
	}
	return ""
}

func (s spec) char(v Value) (string, error) {
	s.zero = false
	if text, ok := AsText(v); ok {
		if runeCount(text) != 1 {
			return "", errors.New("%c requires int or char")
		}
		return s.pad("", text), nil
	}
	n, ok := AsInt(v)
	if !ok {
		return "", errors.New("%c requires int or char")
	}
	if n < 0 || n > utf8.MaxRune {
		return "", errors.New("%c arg not in range(0x110000)")
	}
	return s.pad("", string(rune(n))), nil
}

func (s spec) integer(c rune, v Value) (string, error) {
	n, ok := AsBig(v)
	if !ok {
		f, isFloat := v.(Float)
		if !isFloat {
			kind := "a real number"
			if c == 'x' || c == 'X' || c == 'o' {
				kind = "an integer"
			}
			return "", fmt.Errorf("%%%c format: %s is required, not %s", c, kind, v.Type())
		}
		if c == 'x' || c == 'X' || c == 'o' {
			return "", fmt.Errorf("%%%c format: an integer is required, not float", c)
		}
		b, err := floatToInt(float64(f))
		if err != nil {
			return "", err
		}
		n = b
	}
	base, prefix := 10, ""
	switch c {
	case 'x', 'X':
		base, prefix = 16, "0"+string(c)
	case 'o':
		base, prefix = 8, "0o"
	}
	digits := new(big.Int).Abs(n).Text(base)
	if c == 'X' {
		digits = strings.ToUpper(digits)
	}
	if pad := s.prec - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	sign := s.sign(n.Sign() < 0)
	if s.alt {
		sign += prefix
	}
	return s.pad(sign, digits), nil
}

// floatToInt truncates, with Python's errors.
func floatToInt(f float64) (*big.Int, error) {
	if f != f {
		return nil, errors.New("cannot convert float NaN to integer")
	}
	if f-f != 0 {
		return nil, errors.New("cannot convert float infinity to integer")
	}
	i, _ := big.NewFloat(f).Int(nil)
	return i, nil
}

// pad brings sign and text to the width.
func (s spec) pad(sign, text string) string {
	n := s.width - runeCount(sign) - runeCount(text)
	switch {
	case n <= 0:
		return sign + text
	case s.minus:
		return sign + text + strings.Repeat(" ", n)
	case s.zero:
		return sign + strings.Repeat("0", n) + text
	}
	return strings.Repeat(" ", n) + sign + text
}

// cutText gives the first n characters.
func cutText(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func asciiRepr(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}
