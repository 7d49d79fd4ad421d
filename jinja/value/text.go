package value

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

func runeLen(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// Text is str(v). Thunks and undefined values in v are to be forced before (Deep).
func Text(v Value) string {
	switch s := v.(type) {
	case Str:
		return string(s)
	case Markup:
		return string(s)
	case Int:
		return strconv.FormatInt(int64(s), 10)
	case *DateTime, *Date, *Delta:
		return dateText(v)
	}
	return Repr(v)
}

// Repr is repr(v), with the same proviso.
func Repr(v Value) string {
	switch s := v.(type) {
	case Str:
		return QuoteRepr(string(s))
	case Int:
		return strconv.FormatInt(int64(s), 10)
	}
	var b strings.Builder
	writeRepr(&b, v, 0)
	return b.String()
}

// maxDepth bounds the nesting of what is printed; a list can be put into itself.
const maxDepth = 200

func writeRepr(b *strings.Builder, v Value, depth int) {
	if depth > maxDepth {
		b.WriteString("...")
		return
	}
	switch c := v.(type) {
	case nil:
		b.WriteString("None")
	case NoneType:
		b.WriteString("None")
	case Bool:
		if c {
			b.WriteString("True")
		} else {
			b.WriteString("False")
		}
	case Int:
		b.WriteString(strconv.FormatInt(int64(c), 10))
	case *BigInt:
		b.WriteString(c.N.String())
	case Float:
		b.WriteString(FloatRepr(float64(c)))
	case Str:
		b.WriteString(QuoteRepr(string(c)))
	case Markup:
		b.WriteString("Markup(" + QuoteRepr(string(c)) + ")")
	case Bytes:
		b.WriteString(bytesRepr(string(c)))
	case *List:
		b.WriteByte('[')
		writeItems(b, c.Items, depth)
		b.WriteByte(']')
	case *Tuple:
		b.WriteByte('(')
		writeItems(b, c.Items, depth)
		if len(c.Items) == 1 {
			b.WriteByte(',')
		}
		b.WriteByte(')')
	case *Set:
		if c.Len() == 0 {
			b.WriteString("set()")
			return
		}
		b.WriteByte('{')
		writeItems(b, c.d.keys, depth)
		b.WriteByte('}')
	case *Dict:
		b.WriteByte('{')
		for i, k := range c.keys {
			if i > 0 {
				b.WriteString(", ")
			}
			writeRepr(b, k, depth+1)
			b.WriteString(": ")
			writeRepr(b, c.vals[i], depth+1)
		}
		b.WriteByte('}')
	case Range:
		if c.Step == 1 {
			fmt.Fprintf(b, "range(%d, %d)", c.Start, c.Stop)
		} else {
			fmt.Fprintf(b, "range(%d, %d, %d)", c.Start, c.Stop, c.Step)
		}
	case *DateTime, *Date, *Delta:
		b.WriteString(dateRepr(v))
	default:
		writeOther(b, v, depth)
	}
}

func writeOther(b *strings.Builder, v Value, depth int) {
	switch c := v.(type) {
	case Thunk:
		if forced, err := c.Force(); err == nil {
			writeRepr(b, forced, depth+1)
			return
		}
	case Texter:
		b.WriteString(c.Text())
		return
	case Mapping:
		b.WriteByte('{')
		keys, _ := c.MapKeys()
		for i, k := range keys {
			if i > 0 {
				b.WriteString(", ")
			}
			writeRepr(b, k, depth+1)
			b.WriteString(": ")
			if item, ok, _ := c.MapGet(k); ok {
				writeRepr(b, item, depth+1)
			}
		}
		b.WriteByte('}')
		return
	}
	b.WriteString("<" + v.Type() + ">")
}

func writeItems(b *strings.Builder, items []Value, depth int) {
	for i, item := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		writeRepr(b, item, depth+1)
	}
}

// QuoteRepr is repr of a text: single quotes unless it holds some and no
// double ones; what does not print as escapes.
func QuoteRepr(s string) string {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	b := make([]byte, 0, len(s)+2)
	b = append(b, quote)
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			b = appendRune(b, r, s[i:i+n])
			i += n
			continue
		}
		i++
		switch {
		case c == quote || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c < 0x20 || c == 0x7f:
			b = fmt.Appendf(b, `\x%02x`, c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, quote))
}

