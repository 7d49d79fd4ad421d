package yaml

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
)

// resolve gives what a plain scalar stands for by the rules of the YAML 1.1
// type repository (yaml.org/type) in PyYAML's reading of them: octal is 0644,
// floats need a dot and a signed exponent, single letters y and n are text.
// ok is false for "<<" and "=", which stand for nothing outside keys.
func resolve(s string) (v value.Value, ok bool, err error) {
	if s == "" {
		return value.None, true, nil
	}
	switch c := s[0]; {
	case c == '~' || c == 'n' || c == 'N' || c == 'y' || c == 'Y' || c == 't' || c == 'T' || c == 'f' || c == 'F' || c == 'o' || c == 'O':
		if v, ok := words[s]; ok {
			return v, true, nil
		}
	case c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.':
		v, err := number(s)
		if v != nil || err != nil {
			return v, true, err
		}
	case s == "<<" || s == "=":
		return nil, false, nil
	}
	return value.Str(s), true, nil
}

var words = map[string]value.Value{
	"~": value.None, "null": value.None, "Null": value.None, "NULL": value.None,
	"yes": value.True, "Yes": value.True, "YES": value.True, "no": value.False, "No": value.False, "NO": value.False,
	"true": value.True, "True": value.True, "TRUE": value.True, "false": value.False, "False": value.False, "FALSE": value.False,
	"on": value.True, "On": value.True, "ON": value.True, "off": value.False, "Off": value.False, "OFF": value.False,
}

// number reads integers, floats and times; nil if s is none of them.
func number(s string) (value.Value, error) {
	if isFloat(s) {
		return toFloat(s)
	}
	if isInt(s) {
		return toInt(s)
	}
	if s[0] >= '0' && s[0] <= '9' {
		return timestamp(s)
	}
	return nil, nil
}

func unsigned(s string) string {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:]
	}
	return s
}

// span is the length of the longest prefix of s made of bytes that ok accepts.
func span(s string, ok func(byte) bool) int {
	for i := 0; i < len(s); i++ {
		if !ok(s[i]) {
			return i
		}
	}
	return len(s)
}

