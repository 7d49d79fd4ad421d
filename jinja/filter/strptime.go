package filter

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

// parts are the directives of strptime and what they match, in the C locale.
// Python makes one regular expression of a format; so does this.
var datePatterns = map[byte]string{
	'd': `3[0-1]|[1-2]\d|0[1-9]|[1-9]| [1-9]`,
	'f': `[0-9]{1,6}`,
	'H': `2[0-3]|[0-1]\d|\d`,
	'I': `1[0-2]|0[1-9]|[1-9]| [1-9]`,
	'G': `\d\d\d\d`,
	'j': `36[0-6]|3[0-5]\d|[1-2]\d\d|0[1-9]\d|00[1-9]|[1-9]\d|0[1-9]|[1-9]`,
	'm': `1[0-2]|0[1-9]|[1-9]`,
	'M': `[0-5]\d|\d`,
	'S': `6[0-1]|[0-5]\d|\d`,
	'U': `5[0-3]|[0-4]\d|\d`,
	'W': `5[0-3]|[0-4]\d|\d`,
	'w': `[0-6]`,
	'u': `[1-7]`,
	'V': `5[0-3]|0[1-9]|[1-4]\d|\d`,
	'y': `\d\d`,
	'Y': `\d\d\d\d`,
	'z': `[+-]\d\d:?[0-5]\d(?::?[0-5]\d(?:\.\d{1,6})?)?|(?-i:Z)`,
	'A': `wednesday|thursday|saturday|tuesday|monday|friday|sunday`,
	'a': `mon|tue|wed|thu|fri|sat|sun`,
	'B': `september|february|november|december|january|october|august|march|april|june|july|may`,
	'b': `jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec`,
	'p': `am|pm`,
	'Z': `utc|gmt`,
}

var dateShorthands = strings.NewReplacer("%%", "%%", "%c", "%a %b %d %H:%M:%S %Y", "%x", "%m/%d/%y", "%X", "%H:%M:%S")

// datePattern makes the regular expression of a format.
func datePattern(format string) (string, error) {
	var b strings.Builder
	full := dateShorthands.Replace(format)
	for i := 0; i < len(full); i++ {
		c := full[i]
		switch {
		case isSpace(rune(c)):
			for i+1 < len(full) && isSpace(rune(full[i+1])) {
				i++
			}
			b.WriteString(`\s+`)
		case c != '%':
			if strings.IndexByte(`\.^$*+?(){}[]|`, c) >= 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		case i+1 == len(full):
			return "", fmt.Errorf("stray %% in format %s", value.QuoteRepr(format))
		case full[i+1] == '%':
			b.WriteByte('%')
			i++
		default:
			i++
			p, ok := datePatterns[full[i]]
			if !ok {
				return "", fmt.Errorf("'%c' is a bad directive in format %s", full[i], value.QuoteRepr(format))
			}
			fmt.Fprintf(&b, "(?P<%c>%s)", full[i], p)
		}
	}
	return b.String(), nil
}

// Strptime is datetime.strptime in the C locale, with Python's errors.
func Strptime(text, format string) (*value.DateTime, error) {
	p, err := datePattern(format)
	if err != nil {
		return nil, err
	}
	re, err := pyre.Compile(p, pyre.IgnoreCase)
	if err != nil {
		return nil, err
	}
	m, err := re.Match(text)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, fmt.Errorf("time data %s does not match format %s", value.QuoteRepr(text), value.QuoteRepr(format))
	}
	if all, _ := m.Text(0); len(all) < len(text) {
		return nil, fmt.Errorf("unconverted data remains: %s", text[len(all):])
	}
	found := map[byte]string{}
	for d := range datePatterns {
		if n, ok := re.Group(string(d)); ok {
			found[d], _ = m.Text(n)
		}
	}
	return dateOf(found)
}

// fields are the numbers that the directives gave; -1 is not given.
type fields struct {
	year, isoYear, month, day, yearDay      int
	weekday, week, isoWeek                  int // weekday: Monday is 0
	weekFromSunday                          bool
	hour, minute, second, micro, offsetSecs int
	zoned                                   bool
}

