package ufw

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/modules/kit/module"
)

// status is what "ufw status verbose" prints.
type status string

func (s status) active() bool { return strings.Contains(string(s), "Status: active") }

// field gives what stands behind a name at the start of a line.
func (s status) field(name string) string {
	for line := range strings.Lines(string(s)) {
		if rest, ok := strings.CutPrefix(line, name+": "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// policy gives the default of a direction, incoming if it is empty.
func (s status) policy(direction string) string {
	if direction == "" {
		direction = "incoming"
	}
	for _, part := range strings.Split(s.field("Default"), ", ") {
		if policy, ok := strings.CutSuffix(part, " ("+direction+")"); ok {
			return policy
		}
	}
	return ""
}

// logging gives off or a level; "" where the firewall does not tell.
func (s status) logging() string {
	text := s.field("Logging")
	if level, ok := strings.CutPrefix(text, "on ("); ok {
		return strings.TrimSuffix(level, ")")
	}
	return text
}

func tupleLines(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "### tuple") {
			lines = append(lines, strings.TrimRight(line, "\n"))
		}
	}
	return lines
}

// version reads "ufw 0.36.2".
func version(text string) (major, minor int, ok bool) {
	for line := range strings.Lines(text) {
		rest, is := strings.CutPrefix(line, "ufw ")
		if !is {
			continue
		}
		parts := strings.Split(strings.TrimSpace(rest), ".")
		if len(parts) < 2 {
			continue
		}
		major, err1 := strconv.Atoi(parts[0])
		minor, err2 := strconv.Atoi(parts[1])
		if err1 == nil && err2 == nil {
			return major, minor, true
		}
	}
	return 0, 0, false
}

// words is a rule's command line, and how results show it.
func words(a module.Args, dry, comments bool, place int64) (argv []string, shown string) {
	var show []string
	add := func(words ...string) {
		argv = append(argv, words...)
		show = append(show, words...)
	}
	option := func(name, arg string) {
		if a.Str(arg) != "" {
			add(name, a.Str(arg))
		}
	}
	flag := func(word string, on bool) {
		if on {
			add(word)
		}
	}
	quoted := func(name, text string) {
		argv = append(argv, name, text)
		show = append(show, name, "'"+text+"'")
	}
	flag("--dry-run", dry)
	flag("route", a.Bool("route"))
	flag("delete", a.Bool("delete"))
	if a.Given("insert") && !a.Bool("delete") {
		if a.Str("insert_relative_to") == "zero" {
			place = a.Int("insert")
			add("insert", strconv.FormatInt(place, 10))
		} else if place != 0 {
			add("insert", strconv.FormatInt(place, 10))
		}
	}
	add(a.Str("rule"))
	if a.Str("interface") != "" {
		add(a.Str("direction"), "on", a.Str("interface"))
	} else if a.Str("direction") != "" {
		add(a.Str("direction"))
	}
	if a.Str("interface_in") != "" {
		add("in", "on", a.Str("interface_in"))
	}
	if a.Str("interface_out") != "" {
		add("out", "on", a.Str("interface_out"))
	}
	flag("log", a.Bool("log"))
	option("from", "from_ip")
	option("port", "from_port")
	option("to", "to_ip")
	option("port", "to_port")
	option("proto", "proto")
	if a.Str("name") != "" {
		quoted("app", a.Str("name"))
	}
	if comments && a.Str("comment") != "" {
		quoted("comment", a.Str("comment"))
	}
	return argv, strings.Join(show, " ")
}

// numbered finds the number at which a rule goes in, counted from another rule,
// in what "ufw status numbered" prints; 0 for behind the last.
func numbered(text, from string, offset int64) int64 {
	var last, lastV4, firstV6, lastV6 int64
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "[")
		number, rest, ok2 := strings.Cut(rest, "]")
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if !ok || !ok2 || err != nil {
			continue
		}
		last = n
		if !strings.Contains(rest, "(v6)") {
			lastV4 = n
			continue
		}
		if firstV6 == 0 {
			firstV6 = n
		}
		lastV6 = n
	}
	at := offset
	switch from {
	case "first-ipv4":
		at++
	case "last-ipv4":
		at += max(lastV4, 1)
	case "first-ipv6":
		if firstV6 == 0 {
			firstV6 = last + 1
		}
		at += firstV6
	case "last-ipv6":
		if lastV6 == 0 {
			lastV6 = last + 1
		}
		at += lastV6
	}
	if at > last {
		return 0
	}
	return at
}

// differs reports whether the rules that a dry run prints are others than those
// there are. It prints only those of the protocol versions it has to do with, and
// none for a rule that is there already.
func differs(text string, have []string) bool {
	would := tupleLines(text)
	if len(would) == 0 {
		return strings.Contains(text, "*filter") && len(have) > 0 // the last one goes
	}
	for _, version6 := range []bool{false, true} {
		other := func(tuple string) bool { return sixth(tuple) != version6 }
		w := slices.DeleteFunc(slices.Clone(would), other)
		if len(w) > 0 && !slices.Equal(w, slices.DeleteFunc(slices.Clone(have), other)) {
			return true
		}
	}
	return false
}

// sixth reports whether a field of a tuple is an address of IPv6.
func sixth(tuple string) bool {
	for _, f := range strings.Fields(tuple) {
		text, _, _ := strings.Cut(f, "/")
		if addr, err := netip.ParseAddr(text); err == nil && addr.Is6() {
			return true
		}
	}
	return false
}
