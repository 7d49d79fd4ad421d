package value

import (
	"fmt"
	"strings"
	"time"
)

func dateMethods(v Value) map[string]Method {
	switch v.(type) {
	case *DateTime:
		return datetimeMethods()
	case *Date:
		return plainDateMethods()
	}
	return deltaMethods()
}

// timeOf gives the instant of a date or datetime.
func timeOf(v Value) time.Time {
	if d, ok := v.(*Date); ok {
		return d.T
	}
	return v.(*DateTime).T
}

func dateMethod(f func(t time.Time) Value) methodDef {
	return methodDef{fn: func(recv Value, _ []Value) (Value, error) { return f(timeOf(recv)), nil }}
}

var plainDateMethods = methodTable(dateDefs)

func dateDefs() map[string]methodDef {
	return map[string]methodDef{
		"strftime": {min: 1, max: 1, names: []string{"format"}, fn: func(recv Value, a []Value) (Value, error) {
			format, ok := AsText(a[0])
			if !ok {
				return nil, fmt.Errorf("strftime() argument 1 must be str, not %s", a[0].Type())
			}
			d, isTime := recv.(*DateTime)
			return Str(Strftime(timeOf(recv), format, isTime && !d.Naive)), nil
		}},
		"isoformat": {max: 1, names: []string{"sep"}, fn: func(recv Value, a []Value) (Value, error) {
			d, ok := recv.(*DateTime)
			if !ok {
				return Str(dateText(recv)), nil
			}
			sep := "T"
			if a[0] != nil {
				if sep, ok = AsText(a[0]); !ok || len(sep) != 1 {
					return nil, fmt.Errorf("isoformat() argument 1 must be a unicode character, not %s", a[0].Type())
				}
			}
			return Str(isoFormat(d, sep[0])), nil
		}},
		"weekday":    dateMethod(func(t time.Time) Value { return Int((t.Weekday() + 6) % 7) }),
		"isoweekday": dateMethod(func(t time.Time) Value { return Int((t.Weekday()+6)%7 + 1) }),
		"isocalendar": dateMethod(func(t time.Time) Value {
			y, w := t.ISOWeek()
			return NewTuple(Int(y), Int(w), Int((t.Weekday()+6)%7+1))
		}),
		"toordinal": dateMethod(func(t time.Time) Value {
			d := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
			return Int(d.Unix()/86400 + 719163)
		}),
		"ctime":   dateMethod(func(t time.Time) Value { return Str(t.Format("Mon Jan _2 15:04:05 2006")) }),
		"replace": {kwfn: dateReplace},
	}
}

var datetimeMethods = methodTable(func() map[string]methodDef {
	m := map[string]methodDef{
		"date": dateMethod(func(t time.Time) Value {
			return &Date{T: time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)}
		}),
		"timestamp": {fn: func(recv Value, _ []Value) (Value, error) {
			d := recv.(*DateTime)
			t := d.T
			if d.Naive {
				// A naive time is meant in the local zone.
				t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.Local)
			}
			return Float(float64(t.UnixMicro()) / 1e6), nil
		}},
		"utcoffset": {fn: func(recv Value, _ []Value) (Value, error) {
			d := recv.(*DateTime)
			if d.Naive {
				return None, nil
			}
			_, off := d.T.Zone()
			return &Delta{D: time.Duration(off) * time.Second}, nil
		}},
	}
	for name, d := range dateDefs() {
		m[name] = d
	}
	return m
})

var deltaMethods = methodTable(func() map[string]methodDef {
	return map[string]methodDef{
		"total_seconds": {fn: func(recv Value, _ []Value) (Value, error) {
			return Float(float64(recv.(*Delta).D/time.Microsecond) / 1e6), nil
		}},
	}
})

func dateReplace(recv Value, args []Value, kw *Dict) (Value, error) {
	t := timeOf(recv)
	n := []int{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond() / 1000}
	names := []string{"year", "month", "day", "hour", "minute", "second", "microsecond"}
	if _, ok := recv.(*Date); ok {
		names = names[:3]
	}
	if len(args) > len(names) {
		return nil, fmt.Errorf("replace() takes at most %d arguments (%d given)", len(names), len(args))
	}
	set := func(i int, v Value) error {
		x, err := Index(v)
		n[i] = int(x)
		return err
	}
	for i, v := range args {
		if err := set(i, v); err != nil {
			return nil, err
		}
	}
next:
	for k, v := range kw.All() {
		for i, name := range names {
			if k == Str(name) {
				if err := set(i, v); err != nil {
					return nil, err
				}
				continue next
			}
		}
		return nil, fmt.Errorf("'%s' is an invalid keyword argument for replace()", k)
	}
	out := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6]*1000, t.Location())
	if int(out.Month()) != n[1] || out.Day() != n[2] {
		return nil, fmt.Errorf("day is out of range for month")
	}
	if d, ok := recv.(*DateTime); ok {
		return &DateTime{T: out, Naive: d.Naive}, nil
	}
	return &Date{T: out}, nil
}

