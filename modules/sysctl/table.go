package sysctl

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// table is the text of a sysctl.conf (sysctl.conf(5)): a key and its value to a
// line, comments begin with # or ;.
type table struct{ lines []string }

func parse(text string) table { return table{value.SplitLines(text, false)} }

// setting reads a line.
func setting(line string) (key, val string, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' || line[0] == ';' {
		return "", "", false
	}
	key, val, ok = strings.Cut(line, "=")
	return strings.TrimSpace(key), strings.TrimSpace(val), ok
}

// get gives the last value of a key, which is what counts.
func (t table) get(key string) (val string, ok bool) {
	for _, line := range t.lines {
		if k, v, is := setting(line); is && k == key {
			val, ok = v, true
		}
	}
	return val, ok
}

// with gives the text in which a key has a value, or, if val is nil, is not
// there. Of what is there several times only the first line stays, as in the
// reference; all settings are written without blanks.
func (t table) with(key string, val *string) string {
	var seen []string
	var b strings.Builder
	for _, line := range t.lines {
		k, v, ok := setting(line)
		switch {
		case !ok:
			b.WriteString(strings.TrimSpace(line) + "\n")
		case slices.Contains(seen, k), k == key && val == nil:
		case k == key:
			b.WriteString(k + "=" + *val + "\n")
		default:
			b.WriteString(k + "=" + v + "\n")
		}
		if ok {
			seen = append(seen, k)
		}
	}
	if val != nil && !slices.Contains(seen, key) {
		b.WriteString(key + "=" + *val + "\n")
	}
	return b.String()
}
