package setup

import (
	"context"
	"strconv"
	"time"

	"github.com/churten/churten/jinja/value"
)

func dateTime(_ context.Context, h *host) *value.Dict {
	return value.DictOf("date_time", clock(time.Now().In(h.zone())))
}

// zone is the time zone of the task's environment: TZ may be set there.
func (h *host) zone() *time.Location {
	if tz := h.getenv("TZ"); tz != "" {
		if zone, err := time.LoadLocation(tz); err == nil {
			return zone
		}
	}
	return time.Local
}

func clock(now time.Time) *value.Dict {
	utc := now.UTC()
	d := value.NewDict(20)
	put := func(key, text string) { d.SetStr(key, value.Str(text)) }
	put("year", now.Format("2006"))
	put("month", now.Format("01"))
	put("weekday", now.Format("Monday"))
	put("weekday_number", strconv.Itoa(int(now.Weekday())))
	week := (now.YearDay() + 6 - (int(now.Weekday())+6)%7) / 7 // weeks begin on Monday, as %W
	put("weeknumber", pad(week))
	put("day", now.Format("02"))
	put("hour", now.Format("15"))
	put("minute", now.Format("04"))
	put("second", now.Format("05"))
	put("epoch", strconv.FormatInt(now.Unix(), 10))
	put("epoch_int", strconv.FormatInt(now.Unix(), 10))
	put("date", now.Format("2006-01-02"))
	put("time", now.Format("15:04:05"))
	put("iso8601_micro", utc.Format("2006-01-02T15:04:05.000000Z"))
	put("iso8601", utc.Format("2006-01-02T15:04:05Z"))
	put("iso8601_basic", now.Format("20060102T150405")+utc.Format(".000000")[1:])
	put("iso8601_basic_short", now.Format("20060102T150405"))
	name, _ := now.Zone()
	put("tz", name)
	put("tz_dst", summerName(now))
	put("tz_offset", now.Format("-0700"))
	return d
}

// summerName is Python's time.tzname[1]: of the zones in January and July of
// this year, the one that is further east.
func summerName(now time.Time) string {
	january, east := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, now.Location()).Zone()
	july, eastJuly := time.Date(now.Year(), 7, 1, 0, 0, 0, 0, now.Location()).Zone()
	if east > eastJuly {
		return january
	}
	return july
}

func pad(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