func digit(c byte) bool       { return c >= '0' && c <= '9' }
func digitOrBar(c byte) bool  { return digit(c) || c == '_' }
func octalOrBar(c byte) bool  { return c >= '0' && c <= '7' || c == '_' }
func binaryOrBar(c byte) bool { return c == '0' || c == '1' || c == '_' }
func hexOrBar(c byte) bool {
	return digitOrBar(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func all(s string, ok func(byte) bool) bool { return s != "" && span(s, ok) == len(s) }

// sixties reports whether s is one or more groups of ":" and a number below 60,
// and gives what follows them.
func sixties(s string) (rest string, ok bool) {
	for strings.HasPrefix(s, ":") {
		n := span(s[1:], digit)
		if n == 0 || n > 2 || n == 2 && s[1] > '5' {
			return s, false
		}
		s, ok = s[1+n:], true
	}
	return s, ok
}

func isInt(s string) bool {
	s = unsigned(s)
	if s == "" {
		return false
	}
	if s[0] == '0' {
		switch {
		case s == "0":
			return true
		case s[1] == 'b':
			return all(s[2:], binaryOrBar)
		case s[1] == 'x':
			return all(s[2:], hexOrBar)
		}
		return all(s[1:], octalOrBar)
	}
	if !digit(s[0]) {
		return false
	}
	rest := s[span(s, digitOrBar):]
	if rest == "" {
		return true
	}
	rest, ok := sixties(rest)
	return ok && rest == ""
}

func isFloat(s string) bool {
	u := unsigned(s)
	switch u {
	case ".inf", ".Inf", ".INF":
		return true
	case ".nan", ".NaN", ".NAN":
		return u == s
	}
	if u == "" {
		return false
	}
	if u[0] == '.' {
		n := span(u[1:], digitOrBar)
		return u == s && n > 0 && u[1] != '_' && isExponent(u[1+n:])
	}
	if !digit(u[0]) {
		return false
	}
	rest := u[span(u, digitOrBar):]
	if after, ok := sixties(rest); ok {
		return strings.HasPrefix(after, ".") && (len(after) == 1 || all(after[1:], digitOrBar))
	}
	if !strings.HasPrefix(rest, ".") {
		return false
	}
	return isExponent(rest[1+span(rest[1:], digitOrBar):])
}

func isExponent(s string) bool {
	if s == "" {
		return true
	}
	return len(s) > 2 && (s[0] == 'e' || s[0] == 'E') && (s[1] == '-' || s[1] == '+') && all(s[2:], digit)
}

func toInt(s string) (value.Value, error) {
	s = strings.ReplaceAll(s, "_", "")
	neg := strings.HasPrefix(s, "-")
	if s = unsigned(s); s == "" {
		return nil, errors.New("string index out of range")
	}
	if len(s) > maxIntText {
		if s[0] != '0' && all(s, digit) {
			return nil, tooManyDigits(len(s))
		}
		return nil, fmt.Errorf("an integer of more than %d characters", maxIntText)
	}
	n := new(big.Int)
	switch {
	case s == "0":
	case strings.HasPrefix(s, "0b"):
		if err := setInt(n, s[2:], 2); err != nil {
			return nil, err
		}
	case strings.HasPrefix(s, "0x"):
		if err := setInt(n, s[2:], 16); err != nil {
			return nil, err
		}
	case strings.HasPrefix(s, "0"):
		if err := setInt(n, s, 8); err != nil {
			return nil, err
		}
	default:
		for i, part := range strings.Split(s, ":") {
			p := new(big.Int)
			if len(part) > maxDigits {
				return nil, tooManyDigits(len(part))
			}
			if err := setInt(p, part, 10); err != nil {
				return nil, err
			}
			if i > 0 {
				n.Mul(n, big.NewInt(60))
			}
			n.Add(n, p)
		}
	}
	if neg {
		n.Neg(n)
	}
	return value.NewInt(n), nil
}

// maxIntText bounds the length of integers as they are written, maxDigits that
// of decimal ones, as Python does.
const (
	maxIntText = 100_000
	maxDigits  = 4300
)

func tooManyDigits(n int) error {
	return fmt.Errorf("Exceeds the limit (%d digits) for integer string conversion: value has %d digits; use sys.set_int_max_str_digits() to increase the limit", maxDigits, n)
}

func setInt(n *big.Int, s string, base int) error {
	if s != "" {
		if _, ok := n.SetString(s, base); ok {
			return nil
		}
	}
	return fmt.Errorf("invalid literal for int() with base %d: %s", base, quoted(s))
}

func toFloat(s string) (value.Value, error) {
	if s = strings.ToLower(strings.ReplaceAll(s, "_", "")); s == "" {
		return nil, errors.New("string index out of range")
	}
	sign := 1.0
	if strings.HasPrefix(s, "-") {
		sign = -1
	}
	s = unsigned(s)
	switch s {
	case ".inf", "inf", "infinity":
		return value.Float(sign * math.Inf(1)), nil
	case ".nan", "nan":
		return value.Float(math.NaN()), nil
	}
	f := 0.0
	for i, part := range strings.Split(s, ":") {
		p, err := strconv.ParseFloat(part, 64)
		if err != nil && !math.IsInf(p, 0) || strings.ContainsAny(part, "xpn") {
			return nil, fmt.Errorf("could not convert string to float: %s", quoted(s))
		}
		if i > 0 {
			f *= 60
		}
		f += p
	}
	return value.Float(sign * f), nil
}

// timestamp reads dates and times; nil if s is neither. What looks like one but
// is on no calendar is an error, as it is for Python.
func timestamp(s string) (value.Value, error) {
	var t stamp
	if !t.parse(s) {
		return nil, nil
	}
	switch {
	case t.year < 1:
		return nil, fmt.Errorf("year %d is out of range", t.year)
	case t.month < 1 || t.month > 12:
		return nil, fmt.Errorf("month must be in 1..12")
	case t.day < 1 || t.day > time.Date(t.year, time.Month(t.month)+1, 0, 0, 0, 0, 0, time.UTC).Day():
		return nil, fmt.Errorf("day is out of range for month")
	case t.hour > 23:
		return nil, fmt.Errorf("hour must be in 0..23")
	case t.minute > 59:
		return nil, fmt.Errorf("minute must be in 0..59")
	case t.second > 59:
		return nil, fmt.Errorf("second must be in 0..59")
	}
	if !t.clock {
		return &value.Date{T: time.Date(t.year, time.Month(t.month), t.day, 0, 0, 0, 0, time.UTC)}, nil
	}
	loc := time.UTC
	if t.offset != 0 {
		if t.offset <= -24*60 || t.offset >= 24*60 {
			return nil, fmt.Errorf("offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24).")
		}
		loc = time.FixedZone("", t.offset*60)
	}
	return &value.DateTime{T: time.Date(t.year, time.Month(t.month), t.day, t.hour, t.minute, t.second, t.micro*1000, loc), Naive: !t.zone}, nil
}

type stamp struct {
	year, month, day, hour, minute, second, micro, offset int

	clock, zone bool
	rest        string
}

func (t *stamp) num(min, max int, into *int) bool {
	n := span(t.rest, digit)
	if n > max {
		n = max
	}
	if n < min {
		return false
	}
	*into, _ = strconv.Atoi(t.rest[:n])
	t.rest = t.rest[n:]
	return true
}

func (t *stamp) lit(c byte) bool {
	if t.rest == "" || t.rest[0] != c {
		return false
	}
	t.rest = t.rest[1:]
	return true
}

func (t *stamp) blanks() int {
	n := span(t.rest, func(c byte) bool { return c == ' ' || c == '\t' })
	t.rest = t.rest[n:]
	return n
}

func (t *stamp) parse(s string) bool {
	t.rest = s
	if !t.num(4, 4, &t.year) || !t.lit('-') || !t.num(1, 2, &t.month) || !t.lit('-') || !t.num(1, 2, &t.day) {
		return false
	}
	if t.rest == "" {
		return len(s) == len("2001-01-01")
	}
	t.clock = true
	if !t.lit('T') && !t.lit('t') && t.blanks() == 0 {
		return false
	}
	if !t.num(1, 2, &t.hour) || !t.lit(':') || !t.num(2, 2, &t.minute) || !t.lit(':') || !t.num(2, 2, &t.second) {
		return false
	}
	if t.lit('.') {
		n := span(t.rest, digit)
		t.micro, _ = strconv.Atoi((t.rest[:n] + "000000")[:6])
		t.rest = t.rest[n:]
	}
	t.blanks()
	switch {
	case t.lit('Z'):
		t.zone = true
	case t.rest != "" && (t.rest[0] == '-' || t.rest[0] == '+'):
		neg := t.rest[0] == '-'
		t.rest = t.rest[1:]
		var hours, minutes int
		if !t.num(1, 2, &hours) || t.lit(':') && !t.num(2, 2, &minutes) {
			return false
		}
		t.zone, t.offset = true, hours*60+minutes
		if neg {
			t.offset = -t.offset
		}
	}
	return t.rest == ""
}
