package find

import (
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/modules/kit/form"
)

var (
	ageUnits  = map[string]int64{"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
	sizeUnits = map[string]int64{"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
)

// number reads -3d or 10k.
func number(text string, units map[string]int64) (int64, bool) {
	text = strings.ToLower(text)
	digits := strings.TrimRight(text, "bkmgtshdw")
	factor, ok := units[text[len(digits):]]
	n, err := strconv.ParseInt(digits, 10, 64)
	return n * factor, ok && err == nil
}

func (s *search) matchers(patterns []string) ([]func(string) (bool, error), error) {
	var out []func(string) (bool, error)
	for _, p := range patterns {
		if !s.Args.Bool("use_regex") {
			out = append(out, func(name string) (bool, error) { return form.Fnmatch(p, name), nil })
			continue
		}
		re, err := pyre.Compile(p, 0)
		if err != nil {
			return nil, err
		}
		out = append(out, func(name string) (bool, error) {
			m, err := re.Match(name)
			return m != nil, err
		})
	}
	return out, nil
}
