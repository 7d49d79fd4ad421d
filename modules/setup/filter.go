package setup

import (
	"path"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// filter gives the facts whose names match one of the patterns, all of them
// when there is no pattern. A pattern may lack ansible_.
func filter(facts *value.Dict, patterns []string) *value.Dict {
	if len(patterns) == 0 {
		return facts
	}
	out := value.NewDict(8)
	for _, pattern := range patterns {
		if pattern == "*" || pattern == "" {
			return facts
		}
		for k, v := range facts.All() {
			name := value.Text(k)
			if match(pattern, name) || match("ansible_"+pattern, name) {
				out.Set(k, v)
			}
		}
	}
	return out
}

// match is Python's fnmatch: as path.Match, but ! negates a set, a backslash is
// itself, and * crosses slashes, which no name of a fact has.
func match(pattern, name string) bool {
	pattern = strings.ReplaceAll(strings.ReplaceAll(pattern, `\`, `\\`), "[!", "[^")
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
