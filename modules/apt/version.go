package apt

import "strings"

// compare orders versions as deb-version(7) says: -1, 0 or 1.
func compare(a, b string) int {
	epochA, upstreamA, revisionA := parts(a)
	epochB, upstreamB, revisionB := parts(b)
	if c := compareNumbers(epochA, epochB); c != 0 {
		return c
	}
	if c := compareText(upstreamA, upstreamB); c != 0 {
		return c
	}
	return compareText(revisionA, revisionB)
}

func parts(v string) (epoch, upstream, revision string) {
	if i := strings.IndexByte(v, ':'); i >= 0 {
		epoch, v = v[:i], v[i+1:]
	}
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return epoch, v[:i], v[i+1:]
	}
	return epoch, v, ""
}

// compareText takes turns: what is not digits, by weight, then a number.
func compareText(a, b string) int {
	for a != "" || b != "" {
		for !digitAt(a) || !digitAt(b) {
			wa, wb := weight(a), weight(b)
			if wa != wb {
				return sign(wa - wb)
			}
			if wa == 0 {
				break // both at a digit or at their end
			}
			a, b = a[1:], b[1:]
		}
		na, nb := digits(a), digits(b)
		if c := compareNumbers(a[:na], b[:nb]); c != 0 {
			return c
		}
		a, b = a[na:], b[nb:]
	}
	return 0
}

// weight of the first character: tilde before the end, letters before others.
func weight(s string) int {
	switch {
	case s == "" || digitAt(s):
		return 0
	case s[0] == '~':
		return -1
	case s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z':
		return int(s[0])
	}
	return int(s[0]) + 256
}

func digitAt(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

func digits(s string) int {
	n := 0
	for digitAt(s[n:]) {
		n++
	}
	return n
}

// compareNumbers compares digits of any length.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return sign(len(a) - len(b))
	}
	return strings.Compare(a, b)
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// match is Python's fnmatch: star, question mark, [set], [!set]; a slash is no
// border.
func match(pattern, name string) bool {
	for pattern != "" {
		switch pattern[0] {
		case '*':
			for i := 0; i <= len(name); i++ {
				if match(pattern[1:], name[i:]) {
					return true
				}
			}
			return false
		case '?':
			if name == "" {
				return false
			}
			pattern, name = pattern[1:], name[1:]
		case '[':
			end := setEnd(pattern)
			if end < 0 {
				if !strings.HasPrefix(name, "[") {
					return false
				}
				pattern, name = pattern[1:], name[1:]
				continue
			}
			if name == "" || !inSet(pattern[1:end], name[0]) {
				return false
			}
			pattern, name = pattern[end+1:], name[1:]
		default:
			if name == "" || name[0] != pattern[0] {
				return false
			}
			pattern, name = pattern[1:], name[1:]
		}
	}
	return name == ""
}

// setEnd gives the index of the bracket that ends the set at the start of
// pattern, -1 if there is none. One right at the beginning belongs to the set.
func setEnd(pattern string) int {
	i := 1
	if i < len(pattern) && pattern[i] == '!' {
		i++
	}
	if i < len(pattern) && pattern[i] == ']' {
		i++
	}
	for ; i < len(pattern); i++ {
		if pattern[i] == ']' {
			return i
		}
	}
	return -1
}

func inSet(set string, c byte) bool {
	not := strings.HasPrefix(set, "!")
	if not {
		set = set[1:]
	}
	for i := 0; i < len(set); i++ {
		if i+2 < len(set) && set[i+1] == '-' {
			if set[i] <= c && c <= set[i+2] {
				return !not
			}
			i += 2
			continue
		}
		if set[i] == c {
			return !not
		}
	}
	return not
}
