package lookup

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
)

func init() { add("sequence", sequence) }

// shortcut is start-end/stride:format, all but end optional.
var shortcut = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(?:(0?x?[0-9a-f]+)\s*-\s*)?(0?x?[0-9a-f]+)(?:\s*/\s*([-]?[0-9]+))?(?:\s*:\s*(.+))?$`)
})

// run is one sequence.
type sequenceRun struct {
	start, end, stride, count int64
	hasEnd, hasCount          bool
	format                    string
}

func sequence(c *Call) ([]value.Value, error) {
	terms := c.Terms
	if len(terms) == 0 {
		terms = []value.Value{nil}
	}
	out := []value.Value{}
	given := c.options
	for _, t := range terms {
		c.options = map[string]value.Value{}
		for k, v := range given {
			c.options[k] = v
		}
		if t != nil {
			if err := c.sequenceTerm(t); err != nil {
				return nil, err
			}
		}
		s, err := c.sequenceRun()
		if err != nil {
			return nil, err
		}
		if out, err = s.items(out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sequenceTerm reads a term into the options.
func (c *Call) sequenceTerm(t value.Value) error {
	s, ok := value.AsText(t)
	if !ok {
		return fmt.Errorf("unknown error parsing with_sequence arguments: %s. Error was: expected string or bytes-like object, got '%s'", value.Repr(t), t.Type())
	}
	if m := shortcut().FindStringSubmatch(s); m != nil {
		for i, name := range []string{"start", "end", "stride", "format"} {
			if m[i+1] != "" {
				c.options[name] = value.Str(m[i+1])
			}
		}
		return nil
	}
	pairs, words := keyValues(s)
	if len(words) > 0 {
		pairs.SetStr("_raw_params", value.Str(strings.Join(words, " ")))
	}
	var unknown []value.Value
	for k, v := range pairs.All() {
		switch name := value.Text(k); name {
		case "start", "end", "stride", "count", "format":
			c.options[name] = v
		default:
			unknown = append(unknown, k)
		}
	}
	if len(unknown) > 0 {
		return fmt.Errorf("unrecognized arguments to with_sequence: %s", value.Repr(value.NewList(unknown...)))
	}
	return nil
}

func (c *Call) sequenceRun() (s sequenceRun, err error) {
	s.format = c.text("format", "%d")
	if s.start, _, err = c.number("start", 1); err != nil {
		return s, err
	}
	if s.end, s.hasEnd, err = c.number("end", 0); err != nil {
		return s, err
	}
	if s.stride, _, err = c.number("stride", 1); err != nil {
		return s, err
	}
	if s.count, s.hasCount, err = c.number("count", 0); err != nil {
		return s, err
	}
	switch {
	case !s.hasCount && !s.hasEnd:
		return s, errors.New("must specify count or end in with_sequence")
	case s.hasCount && s.hasEnd:
		return s, errors.New("can't specify both count and end in with_sequence")
	case s.hasCount && s.count != 0:
		s.end = s.start + s.count*s.stride - 1
	case s.hasCount:
		s.start, s.end, s.stride = 0, 0, 0
	}
	switch {
	case s.stride > 0 && s.end < s.start:
		return s, errors.New("to count backwards make stride negative")
	case s.stride < 0 && s.end > s.start:
		return s, errors.New("to count forward don't make stride negative")
	case strings.Count(s.format, "%") != 1:
		return s, errors.New("bad formatting string: " + s.format)
	}
	return s, nil
}

// maxSequence bounds what a mistyped end may make.
const maxSequence = 10_000_000

func (s *sequenceRun) items(out []value.Value) ([]value.Value, error) {
	if s.stride == 0 {
		return out, nil
	}
	if n := (s.end-s.start)/s.stride + 1; n > maxSequence {
		return nil, fmt.Errorf("a sequence of %d items is too long (at most %d)", n, maxSequence)
	}
	for i := s.start; (s.stride > 0 && i <= s.end) || (s.stride < 0 && i >= s.end); i += s.stride {
		v, err := value.Percent(s.format, value.Int(i))
		if err != nil {
			return nil, fmt.Errorf("problem formatting %d with '%s'", i, s.format)
		}
		out = append(out, value.Str(v))
	}
	return out, nil
}
