package filter

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addKeys("filesizeformat", "do_filesizeformat", fileSizeFormat)
	addKeys("human_readable", "human_readable", humanReadable)
	addKeys("human_to_bytes", "human_to_bytes", humanToBytes)
}

// sizePrefixes from the smallest up; B is a single byte.
const sizePrefixes = "BKMGTPEZY"

func fileSizeFormat(c *expr.Call) (value.Value, error) {
	var v value.Value
	binary := false
	if err := c.Unpack("value", &v, "binary?", &binary); err != nil {
		return nil, err
	}
	size, err := asFloat(v)
	if err != nil {
		return nil, err
	}
	base, names := int64(1000), []string{"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}
	if binary {
		base, names = 1024, []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}
	}
	switch {
	case size == 1:
		return value.Str("1 Byte"), nil
	case size < float64(base):
		return value.Str(fmt.Sprintf("%d Bytes", int64(size))), nil
	case math.IsNaN(size) || math.IsInf(size, 0):
		return value.Str(fmt.Sprintf("%s %s", strconv.FormatFloat(size, 'f', 1, 64), names[len(names)-1])), nil
	}
	unit := big.NewInt(base)
	exact := big.NewFloat(size)
	for i, name := range names {
		unit.Mul(unit, big.NewInt(base))
		next := new(big.Float).SetInt(unit)
		if exact.Cmp(next) < 0 || i == len(names)-1 {
			f, _ := next.Float64()
			return value.Str(strconv.FormatFloat(float64(base)*size/f, 'f', 1, 64) + " " + name), nil
		}
	}
	return nil, errors.New("unreachable")
}

// asFloat is float(v).
func asFloat(v value.Value) (float64, error) {
	if s, ok := value.AsText(v); ok {
		f, ok := parseFloat(s)
		if !ok {
			return 0, fmt.Errorf("could not convert string to float: %s", value.QuoteRepr(s))
		}
		return f, nil
	}
	f, ok := value.AsFloat(v)
	if !ok {
		return 0, fmt.Errorf("float() argument must be a string or a real number, not '%s'", v.Type())
	}
	return f, nil
}

func humanReadable(c *expr.Call) (value.Value, error) {
	var v, unit value.Value
	bits := false
	if err := c.Unpack("size", &v, "isbits?", &bits, "unit?", &unit); err != nil {
		return nil, err
	}
	base := "Bytes"
	if bits {
		base = "bits"
	}
	suffix, limit := base, 1.0
	for i := len(sizePrefixes) - 1; i >= 0; i-- {
		bound := math.Ldexp(1, 10*i)
		hit := false
		if given(unit) {
			hit = strings.EqualFold(value.Text(unit), sizePrefixes[i:i+1])
		} else {
			below, err := value.Compare(value.Ge, v, value.Float(bound))
			if err != nil {
				return nil, fmt.Errorf("human_readable() failed on bad input: '>=' not supported between instances of '%s' and 'int'", v.Type())
			}
			hit = below
		}
		if hit {
			if limit = bound; i > 0 {
				suffix = sizePrefixes[i:i+1] + base[:1]
			}
			break
		}
	}
	size, ok := value.AsFloat(v)
	if !ok {
		return nil, fmt.Errorf("human_readable() failed on bad input: unsupported operand type(s) for /: '%s' and 'int'", v.Type())
	}
	return value.Str(strconv.FormatFloat(size/limit, 'f', 2, 64) + " " + suffix), nil
}

func humanToBytes(c *expr.Call) (value.Value, error) {
	var v, unit value.Value
	bits := false
	if err := c.Unpack("size", &v, "default_unit?", &unit, "isbits?", &bits); err != nil {
		return nil, err
	}
	n, err := bytesOf(value.Text(v), unit, bits)
	if err != nil {
		return nil, fmt.Errorf("human_to_bytes() can't interpret the input: %w", err)
	}
	return n, nil
}

// wholeUnits are the units that may be written out.
var wholeUnits = []string{"", "kilo", "mega", "giga", "tera", "peta", "exa", "zeta", "yotta"}

func bytesOf(text string, defaultUnit value.Value, bits bool) (value.Value, error) {
	number, unit, ok := splitSize(text)
	if !ok {
		// The reference takes blanks off the end of its messages.
		return nil, errors.New(strings.TrimRightFunc("human_to_bytes() can't interpret following string: "+text, isSpace))
	}
	if unit == "" && given(defaultUnit) {
		unit = value.Text(defaultUnit)
	}
	if unit == "" {
		return truncateHalfEven(number, 0), nil
	}
	power := strings.IndexByte(sizePrefixes, strings.ToUpper(unit)[0])
	if power < 0 {
		return nil, fmt.Errorf("human_to_bytes() failed to convert %s (unit = %s). The suffix must be one of %s", text, unit, "Y, Z, E, P, T, G, M, K, B")
	}
	if err := checkUnit(text, unit, power, bits); err != nil {
		return nil, err
	}
	return truncateHalfEven(number, power), nil
}

// checkUnit refuses bits where bytes are meant and the other way round.
func checkUnit(text, unit string, power int, bits bool) error {
	if len(unit) == 1 {
		return nil
	}
	short, long := "B", "byte"
	if bits {
		short, long = "b", "bit"
	}
	prefix := sizePrefixes[power : power+1]
	if strings.ToLower(unit) == wholeUnits[power]+long || power > 0 && unit == prefix+short {
		return nil
	}
	expect := fmt.Sprintf("expect %s%s or %s", prefix, short, prefix)
	if power == 0 {
		expect = fmt.Sprintf("expect %s or %s", short, long)
	}
	return fmt.Errorf("human_to_bytes() failed to convert %s. Value is not a valid string (%s)", text, expect)
}

// splitSize splits 1.5 GB into number and unit.
func splitSize(text string) (number, unit string, ok bool) {
	i := 0
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	if i < len(text) && text[i] == '.' {
		start := i + 1
		for i++; i < len(text) && isDigit(text[i]); i++ {
		}
		if i == start {
			return "", "", false
		}
	}
	if i == 0 {
		return "", "", false
	}
	number = text[:i]
	unit = strings.TrimFunc(text[i:], isSpace)
	for j := range len(unit) {
		if c := unit[j] | 0x20; c < 'a' || c > 'z' {
			return "", "", false
		}
	}
	return number, unit, true
}

// truncateHalfEven gives number times 1024 to the power, rounded to an integer.
func truncateHalfEven(number string, power int) value.Value {
	f, _ := strconv.ParseFloat(number, 64)
	n, _ := big.NewFloat(math.RoundToEven(math.Ldexp(f, 10*power))).Int(nil)
	return value.NewInt(n)
}
