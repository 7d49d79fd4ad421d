package edit

import "strings"

// Fnmatch is Python's fnmatch: star, question mark, [set], [!set]; a slash is no
// border.
func Fnmatch(pattern, name string) bool {
	for pattern != "" {
		switch pattern[0] {
		case '*':
			for i := 0; i <= len(name); i++ {
				if Fnmatch(pattern[1:], name[i:]) {
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
