package filter

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addKeys("abs", "abs", abs)
	addTop("int", "do_int", toInt)
	addTop("float", "do_float", toFloat)
	addKeys("round", "do_round", round)
	addKeys("log", "logarithm", logarithm)
	addKeys("pow", "power", power)
	addKeys("root", "inversepower", root)
}

func abs(c *expr.Call) (value.Value, error) {
	v, err := oneArg(c)
	if err != nil {
		return nil, err
	}
	switch n := v.(type) {
	case value.Float:
		return value.Float(math.Abs(float64(n))), nil
	case *value.Delta:
		if n.D < 0 {
			return &value.Delta{D: -n.D}, nil
		}
		return n, nil
	}
	n, ok := value.AsBig(v)
	if !ok {
		return nil, fmt.Errorf("bad operand type for abs(): '%s'", v.Type())
	}
	return value.NewInt(new(big.Int).Abs(n)), nil
}

func toInt(c *expr.Call) (value.Value, error) {
	var v value.Value
	var def value.Value = value.Int(0)
	var base value.Value = value.Int(10)
	if err := c.Unpack("value", &v, "default?", &def, "base?", &base); err != nil {
		return nil, err
	}
	if s, ok := value.AsText(v); ok {
		radix, err := value.Index(base)
		if n, ok := parseInt(s, int(radix)); ok && err == nil {
			return n, nil
		}
		f, ok := parseFloat(s)
		if !ok || math.IsNaN(f) || math.IsInf(f, 0) {
			return def, nil
		}
		return truncated(f)
	}
	if f, ok := v.(value.Float); ok {
		if math.IsNaN(float64(f)) {
			return def, nil
		}
		return truncated(float64(f))
	}
	if n, ok := value.AsBig(v); ok {
		return value.NewInt(n), nil
	}
	return def, nil
}

func truncated(f float64) (value.Value, error) {
	if math.IsInf(f, 0) {
		return nil, errors.New("cannot convert float infinity to integer")
	}
	n, _ := big.NewFloat(f).Int(nil)
	return value.NewInt(n), nil
}

// parseInt reads an integer as Python's int() does: space around, a sign,
// underscores between digits, a prefix that fits the base, digits of any script.
func parseInt(s string, base int) (value.Value, bool) {
	s = strings.TrimFunc(s, isSpace)
	if base != 0 && (base < 2 || base > 36) {
		return nil, false
	}
	neg := strings.HasPrefix(s, "-")
	if neg || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	s, base = cutPrefix(s, base)
	digits, ok := plainDigits(s)
	if !ok || base < 0 {
		return nil, false
	}
	// Python's bound for bases whose numbers take quadratic time.
	const maxDigits = 4300
	if len(digits) > maxDigits && base&(base-1) != 0 {
		return nil, false
	}
	n, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, false
	}
	if neg {
		n.Neg(n)
	}
	return value.NewInt(n), true
}

// cutPrefix takes 0x, 0o and 0b off where base is theirs or 0. It gives -1 as
// base for a number that base 0 does not allow.
func cutPrefix(s string, base int) (string, int) {
	if len(s) > 1 && s[0] == '0' {
		of := map[byte]int{'x': 16, 'o': 8, 'b': 2}[s[1]|0x20]
		if of != 0 && (base == 0 || base == of) {
			return strings.TrimPrefix(s[2:], "_"), of
		}
		if base == 0 && strings.Trim(s, "0_") != "" {
			return s, -1
		}
	}
	if base == 0 {
		base = 10
	}
	return s, base
}

// plainDigits drops underscores between digits and writes digits of other scripts in ASCII.
func plainDigits(s string) (string, bool) {
	if s == "" || s[0] == '_' || s[len(s)-1] == '_' || strings.Contains(s, "__") || s[0] == '+' || s[0] == '-' {
		return "", false
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_':
			return -1
		case r > unicode.MaxASCII && unicode.IsDigit(r):
			return '0' + decimalValue(r)
		}
		return r
	}, s), true
}

// decimalValue gives the value of a decimal digit: scripts have their ten in a row.
func decimalValue(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	return 0
}

// parseFloat reads a float as Python's float() does.
func parseFloat(s string) (float64, bool) {
	s = strings.TrimFunc(s, isSpace)
	if strings.ContainsRune(s, '_') {
		for i := range len(s) {
			if s[i] == '_' && (i == 0 || i == len(s)-1 || !isDigit(s[i-1]) || !isDigit(s[i+1])) {
				return 0, false
			}
		}
		s = strings.ReplaceAll(s, "_", "")
	}
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case "inf", "infinity", "nan":
	default:
		for _, r := range s {
			if r < unicode.MaxASCII && !strings.ContainsRune("0123456789.eE+-", r) {
				return 0, false
			}
		}
	}
	if unicoded, ok := plainDigits(strings.TrimLeft(s, "+-")); ok && unicoded != strings.TrimLeft(s, "+-") {
		s = s[:len(s)-len(strings.TrimLeft(s, "+-"))] + unicoded
	}
	if strings.EqualFold(s, "-nan") || strings.EqualFold(s, "+nan") {
		return math.NaN(), true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return f, true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isSpace is str.isspace of one character.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f
}

func toFloat(c *expr.Call) (value.Value, error) {
	var v value.Value
	var def value.Value = value.Float(0)
	if err := c.Unpack("value", &v, "default?", &def); err != nil {
		return nil, err
	}
	if s, ok := value.AsText(v); ok {
		if f, ok := parseFloat(s); ok {
			return value.Float(f), nil
		}
		return def, nil
	}
	if f, ok := value.AsFloat(v); ok {
		return value.Float(f), nil
	}
	return def, nil
}