func appendRune(b []byte, r rune, raw string) []byte {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		// Python keeps such a byte as a surrogate (surrogateescape).
		return fmt.Appendf(b, `\udc%02x`, raw[0])
	case printable(r):
		return append(b, raw...)
	case r <= 0xff:
		return fmt.Appendf(b, `\x%02x`, r)
	case r <= 0xffff:
		return fmt.Appendf(b, `\u%04x`, r)
	}
	return fmt.Appendf(b, `\U%08x`, r)
}

// printable is str.isprintable of one character beyond ASCII.
func printable(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S)
}

func bytesRepr(s string) string {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	b := []byte{'b', quote}
	for i := range len(s) {
		switch c := s[i]; {
		case c == quote || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c < 0x20 || c >= 0x7f:
			b = fmt.Appendf(b, `\x%02x`, c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, quote))
}

// FloatRepr is repr of a float: the shortest digits that read back the same,
// with an exponent below 1e-4 and from 1e16 on.
func FloatRepr(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if strings.IndexByte(s, '.') < 0 {
		s += ".0"
	}
	return s
}

func dateText(v Value) string {
	switch d := v.(type) {
	case *DateTime:
		return isoFormat(d, ' ')
	case *Date:
		return d.T.Format("2006-01-02")
	case *Delta:
		return deltaText(d.D)
	}
	return ""
}

func isoFormat(d *DateTime, sep byte) string {
	s := d.T.Format("2006-01-02") + string(sep) + d.T.Format("15:04:05")
	if us := d.T.Nanosecond() / 1000; us != 0 {
		s += fmt.Sprintf(".%06d", us)
	}
	if !d.Naive {
		s += offset(d.T, ":")
	}
	return s
}

// offset gives +hh:mm, with seconds where the zone has some.
func offset(t time.Time, colon string) string {
	_, off := t.Zone()
	sign := '+'
	if off < 0 {
		sign, off = '-', -off
	}
	s := fmt.Sprintf("%c%02d%s%02d", sign, off/3600, colon, off/60%60)
	if off%60 != 0 {
		s += fmt.Sprintf("%s%02d", colon, off%60)
	}
	return s
}

// deltaParts splits as Python keeps a timedelta: days may be negative, the rest is not.
func deltaParts(d time.Duration) (days, secs, micros int64) {
	us := int64(d / time.Microsecond)
	days = floorDiv(us, 86400_000_000)
	us -= days * 86400_000_000
	return days, us / 1_000_000, us % 1_000_000
}

func deltaText(d time.Duration) string {
	days, secs, us := deltaParts(d)
	s := fmt.Sprintf("%d:%02d:%02d", secs/3600, secs/60%60, secs%60)
	if us != 0 {
		s += fmt.Sprintf(".%06d", us)
	}
	if days != 0 {
		unit := "days"
		if days == 1 || days == -1 {
			unit = "day"
		}
		s = fmt.Sprintf("%d %s, %s", days, unit, s)
	}
	return s
}

func dateRepr(v Value) string {
	switch d := v.(type) {
	case *Date:
		return fmt.Sprintf("datetime.date(%d, %d, %d)", d.T.Year(), int(d.T.Month()), d.T.Day())
	case *DateTime:
		t := d.T
		s := fmt.Sprintf("datetime.datetime(%d, %d, %d, %d, %d", t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute())
		us := t.Nanosecond() / 1000
		if t.Second() != 0 || us != 0 {
			s += fmt.Sprintf(", %d", t.Second())
		}
		if us != 0 {
			s += fmt.Sprintf(", %d", us)
		}
		if !d.Naive {
			s += ", tzinfo=" + zoneRepr(t)
		}
		return s + ")"
	case *Delta:
		days, secs, us := deltaParts(d.D)
		var parts []string
		for _, p := range []struct {
			name string
			n    int64
		}{{"days", days}, {"seconds", secs}, {"microseconds", us}} {
			if p.n != 0 {
				parts = append(parts, fmt.Sprintf("%s=%d", p.name, p.n))
			}
		}
		if len(parts) == 0 {
			return "datetime.timedelta(0)"
		}
		return "datetime.timedelta(" + strings.Join(parts, ", ") + ")"
	}
	return ""
}

func zoneRepr(t time.Time) string {
	_, off := t.Zone()
	if off == 0 {
		return "datetime.timezone.utc"
	}
	return "datetime.timezone(" + dateRepr(&Delta{D: time.Duration(off) * time.Second}) + ")"
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
