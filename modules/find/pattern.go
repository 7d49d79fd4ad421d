package find

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/modules/kit/form"
)

// units are what letters stand for behind a number. What is more than most
// counts as most: nothing is older or bigger.
type units struct {
	of   map[string]int64
	most int64
}

var (
	ageUnits  = units{map[string]int64{"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}, math.MaxInt64 / int64(time.Second)}
	sizeUnits = units{map[string]int64{"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}, math.MaxInt64}
)

// number reads -3d or 10k.
func number(text string, u units) (int64, bool) {
	text = strings.ToLower(text)
	digits := strings.TrimRight(text, "bkmgtshdw")
	factor, ok := u.of[text[len(digits):]]
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	bound := u.most / factor
	return min(max(n, -bound), bound) * factor, true
}

// matchers gives what matches names. A pattern that is none is found out with the first name that comes
// to it, and the rest of the path is not looked at, as in the reference.
func (s *search) matchers(patterns []string) []func(string) (bool, error) {
	var out []func(string) (bool, error)
	for _, p := range patterns {
		if !s.Args.Bool("use_regex") {
			out = append(out, func(name string) (bool, error) { return form.Fnmatch(p, name), nil })
			continue
		}
		re, bad := pyre.Compile(p, 0)
		out = append(out, func(name string) (bool, error) {
			if bad != nil {
				return false, &unreadable{bad.Error()}
			}
			m, err := re.Match(name)
			return m != nil, err
		})
	}
	return out
}
