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
		n, ok := number(rest, max)
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
	if p.yearDay > 0 {
		p.month, p.day = 1, p.yearDay
	}
	if p.month < 1 || p.month > 12 || p.day < 1 || p.day > 366 || hour > 23 || p.minute > 59 || p.second > 61 {
		return time.Time{}, errors.New("a field of the time is out of range")
	}
	return time.Date(p.year, time.Month(p.month), p.day, hour, p.minute, p.second, 0, zone), nil
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
