package filter

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("to_datetime", "to_datetime", toDatetime)
	add("strftime", "strftime", strftime)
}

func toDatetime(c *expr.Call) (value.Value, error) {
	var v value.Value
	var format value.Value = value.Str("%Y-%m-%d %H:%M:%S")
	if err := c.Unpack("string", &v, "format?", &format); err != nil {
		return nil, err
	}
	var texts [2]string
	for i, arg := range []value.Value{v, format} {
		s, ok := value.AsText(arg)
		if !ok {
			name := arg.Type()
			if arg == value.None {
				name = "None"
			}
			return nil, fmt.Errorf("strptime() argument %d must be str, not %s", i+1, name)
		}
		texts[i] = s
	}
	d, err := Strptime(texts[0], texts[1])
	if err != nil {
		return nil, err
	}
	return d, nil
}

// strftime formats the time that is so many seconds after 1970.
func strftime(c *expr.Call) (value.Value, error) {
	var format, second value.Value
	utc := false
	if err := c.Unpack("string_format", &format, "second?", &second, "utc?", &utc); err != nil {
		return nil, err
	}
	at := time.Now()
	if given(second) {
		f, err := asFloat(second)
		if err != nil {
			return nil, fmt.Errorf("Invalid value for epoch value (%s)", value.Text(second))
		}
		if math.IsNaN(f) || math.Abs(f) > 1<<60 {
			return nil, errors.New("timestamp out of range for platform time_t")
		}
		at = time.Unix(int64(math.Floor(f)), 0)
	}
	zone := at.In(time.Local)
	if utc {
		zone = at.In(time.FixedZone("GMT", 0))
	}
	s, ok := value.AsText(format)
	if !ok {
		return nil, fmt.Errorf("strftime() argument 1 must be str, not %s", format.Type())
	}
	return value.Str(cStrftime(zone, s)), nil
}

// cStrftime is value.Strftime with the flags and widths that the C library adds.
func cStrftime(t time.Time, format string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			b.WriteString(format)
			return b.String()
		}
		b.WriteString(format[:i])
		format = format[i:]
		n := 1 + len(format[1:]) - len(strings.TrimLeft(format[1:], "-_0^#"))
		flags := format[1:n]
		w := n + len(format[n:]) - len(strings.TrimLeft(format[n:], "0123456789"))
		width := format[n:w]
		if w >= len(format) {
			b.WriteString(format)
			return b.String()
		}
		directive := format[w]
		b.WriteString(directiveText(t, flags, width, directive, format[:w+1]))
		format = format[w+1:]
	}
}

// directiveText is one directive; raw is how it was written, for those that do not exist.
func directiveText(t time.Time, flags, width string, directive byte, raw string) string {
	var pad string
	for _, f := range flags {
		if strings.ContainsRune("-_0", f) {
			pad = string(f)
		}
	}
	if directive == 'f' { // Python's own, not C's
		return raw
	}
	s := value.Strftime(t, "%"+pad+string(directive), true)
	if s == "%"+pad+string(directive) && directive != '%' {
		return raw
	}
	switch {
	case strings.Contains(flags, "^"):
		s = strings.ToUpper(s)
	case strings.Contains(flags, "#") && (directive == 'Z' || directive == 'p'):
		s = strings.ToLower(s)
	case strings.Contains(flags, "#"):
		s = strings.ToUpper(s)
	}
	size := 0
	for _, d := range width {
		size = min(size*10+int(d-'0'), 1000)
	}
	if n := size - len(s); n > 0 {
		fill := " "
		if pad == "0" || pad == "" && strings.IndexByte("CdGgHIjmMsSuUVwWyY", directive) >= 0 {
			fill = "0"
		}
		s = strings.Repeat(fill, n) + s
	}
	return s
}
