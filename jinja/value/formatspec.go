package value

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// fspec is a format specification: [[fill]align][sign][z][#][0][width][grouping][.precision][type].
type fspec struct {
	fill      string
	align     byte
	sign      byte
	alt, zero bool
	width     int
	group     byte
	prec      int // -1: not given
	verb      byte
}

func parseSpec(s, typ string) (fspec, error) {
	f := fspec{fill: " ", prec: -1}
	whole := s
	if s != "" {
		n := runeLen(s)
		if len(s) > n && strings.IndexByte("<>=^", s[n]) >= 0 {
			f.fill, f.align, s = s[:n], s[n], s[n+1:]
		} else if strings.IndexByte("<>=^", s[0]) >= 0 {
			f.align, s = s[0], s[1:]
		}
	}
	if s != "" && strings.IndexByte("+- ", s[0]) >= 0 {
		f.sign, s = s[0], s[1:]
	}
	if s != "" && s[0] == 'z' {
		s = s[1:]
	}
	if s != "" && s[0] == '#' {
		f.alt, s = true, s[1:]
	}
	if s != "" && s[0] == '0' {
		if f.align == 0 {
			f.fill, f.align = "0", '='
		}
		f.zero, s = true, s[1:]
	}
	f.width, s = specNumber(s)
	if s != "" && (s[0] == ',' || s[0] == '_') {
		f.group, s = s[0], s[1:]
		if s != "" && (s[0] == ',' || s[0] == '_') {
			return f, errors.New("Cannot specify both ',' and '_'.")
		}
	}
	if s != "" && s[0] == '.' {
		if len(s) < 2 || s[1] < '0' || s[1] > '9' {
			return f, errors.New("Format specifier missing precision")
		}
		f.prec, s = specNumber(s[1:])
	}
	if len(s) > 1 {
		return f, fmt.Errorf("Invalid format specifier '%s' for object of type '%s'", whole, typ)
	}
	if s != "" {
		f.verb = s[0]
	}
	if f.width > maxText || f.prec > maxText {
		return f, errTooLong
	}
	return f, nil
}

func specNumber(s string) (int, string) {
	n, i := 0, 0
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		if n = n*10 + int(s[i]-'0'); n > maxText {
			n = maxText + 1
		}
	}
	return n, s[i:]
}

// FormatSpec is format(v, spec).
func FormatSpec(v Value, s string) (string, error) {
	switch x := v.(type) {
	case *DateTime:
		if s != "" {
			return Strftime(x.T, s, !x.Naive), nil
		}
	case *Date:
		if s != "" {
			return Strftime(x.T, s, false), nil
		}
	}
	if s == "" {
		return Text(v), nil
	}
	if _, isText := AsText(v); !isText && !isNumber(v) {
		return "", fmt.Errorf("unsupported format string passed to %s.__format__", v.Type())
	}
	f, err := parseSpec(s, v.Type())
	if err != nil {
		return "", err
	}
	if text, ok := AsText(v); ok {
		return f.text(text)
	}
	if b, ok := v.(Bool); ok && f.verb == 's' {
		return "", fmt.Errorf("Unknown format code 's' for object of type '%s'", b.Type())
	}
	if _, isFloat := v.(Float); isFloat || (f.verb != 0 && strings.IndexByte("eEfFgG%", f.verb) >= 0) {
		return f.float(v)
	}
	return f.integer(v)
}

func (f fspec) text(s string) (string, error) {
	switch {
	case f.verb != 0 && f.verb != 's':
		return "", fmt.Errorf("Unknown format code '%c' for object of type 'str'", f.verb)
	case f.sign == ' ':
		return "", errors.New("Space not allowed in string format specifier")
	case f.sign != 0:
		return "", errors.New("Sign not allowed in string format specifier")
	case f.alt:
		return "", errors.New("Alternate form (#) not allowed in string format specifier")
	case f.align == '=' && !f.zero:
		return "", errors.New("'=' alignment not allowed in string format specifier")
	case f.group != 0:
		return "", fmt.Errorf("Cannot specify '%c' with 's'.", f.group)
	}
	if f.prec >= 0 {
		s = cutText(s, f.prec)
	}
	if f.align == 0 || f.align == '=' {
		f.align = '<'
	}
	return f.pad("", s), nil
}

func (f fspec) signOf(negative bool) string {
	switch {
	case negative:
		return "-"
	case f.sign == '+':
		return "+"
	case f.sign == ' ':
		return " "
	}
	return ""
}