func round(c *expr.Call) (value.Value, error) {
	var v value.Value
	var precision value.Value = value.Int(0)
	method := "common"
	if err := c.Unpack("value", &v, "precision?", &precision, "method?", &method); err != nil {
		return nil, err
	}
	digits := 0
	if method == "common" || method == "ceil" || method == "floor" {
		n, err := value.Index(precision)
		if err != nil && method != "common" {
			_, err = value.Arith(value.Pow, value.Int(10), precision)
		}
		if err != nil {
			return nil, err
		}
		digits = int(n)
	}
	switch method {
	case "common":
		return roundHalfEven(v, digits)
	case "ceil":
		return roundBy(math.Ceil, v, digits)
	case "floor":
		return roundBy(math.Floor, v, digits)
	}
	return nil, errors.New("method must be common, ceil or floor")
}

// roundHalfEven is Python's round(v, digits).
func roundHalfEven(v value.Value, digits int) (value.Value, error) {
	if f, ok := v.(value.Float); ok {
		if digits < 0 {
			unit := math.Pow(10, float64(-digits))
			return value.Float(math.RoundToEven(float64(f)/unit) * unit), nil
		}
		r, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'f', min(digits, 400), 64), 64)
		return value.Float(r), err
	}
	n, ok := value.AsBig(v)
	if !ok {
		return nil, fmt.Errorf("type %s doesn't define __round__ method", v.Type())
	}
	if digits >= 0 {
		return value.NewInt(n), nil
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(min(-digits, 10000))), nil)
	quo, rem := new(big.Int).DivMod(n, unit, new(big.Int))
	switch twice := rem.Lsh(rem, 1); twice.Cmp(unit) {
	case 0:
		quo.Add(quo, big.NewInt(int64(quo.Bit(0))))
	case 1:
		quo.Add(quo, big.NewInt(1))
	}
	return value.NewInt(quo.Mul(quo, unit)), nil
}

func roundBy(fn func(float64) float64, v value.Value, digits int) (value.Value, error) {
	f, ok := value.AsFloat(v)
	if !ok {
		return nil, fmt.Errorf("must be real number, not %s", v.Type())
	}
	unit := math.Pow(10, float64(digits))
	return value.Float(fn(f*unit) / unit), nil
}

var errDomain = errors.New("math domain error")

// real gives a number as C's double, with the error of Python's math functions.
func real(v value.Value) (float64, error) {
	f, ok := value.AsFloat(v)
	if !ok {
		return 0, fmt.Errorf("must be real number, not %s", v.Type())
	}
	return f, nil
}

func logarithm(c *expr.Call) (value.Value, error) {
	var x value.Value
	var base value.Value = value.Float(math.E)
	if err := c.Unpack("x", &x, "base?", &base); err != nil {
		return nil, err
	}
	f, err := real(x)
	if err != nil {
		return nil, fmt.Errorf("log() can only be used on numbers: %w", err)
	}
	b, err := real(base)
	if err != nil {
		return nil, fmt.Errorf("log() can only be used on numbers: %w", err)
	}
	switch {
	case f <= 0 || b <= 0:
		return nil, errDomain
	case b == 10:
		return value.Float(math.Log10(f)), nil
	case b == 1:
		return nil, errors.New("float division by zero")
	}
	return value.Float(naturalLog(f) / naturalLog(b)), nil
}

func power(c *expr.Call) (value.Value, error) {
	var x, y value.Value
	if err := c.Unpack("x", &x, "y", &y); err != nil {
		return nil, err
	}
	a, err := real(x)
	if err != nil {
		return nil, fmt.Errorf("pow() can only be used on numbers: %w", err)
	}
	b, err := real(y)
	if err != nil {
		return nil, fmt.Errorf("pow() can only be used on numbers: %w", err)
	}
	return floatPow(a, b)
}

func floatPow(a, b float64) (value.Value, error) {
	r := exactPow(a, b)
	switch {
	case math.IsNaN(r) && !math.IsNaN(a) && !math.IsNaN(b), a == 0 && b < 0:
		return nil, errDomain
	case math.IsInf(r, 0) && !math.IsInf(a, 0) && !math.IsInf(b, 0):
		return nil, errors.New("math range error")
	}
	return value.Float(r), nil
}

func root(c *expr.Call) (value.Value, error) {
	var x value.Value
	var base value.Value = value.Int(2)
	if err := c.Unpack("x", &x, "base?", &base); err != nil {
		return nil, err
	}
	wrap := func(err error) error { return fmt.Errorf("root() can only be used on numbers: %w", err) }
	b, ok := value.AsFloat(base)
	if !ok {
		s, isText := value.AsText(base)
		if !isText {
			return nil, wrap(fmt.Errorf("float() argument must be a string or a real number, not '%s'", base.Type()))
		}
		if b, ok = parseFloat(s); !ok {
			return nil, wrap(fmt.Errorf("could not convert string to float: %s", value.QuoteRepr(s)))
		}
	}
	f, err := real(x)
	switch {
	case err != nil && value.Equal(base, value.Int(2)):
		return nil, wrap(err)
	case b == 2:
		if f < 0 {
			return nil, wrap(errDomain)
		}
		return value.Float(math.Sqrt(f)), nil
	case b == 0:
		return nil, errors.New("float division by zero")
	case err != nil:
		return nil, wrap(err)
	}
	v, err := floatPow(f, 1/b)
	if err != nil {
		return nil, wrap(err)
	}
	return v, nil
}
