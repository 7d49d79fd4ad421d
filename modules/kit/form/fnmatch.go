// Package form reads small forms of text that several modules know: Python's
// shell patterns, and the octal numbers of tables of file systems.
package form

import "unicode/utf8"

// Fnmatch is Python's fnmatchcase: star, question mark, [set], [!set]; neither a
// slash nor a dot is special, and nothing is escaped. Bytes that are no UTF-8
// are characters of their own.
func Fnmatch(pattern, name string) bool {
	// Where to go on from when what follows the last star does not match: one
	// star suffices, since an earlier one could do nothing more.
	var afterStar, retry string
	starred := false
	for {
		if pattern != "" && pattern[0] == '*' {
			pattern = pattern[1:]
			afterStar, retry, starred = pattern, name, true
			continue
		}
		if name == "" && pattern == "" {
			return true
		}
		if rest, size := one(pattern, name); size > 0 {
			pattern, name = rest, name[size:]
			continue
		}
		if !starred || retry == "" {
			return false
		}
		_, size := char(retry)
		retry = retry[size:]
		pattern, name = afterStar, retry
	}
}

// one matches a character of name with the first of pattern; it gives what
// follows in pattern, and the size of the character, 0 when it does not match.
func one(pattern, name string) (rest string, size int) {
	if pattern == "" || name == "" {
		return "", 0
	}
	c, size := char(name)
	switch pattern[0] {
	case '?':
		return pattern[1:], size
	case '[':
		if end := setEnd(pattern); end > 0 {
			if !inSet(pattern[1:end], c) {
				return "", 0
			}
			return pattern[end+1:], size
		}
	}
	p, n := char(pattern)
	if p != c {
		return "", 0
	}
	return pattern[n:], size
}

// char gives the first character of s, which is not empty.
func char(s string) (rune, int) {
	c, size := utf8.DecodeRuneInString(s)
	if c == utf8.RuneError && size == 1 {
		return 0xdc00 + rune(s[0]), 1 // as Python has such bytes in its strings
	}
	return c, size
}

// setEnd gives the index of the bracket that ends the set at the start of
// pattern, -1 if there is none. One right at the beginning belongs to the set.
func setEnd(pattern string) int {
	i := 1
	if i < len(pattern) && pattern[i] == '!' {
		i++
	}
	for start := i; i < len(pattern); i++ {
		if pattern[i] == ']' && i > start {
			return i
		}
	}
	return -1
}

func inSet(set string, c rune) bool {
	not := set[0] == '!'
	if not {
		set = set[1:]
	}
	for set != "" {
		from, size := char(set)
		set = set[size:]
		to := from
		if len(set) > 1 && set[0] == '-' {
			to, size = char(set[1:])
			set = set[1+size:]
		}
		if from <= c && c <= to {
			return !not
		}
	}
	return not
}
