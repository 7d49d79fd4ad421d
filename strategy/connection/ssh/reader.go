package ssh

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// reader turns the words of options, which were looked at when they were
// collected (values.go), into values.
type reader struct{ c *collected }

func (r *reader) text(key, def string) string {
	if o, ok := r.c.first[key]; ok {
		return o.value()
	}
	return def
}

func (r *reader) flag(key string, def bool, others ...string) bool {
	o, ok := r.c.first[key]
	if !ok {
		return def
	}
	switch v := strings.ToLower(o.value()); {
	case v == "yes", v == "true", slices.Contains(others, v):
		return true
	}
	return false
}

func (r *reader) number(key string, def, low, high int) int {
	o, ok := r.c.first[key]
	if !ok {
		return def
	}
	n, err := strconv.Atoi(o.value())
	if err != nil {
		return def
	}
	return min(max(n, low), high)
}

func (r *reader) word(key, def string) string { return strings.ToLower(r.text(key, def)) }

// seconds reads sshd_config(5) TIME FORMATS: 90, 1m30s, 2h, none.
func (r *reader) seconds(key string, def time.Duration) time.Duration {
	o, ok := r.c.first[key]
	if !ok || o.value() == "none" {
		return def
	}
	d, _ := parseTime(o.value())
	return d
}

func parseTime(s string) (time.Duration, bool) {
	units := map[byte]time.Duration{
		's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour,
	}
	var total time.Duration
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		n, err := strconv.ParseInt(s[i:j], 10, 32)
		if err != nil {
			return 0, false
		}
		unit := time.Second
		if j < len(s) {
			u, ok := units[s[j]|0x20]
			if !ok {
				return 0, false
			}
			unit = u
			j++
		}
		if total += time.Duration(n) * unit; total > 100*365*24*time.Hour {
			return 0, false
		}
		i = j
	}
	return total, s != ""
}

// proxy reads ProxyJump and ProxyCommand, of which the first one that was
// given holds. The order of two options is that of being collected.
func (r *reader) proxy(s *settings) {
	jump, command := r.text("proxyjump", ""), strings.TrimSpace(r.text("proxycommand", ""))
	if jump != "" && command != "" {
		if r.c.order("proxyjump") < r.c.order("proxycommand") {
			command = ""
		} else {
			jump = ""
		}
	}
	if strings.EqualFold(jump, "none") {
		jump = ""
	}
	if strings.EqualFold(command, "none") {
		command = ""
	}
	s.proxyJump, s.proxyCommand = jump, command
}