func dateOf(found map[byte]string) (*value.DateTime, error) {
	f, err := fieldsOf(found)
	if err != nil {
		return nil, err
	}
	if err := f.checkISO(); err != nil {
		return nil, err
	}
	f.resolve()
	year := f.year
	if year < 0 {
		year = 1900
	}
	days := time.Date(year, time.Month(f.month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	switch {
	case year < 1:
		return nil, fmt.Errorf("year %d is out of range", year)
	case f.day > days:
		return nil, errors.New("day is out of range for month")
	case f.second > 59:
		return nil, errors.New("second must be in 0..59")
	}
	zone := time.UTC
	if f.zoned && f.offsetSecs != 0 {
		zone = time.FixedZone("", f.offsetSecs)
	}
	t := time.Date(year, time.Month(f.month), f.day, f.hour, f.minute, f.second, f.micro*1000, zone)
	return &value.DateTime{T: t, Naive: !f.zoned}, nil
}

func fieldsOf(found map[byte]string) (*fields, error) {
	f := &fields{year: -1, isoYear: -1, month: 1, day: 1, yearDay: -1, weekday: -1, week: -1, isoWeek: -1}
	number := func(d byte, n *int) bool {
		s, ok := found[d]
		if ok {
			v, _ := parseInt(s, 10)
			if i, isInt := v.(value.Int); isInt {
				*n = int(i)
			}
		}
		return ok
	}
	if number('y', &f.year) {
		if f.year <= 68 {
			f.year += 2000
		} else {
			f.year += 1900
		}
	}
	number('Y', &f.year)
	number('G', &f.isoYear)
	number('m', &f.month)
	number('d', &f.day)
	number('H', &f.hour)
	number('M', &f.minute)
	number('S', &f.second)
	number('j', &f.yearDay)
	number('V', &f.isoWeek)
	if number('U', &f.week) {
		f.weekFromSunday = true
	}
	number('W', &f.week)
	if s, ok := found['B']; ok {
		f.month = nameIndex(datePatterns['b'], strings.ToLower(s)[:3]) + 1
	}
	if s, ok := found['b']; ok {
		f.month = nameIndex(datePatterns['b'], strings.ToLower(s)) + 1
	}
	for _, d := range []byte{'A', 'a'} {
		if s, ok := found[d]; ok {
			f.weekday = nameIndex(datePatterns['a'], strings.ToLower(s)[:3])
		}
	}
	if number('w', &f.weekday) {
		f.weekday = (f.weekday + 6) % 7
	}
	if number('u', &f.weekday) {
		f.weekday--
	}
	if number('I', &f.hour) {
		pm := strings.EqualFold(found['p'], "pm")
		if f.hour = f.hour % 12; pm {
			f.hour += 12
		}
	}
	if s, ok := found['f']; ok {
		f.micro, _ = strconv.Atoi((s + "000000")[:6])
	}
	if s, ok := found['z']; ok {
		f.zoned = true
		f.offsetSecs = offsetOf(s)
	}
	return f, nil
}

func nameIndex(names, name string) int {
	for i, n := range strings.Split(names, "|") {
		if n == name {
			return i
		}
	}
	return 0
}

// offsetOf reads +hh:mm[:ss] and Z.
func offsetOf(s string) int {
	if s == "Z" {
		return 0
	}
	digits := strings.ReplaceAll(s[1:], ":", "")
	secs := 0
	for i, unit := range []int{3600, 60, 1} {
		if len(digits) >= 2*i+2 {
			n, _ := strconv.Atoi(digits[2*i : 2*i+2])
			secs += n * unit
		}
	}
	if s[0] == '-' {
		return -secs
	}
	return secs
}

const weekdayDirective = "a weekday directive ('%A', '%a', '%w', or '%u')."

func (f *fields) checkISO() error {
	switch {
	case f.isoYear >= 0 && f.yearDay >= 0:
		return errors.New("Day of the year directive '%j' is not compatible with ISO year directive '%G'. Use '%Y' instead.")
	case f.isoYear >= 0 && (f.isoWeek < 0 || f.weekday < 0):
		return errors.New("ISO year directive '%G' must be used with the ISO week directive '%V' and " + weekdayDirective)
	case f.isoYear < 0 && f.isoWeek >= 0 && (f.year < 0 || f.weekday < 0):
		return errors.New("ISO week directive '%V' must be used with the ISO year directive '%G' and " + weekdayDirective)
	case f.isoYear < 0 && f.isoWeek >= 0:
		return errors.New("ISO week directive '%V' is incompatible with the year directive '%Y'. Use the ISO year '%G' instead.")
	}
	return nil
}

// resolve finds month and day from the day of the year or of the week.
func (f *fields) resolve() {
	year := max(f.year, 1)
	if f.year < 0 {
		year = 1900
	}
	var t time.Time
	switch {
	case f.isoYear >= 0 && f.isoWeek >= 0:
		jan4 := time.Date(f.isoYear, 1, 4, 0, 0, 0, 0, time.UTC)
		monday := jan4.AddDate(0, 0, -(int(jan4.Weekday())+6)%7)
		t = monday.AddDate(0, 0, (f.isoWeek-1)*7+f.weekday)
	case f.yearDay >= 0:
		t = time.Date(year, 1, f.yearDay, 0, 0, 0, 0, time.UTC)
	case f.week >= 0 && f.weekday >= 0 && f.year >= 0:
		t = weekDate(year, f.week, f.weekday, f.weekFromSunday)
	default:
		return
	}
	f.year, f.month, f.day = t.Year(), int(t.Month()), t.Day()
}

// weekDate is the day of a week counted from the first Sunday or Monday of the year.
func weekDate(year, week, weekday int, fromSunday bool) time.Time {
	jan1 := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	first := (int(jan1.Weekday()) + 6) % 7
	if fromSunday {
		first, weekday = (first+1)%7, (weekday+1)%7
	}
	if week == 0 {
		return jan1.AddDate(0, 0, weekday-first)
	}
	return jan1.AddDate(0, 0, (7-first)%7+7*(week-1)+weekday)
}
