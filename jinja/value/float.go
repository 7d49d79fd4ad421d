package value

import (
	"strconv"
	"strings"
)

// formatFloat formats as C's printf does, with Python's two-digit exponents.
func formatFloat(f float64, verb byte, prec int, alt bool) string {
	upper := verb < 'a'
	lower := verb | 0x20
	if f != f || f-f != 0 {
		s := FloatRepr(f)
		if upper {
			s = strings.ToUpper(s)
		}
		return s
	}
	var s string
	if lower == 'g' {
		s = formatG(f, prec, alt)
	} else {
		s = strconv.FormatFloat(f, lower, prec, 64)
		if alt && prec == 0 {
			s = addPoint(s)
		}
	}
	if upper {
		s = strings.ToUpper(s)
	}
	return s
}

func addPoint(s string) string {
	if i := strings.IndexByte(s, 'e'); i >= 0 {
		return s[:i] + "." + s[i:]
	}
	return s + "."
}

// formatG is %g: fixed or exponent by size, without the zeros at the end.
func formatG(f float64, prec int, alt bool) string {
	prec = max(prec, 1)
	e := strconv.FormatFloat(f, 'e', prec-1, 64)
	i := strings.IndexByte(e, 'e')
	exp, _ := strconv.Atoi(e[i+1:])
	if exp < -4 || exp >= prec {
		if alt {
			return e
		}
		return trimZeros(e[:i]) + e[i:]
	}
	s := strconv.FormatFloat(f, 'f', prec-1-exp, 64)
	if alt {
		if strings.IndexByte(s, '.') < 0 {
			s += "."
		}
		return s
	}
	return trimZeros(s)
}

func trimZeros(s string) string {
	if strings.IndexByte(s, '.') < 0 {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
