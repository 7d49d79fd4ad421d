package setup

import (
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/form"
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
			if form.Fnmatch(pattern, name) || form.Fnmatch("ansible_"+pattern, name) {
				out.Set(k, v)
			}
		}
	}
	return out
}
