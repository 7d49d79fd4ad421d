package find

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/modules/kit/module"
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
			re, err := shellPattern(p)
			if err != nil {
				return nil, err
			}
			out = append(out, func(name string) (bool, error) { return re.MatchString(name), nil })
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

var patternCache sync.Map // pattern → *regexp.Regexp

// shellPattern is Python's fnmatch: * ? [seq] [!seq], nothing is escaped and
// the dot is not special.
func shellPattern(p string) (*regexp.Regexp, error) {
	if re, ok := patternCache.Load(p); ok {
		return re.(*regexp.Regexp), nil
	}
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		case '[':
			set, end := bracket(p[i+1:])
			if end < 0 {
				b.WriteString(`\[`)
				continue
			}
			b.WriteString(set)
			i += end + 1
		default:
			b.WriteString(regexp.QuoteMeta(p[i : i+1]))
		}
	}
	b.WriteString(`\z`)
	re, err := regexp.Compile(strings.ToValidUTF8(b.String(), "."))
	if err != nil {
		return nil, module.Failf("pattern %q cannot be read: %s", p, err.Error())
	}
	patternCache.Store(p, re)
	return re, nil
}

// bracket reads a set after its opening bracket; end is where the closing one
// stands, -1 if there is none.
func bracket(rest string) (set string, end int) {
	start := 0
	if strings.HasPrefix(rest, "!") {
		start = 1
	}
	if start >= len(rest) {
		return "", -1
	}
	end = strings.IndexByte(rest[start+1:], ']')
	if end < 0 {
		return "", -1
	}
	end += start + 1
	body := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `^`, `\^`, `&`, `\&`, `~`, `\~`).Replace(rest[start:end])
	if start == 1 {
		return "[^" + body + "]", end
	}
	return "[" + body + "]", end
}
