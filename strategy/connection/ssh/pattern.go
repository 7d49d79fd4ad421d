package ssh

import "strings"

// matchPattern matches * and ? as ssh_config(5) PATTERNS has them.
func matchPattern(pattern, s string) bool {
	// Greedy with one point to fall back to: linear in practice, no blow-up.
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchAny matches a list of patterns, in which one that begins with ! and
// matches makes the whole list not match.
func matchAny(patterns []string, s string) bool {
	found := false
	for _, p := range patterns {
		if not, ok := strings.CutPrefix(p, "!"); ok {
			if matchPattern(not, s) {
				return false
			}
		} else if matchPattern(p, s) {
			found = true
		}
	}
	return found
}
