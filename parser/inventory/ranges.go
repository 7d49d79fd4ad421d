package inventory

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// maxRange bounds what one range may expand to.
const maxRange = 1_000_000

// expandHosts gives the names a host entry stands for, and the port it ends
// in, 0 if none: "web[01:20].example.com:2222".
func expandHosts(entry string) (names []string, port int, err error) {
	host, port := splitPort(entry)
	if !strings.Contains(host, "[") {
		return []string{host}, port, nil
	}
	names, err = expandRanges(host)
	return names, port, err
}

// splitPort takes ":port" off a name or a bracketed address. What does not
// look like an address is a name as it stands.
func splitPort(s string) (host string, port int) {
	if strings.HasPrefix(s, "[") {
		if end := strings.IndexByte(s, ']'); end > 0 && strings.Count(s[1:end], ":") > 1 {
			rest, ok := strings.CutPrefix(s[end+1:], ":")
			if n, err := strconv.Atoi(rest); ok && err == nil && n >= 0 {
				return s[1:end], n
			}
		}
	}
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '[':
			depth++
		case ']':
			depth--
		case ':':
			if depth > 0 {
				continue
			}
			n, err := strconv.Atoi(s[i+1:])
			if err != nil || n < 0 || i == 0 || s[i+1] == '+' {
				return s, 0
			}
			return s[:i], n
		}
	}
	return s, 0
}

// expandRanges expands [begin:end:step] in s: numbers, also zero-padded, and letters.
func expandRanges(s string) ([]string, error) {
	head, rest, ok := strings.Cut(s, "[")
	if !ok {
		return []string{s}, nil
	}
	span, tail, ok := strings.Cut(rest, "]")
	if !ok {
		return nil, errors.New("not enough values to unpack (expected 3, got 2)")
	}
	middle, err := expandRange(span)
	if err != nil {
		return nil, err
	}
	tails, err := expandRanges(tail)
	if err != nil {
		return nil, err
	}
	if len(middle)*len(tails) > maxRange {
		return nil, fmt.Errorf("host range [%s] stands for more than %d hosts", span, maxRange)
	}
	var out []string
	for _, m := range middle {
		for _, t := range tails {
			out = append(out, head+m+t)
		}
	}
	return out, nil
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func expandRange(span string) ([]string, error) {
	bounds := strings.Split(span, ":")
	if len(bounds) != 2 && len(bounds) != 3 {
		return nil, errors.New("host range must be begin:end or begin:end:step")
	}
	begin, end, step := bounds[0], bounds[1], 1
	if begin == "" {
		begin = "0"
	}
	if end == "" {
		return nil, errors.New("host range must specify end value")
	}
	var err error
	if len(bounds) == 3 {
		if step, err = pyInt(bounds[2]); err != nil {
			return nil, err
		}
	}
	if step == 0 {
		return nil, pythonError("range() arg 3 must not be zero")
	}
	width := 0
	if begin[0] == '0' && len(begin) > 1 {
		if width = len(begin); width != len(end) {
			return nil, errors.New("host range must specify equal-length begin and end formats")
		}
	}
	if b, e := strings.Index(letters, begin), strings.Index(letters, end); len(begin) == 1 && len(end) == 1 && b >= 0 && e >= 0 {
		if b > e {
			return nil, errors.New("host range must have begin <= end")
		}
		return count(b, e, step, func(i int) string { return letters[i : i+1] })
	}
	b, err := pyInt(begin)
	if err != nil {
		return nil, err
	}
	e, err := pyInt(end)
	if err != nil {
		return nil, err
	}
	return count(b, e, step, func(i int) string { return fmt.Sprintf("%0*d", width, i) })
}

func count(begin, end, step int, name func(int) string) ([]string, error) {
	if step < 0 {
		begin, end = 0, -1 // Python's range is empty
	}
	if begin <= end && (end-begin)/max(step, 1) > maxRange {
		return nil, fmt.Errorf("host range stands for more than %d hosts", maxRange)
	}
	var out []string
	for i := begin; i <= end; i += step {
		out = append(out, name(i))
	}
	return out, nil
}

// pythonError is an error that the reference did not foresee, but Python told it.
type pythonError string

func (e pythonError) Error() string { return string(e) }

func pyInt(s string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return 0, pythonError("invalid literal for int() with base 10: " + value.QuoteRepr(s))
	}
	return n, nil
}