func (f fspec) integer(v Value) (string, error) {
	n, _ := AsBig(v)
	if f.prec >= 0 {
		return "", errors.New("Precision not allowed in integer format specifier")
	}
	base, prefix, every := 10, "", 3
	switch f.verb {
	case 0, 'd', 'n':
	case 'x', 'X':
		base, prefix, every = 16, "0"+string(f.verb), 4
	case 'o':
		base, prefix, every = 8, "0o", 4
	case 'b':
		base, prefix, every = 2, "0b", 4
	case 'c':
		if f.sign != 0 {
			return "", errors.New("Sign not allowed with integer format specifier 'c'")
		}
		if f.align == 0 {
			f.align = '<'
		}
		return f.pad("", string(rune(n.Int64()))), nil
	default:
		return "", fmt.Errorf("Unknown format code '%c' for object of type '%s'", f.verb, v.Type())
	}
	if f.group == ',' && base != 10 {
		return "", fmt.Errorf("Cannot specify ',' with '%c'.", f.verb)
	}
	digits := new(big.Int).Abs(n).Text(base)
	if f.verb == 'X' {
		digits = strings.ToUpper(digits)
	}
	sign := f.signOf(n.Sign() < 0)
	if f.alt {
		sign += prefix
	}
	return f.number(sign, digits, "", every), nil
}

func (f fspec) float(v Value) (string, error) {
	x, _ := AsFloat(v)
	if math.IsInf(x, 0) && v.Type() == "int" {
		return "", errors.New("int too large to convert to float")
	}
	prec, verb := f.prec, f.verb
	tail := ""
	switch verb {
	case 0, 'n':
		if prec < 0 && verb == 0 {
			text := strings.TrimPrefix(FloatRepr(x), "-")
			whole, frac := splitNumber(text)
			return f.number(f.signOf(math.Signbit(x)), whole, frac, 3), nil
		}
		if verb = 'g'; prec < 0 {
			prec = 6
		}
		if f.verb == 0 {
			// Like g, but with a digit behind the point.
			text := strings.TrimPrefix(formatFloat(x, 'g', max(prec, 1), false), "-")
			if exp := strings.IndexByte(text, 'e'); exp < 0 && !strings.Contains(text, ".") && x-x == 0 {
				if len(text) >= max(prec, 1) && prec > 0 {
					text = strings.TrimPrefix(formatExp(x, prec-1), "-")
				} else {
					text += ".0"
				}
			}
			whole, frac := splitNumber(text)
			return f.number(f.signOf(math.Signbit(x)), whole, frac, 3), nil
		}
	case '%':
		x, verb, tail = x*100, 'f', "%"
	case 'e', 'E', 'f', 'F', 'g', 'G':
	default:
		return "", fmt.Errorf("Unknown format code '%c' for object of type '%s'", f.verb, v.Type())
	}
	if prec < 0 {
		prec = 6
	}
	text := strings.TrimPrefix(formatFloat(x, verb, prec, f.alt), "-")
	whole, frac := splitNumber(text)
	return f.number(f.signOf(math.Signbit(x) && x == x), whole, frac+tail, 3), nil
}

func formatExp(x float64, prec int) string {
	s := strconv.FormatFloat(x, 'e', prec, 64)
	i := strings.IndexByte(s, 'e')
	return trimZeros(s[:i]) + s[i:]
}

// splitNumber parts the digits before the point from the rest.
func splitNumber(s string) (whole, rest string) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// number groups the digits and pads.
func (f fspec) number(sign, digits, rest string, every int) string {
	if f.align == 0 {
		f.align = '>'
	}
	if f.group != 0 {
		width := 0
		if f.zero && f.align == '=' {
			width = f.width - len(sign) - len(rest)
		}
		digits = grouped(digits, f.group, every, width)
	}
	return f.pad(sign, digits+rest)
}

// grouped puts sep between groups of digits, zeros before them to reach width.
func grouped(digits string, sep byte, every, width int) string {
	for width > 0 && len(digits)+(len(digits)-1)/every < width {
		digits = "0" + digits
	}
	var b strings.Builder
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%every == 0 {
			b.WriteByte(sep)
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}

func (f fspec) pad(sign, s string) string {
	n := f.width - runeCount(sign) - runeCount(s)
	if n <= 0 {
		return sign + s
	}
	switch f.align {
	case '<':
		return sign + s + strings.Repeat(f.fill, n)
	case '^':
		return strings.Repeat(f.fill, n/2) + sign + s + strings.Repeat(f.fill, n-n/2)
	case '=':
		return sign + strings.Repeat(f.fill, n) + s
	}
	return strings.Repeat(f.fill, n) + sign + s
}