// zoneName is a zone as tzname() gives it: UTC, or UTC+02:00.
func zoneName(t time.Time) string {
	name, off := t.Zone()
	switch {
	case off == 0 && (name == "" || name == "UTC"):
		return "UTC"
	case name == "" || name[0] == '+' || name[0] == '-':
		return "UTC" + offset(t, ":")
	}
	return name
}

// Strftime formats t as C's strftime does in the C locale. zone says whether t
// knows its zone; %z and %Z are empty otherwise.
func Strftime(t time.Time, format string, zone bool) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		pad := byte(0)
		if c := format[i]; (c == '-' || c == '_' || c == '0') && i+1 < len(format) {
			pad = c
			i++
		}
		s, ok := directive(t, format[i], zone)
		if !ok {
			b.WriteByte('%')
			if pad != 0 {
				b.WriteByte(pad)
			}
			b.WriteByte(format[i])
			continue
		}
		b.WriteString(repad(s, pad))
	}
	return b.String()
}

// repad does the GNU flags - (no padding) and _ (blanks).
func repad(s string, pad byte) string {
	trimmed := strings.TrimLeft(s, "0 ")
	if trimmed == "" && s != "" {
		trimmed = s[len(s)-1:]
	}
	n := len(s) - len(trimmed)
	switch pad {
	case '-':
		return trimmed
	case '_':
		return strings.Repeat(" ", n) + trimmed
	case '0':
		return strings.Repeat("0", n) + trimmed
	}
	return s
}

func directive(t time.Time, c byte, zone bool) (string, bool) {
	two := func(n int) string { return fmt.Sprintf("%02d", n) }
	switch c {
	case 'Y':
		return fmt.Sprint(t.Year()), true
	case 'C':
		return two(t.Year() / 100), true
	case 'y':
		return two(t.Year() % 100), true
	case 'm':
		return two(int(t.Month())), true
	case 'd':
		return two(t.Day()), true
	case 'e':
		return fmt.Sprintf("%2d", t.Day()), true
	case 'H':
		return two(t.Hour()), true
	case 'k':
		return fmt.Sprintf("%2d", t.Hour()), true
	case 'I':
		return two((t.Hour()+11)%12 + 1), true
	case 'l':
		return fmt.Sprintf("%2d", (t.Hour()+11)%12+1), true
	case 'M':
		return two(t.Minute()), true
	case 'S':
		return two(t.Second()), true
	case 'f':
		return fmt.Sprintf("%06d", t.Nanosecond()/1000), true
	case 'p':
		return t.Format("PM"), true
	case 'P':
		return strings.ToLower(t.Format("PM")), true
	case 'a':
		return t.Format("Mon"), true
	case 'A':
		return t.Format("Monday"), true
	case 'b', 'h':
		return t.Format("Jan"), true
	case 'B':
		return t.Format("January"), true
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay()), true
	case 'w':
		return fmt.Sprint(int(t.Weekday())), true
	case 'u':
		return fmt.Sprint(int(t.Weekday()+6)%7 + 1), true
	case 'U':
		return two((t.YearDay() + 6 - int(t.Weekday())) / 7), true
	case 'W':
		return two((t.YearDay() + 6 - int(t.Weekday()+6)%7) / 7), true
	case 'V':
		_, w := t.ISOWeek()
		return two(w), true
	case 'G':
		y, _ := t.ISOWeek()
		return fmt.Sprint(y), true
	case 'g':
		y, _ := t.ISOWeek()
		return two(y % 100), true
	case 's':
		return fmt.Sprint(t.Unix()), true
	case 'z':
		if !zone {
			return "", true
		}
		return offset(t, ""), true
	case 'Z':
		if !zone {
			return "", true
		}
		return zoneName(t), true
	case 'c':
		return t.Format("Mon Jan _2 15:04:05 2006"), true
	case 'x', 'D':
		return t.Format("01/02/06"), true
	case 'X', 'T':
		return t.Format("15:04:05"), true
	case 'F':
		return t.Format("2006-01-02"), true
	case 'R':
		return t.Format("15:04"), true
	case 'r':
		return t.Format("03:04:05 PM"), true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case '%':
		return "%", true
	}
	return "", false
}
