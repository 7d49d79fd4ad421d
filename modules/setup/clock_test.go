package setup

import (
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
)

// TestClock has values of Python's time.strftime and time.tzname.
func TestClock(t *testing.T) {
	for _, c := range []struct{ zone, at, week, tz, dst, offset, basic string }{
		{"UTC", "2026-11-22T23:54:37.616726Z", "46", "UTC", "UTC", "+0000", "20261122T235437616726"},
		{"Europe/Berlin", "2024-01-01T00:30:00Z", "01", "CET", "CEST", "+0100", "20240101T013000000000"},
		{"Europe/Berlin", "2024-07-07T12:00:00Z", "27", "CEST", "CEST", "+0200", "20240707T140000000000"},
		{"Australia/Sydney", "2023-01-01T00:00:00Z", "00", "AEDT", "AEDT", "+1100", "20230101T110000000000"},
		{"America/New_York", "2023-12-31T12:00:00Z", "52", "EST", "EDT", "-0500", "20231231T070000000000"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Skip(err)
		}
		now, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		d := clock(now.In(zone))
		for key, want := range map[string]string{"weeknumber": c.week, "tz": c.tz, "tz_dst": c.dst, "tz_offset": c.offset, "iso8601_basic": c.basic} {
			if got := value.Text(at(d, key)); got != want {
				t.Errorf("%s %s: %s is %s, want %s", c.zone, c.at, key, got, want)
			}
		}
	}
}
