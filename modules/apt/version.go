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
