package rpm

import "strings"

// Compare orders two packages by epoch, version and release; a release that is
// "" on either side does not count.
func Compare(a, b *Package) int {
	if c := CompareVersions(a.epoch(), b.epoch()); c != 0 {
		return c
	}
	if c := CompareVersions(a.Version, b.Version); c != 0 || a.Release == "" || b.Release == "" {
		return c
	}
	return CompareVersions(a.Release, b.Release)
}

// CompareVersions orders versions or releases as rpm-version(7) says: runs of
// digits as numbers, runs of letters as texts, numbers above letters; a tilde
// is before everything, even the end, and a caret after the end only.
func CompareVersions(a, b string) int {
	for {
		a, b = skip(a), skip(b)
		switch x, y := starts(a, '~'), starts(b, '~'); {
		case x && y:
			a, b = a[1:], b[1:]
			continue
		case x:
			return -1
		case y:
			return 1
		}
		switch x, y := starts(a, '^'), starts(b, '^'); {
		case x && y:
			a, b = a[1:], b[1:]
			continue
		case x && b == "":
			return 1
		case y && a == "":
			return -1
		case x:
			return -1
		case y:
			return 1
		}
		if a == "" || b == "" {
			break
		}
		kind := letter
		if digit(a[0]) {
			kind = digit
		}
		x, y := run(a, kind), run(b, kind)
		if y == "" {
			if kind(a[0]) && digit(a[0]) {
				return 1
			}
			return -1
		}
		a, b = a[len(x):], b[len(y):]
		if digit(x[0]) {
			x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if len(x) != len(y) {
				return sign(len(x) - len(y))
			}
		}
		if c := strings.Compare(x, y); c != 0 {
			return c
		}
	}
	return sign(len(a) - len(b))
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

func starts(s string, c byte) bool { return s != "" && s[0] == c }
func digit(c byte) bool            { return c >= '0' && c <= '9' }
func letter(c byte) bool           { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// skip leaves out what separates.
func skip(s string) string {
	for s != "" && !digit(s[0]) && !letter(s[0]) && s[0] != '~' && s[0] != '^' {
		s = s[1:]
	}
	return s
}

// run is the longest beginning of s made of one kind.
func run(s string, kind func(byte) bool) string {
	n := 0
	for n < len(s) && kind(s[n]) {
		n++
	}
	return s[:n]
}
