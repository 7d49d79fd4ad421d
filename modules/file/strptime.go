package file

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"time"
)

// parsed collects the fields of a time.
type parsed struct {
	year, month, day, hour, minute, second, yearDay int
	pm, am                                          bool
	zone                                            *time.Location
}

// field reads one directive from the start of rest. known is false for one
// that Python does not have either.
func (p *parsed) field(c byte, rest *string) (ok, known bool) {
	if max := digits[c]; max > 0 {
		n, ok := numeral(c, rest, max)
		if !ok {
			return false, true
		}
		p.set(c, n)
		return true, true
	}
	switch c {
	case '%':
		return take(rest, "%"), true
	case 'b', 'h':
		return p.name(rest, func(m time.Month) string { return m.String()[:3] }), true
	case 'B':
		return p.name(rest, time.Month.String), true
	case 'p':
		p.am, p.pm = take(rest, "AM"), false
		if !p.am {
			p.pm = take(rest, "PM")
		}
		return p.am || p.pm, true
	case 'z':
		return p.offset(rest), true
	case 'T':
		for _, d := range []string{"H", ":", "M", ":", "S"} {
			if d == ":" && !take(rest, ":") {
				return false, true
			} else if d != ":" {
				if ok, _ := p.field(d[0], rest); !ok {
					return false, true
				}
			}
		}
		return true, true
	}
	return false, false
}

func (p *parsed) set(c byte, n int) {
	switch c {
	case 'Y':
		p.year = n
	case 'y':
		p.year = 2000 + n
		if n >= 69 {
			p.year = 1900 + n
		}
	case 'm':
		p.month = n
	case 'd':
		p.day = n
	case 'H', 'I':
		p.hour = n
	case 'M':
		p.minute = n
	case 'S':
		p.second = n
	case 'j':
		p.yearDay = n
	}
}

func (p *parsed) name(rest *string, name func(time.Month) string) bool {
	for m := time.January; m <= time.December; m++ {
		if take(rest, name(m)) {
			p.month = int(m)
			return true
		}
	}
	return false
}

func (p *parsed) offset(rest *string) bool {
	if take(rest, "Z") {
		p.zone = time.UTC
		return true
	}
	sign := 1
	if take(rest, "-") {
		sign = -1
	} else if !take(rest, "+") {
		return false
	}
	h, ok1 := number(rest, 2)
	take(rest, ":")
	m, ok2 := number(rest, 2)
	p.zone = time.FixedZone("", sign*(h*3600+m*60))
	return ok1 && ok2
}

func (p *parsed) time() (time.Time, error) {
	hour := p.hour
	switch {
	case p.pm && hour < 12:
		hour += 12
	case p.am && hour == 12:
		hour = 0
	}
	zone := p.zone
	if zone == nil {
		zone = time.Local
	}
	switch {
	case p.year == 0:
		return time.Time{}, errors.New("year 0 is out of range")
	case p.day > time.Date(p.year, time.Month(p.month)+1, 0, 0, 0, 0, 0, time.UTC).Day():
		return time.Time{}, errors.New("day is out of range for month")
	}
	if p.yearDay > 0 {
		p.month, p.day = 1, p.yearDay
	}
	return time.Date(p.year, time.Month(p.month), p.day, hour, p.minute, p.second, 0, zone), nil
}

// limits are the least and the most of fields that do not take all numbers of their length.
var limits = map[byte][2]int{'m': {1, 12}, 'd': {1, 31}, 'H': {0, 23}, 'I': {1, 12}, 'M': {0, 59}, 'S': {0, 61}, 'j': {1, 366}}

// numeral reads as many digits as make a number that field c takes; a year has all four.
func numeral(c byte, rest *string, max int) (int, bool) {
	for n := max; n > 0; n-- {
		text := *rest
		got, ok := number(&text, n)
		if used := len(*rest) - len(text); !ok || used < n || (c == 'Y' || c == 'y') && used < max {
			continue
		}
		if l, limited := limits[c]; limited && (got < l[0] || got > l[1]) {
			continue
		}
		*rest = text
		return got, true
	}
	return 0, false
}

func number(rest *string, max int) (int, bool) {
	n, i := 0, 0
	for i < max && i < len(*rest) && (*rest)[i] >= '0' && (*rest)[i] <= '9' {
		n = n*10 + int((*rest)[i]-'0')
		i++
	}
	*rest = (*rest)[i:]
	return n, i > 0
}

func take(rest *string, word string) bool {
	if len(*rest) < len(word) || !strings.EqualFold((*rest)[:len(word)], word) {
		return false
	}
	*rest = (*rest)[len(word):]
	return true
}

func accessed(info os.FileInfo) time.Time {
	st := info.Sys().(*syscall.Stat_t)
	return time.Unix(st.Atim.Unix())
}
