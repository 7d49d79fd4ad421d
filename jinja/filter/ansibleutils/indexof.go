package ansibleutils

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() { add("index_of", "_index_of", indexOf) }

// indexOf gives the places of the items for which a test holds.
func indexOf(c *expr.Call) (value.Value, error) {
	args, err := arguments(c, []string{"data", "test", "value", "key", "fail_on_missing", "wantlist"}, "test")
	if err != nil {
		return nil, err
	}
	failMissing, err := boolean("fail_on_missing", args["fail_on_missing"])
	if err != nil {
		return nil, err
	}
	wantList, err := boolean("wantlist", args["wantlist"])
	if err != nil {
		return nil, err
	}
	data, err := listOf("data", orNone(args["data"]))
	if err != nil {
		return nil, err
	}
	s := search{c: c, test: value.Text(args["test"]), want: true, val: args["value"]}
	s.negate()
	candidates, err := s.candidates(data, args["key"], failMissing)
	if err != nil {
		return nil, err
	}
	out := []value.Value{}
	for i, item := range candidates {
		if item == nil {
			continue
		}
		ok, err := s.holds(item)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, value.Int(i))
		}
	}
	if len(out) == 1 && !wantList {
		return out[0], nil
	}
	return list(out), nil
}

type search struct {
	c           *expr.Call
	asked, test string // as it was given, and without negation
	want        bool
	val         value.Value
}

// negate takes a "not " or "!" from the test's name. The reference strips
// letters, not a word: "not none" becomes "e".
func (s *search) negate() {
	s.asked = s.test
	switch {
	case strings.HasPrefix(s.test, "not "):
		s.want, s.test = false, strings.TrimLeft(s.test, "not ")
	case strings.HasPrefix(s.test, "!") && s.test != "!=":
		s.want, s.test = false, strings.TrimLeft(s.test, "!")
	}
}

func fault(format string, args ...any) error {
	return fmt.Errorf("Error when using plugin 'index_of': "+format, args...)
}

// candidates gives what is tested: the items, or what stands in them under a
// key, nil where there is nothing.
func (s *search) candidates(data []value.Value, key value.Value, failMissing bool) ([]value.Value, error) {
	if !given(key) {
		return data, nil
	}
	name := value.Str(value.Text(key))
	var kinds, missing []string
	dicts := true
	out := make([]value.Value, len(data))
	for i, item := range data {
		kinds = append(kinds, item.Type())
		d, ok := item.(*value.Dict)
		if dicts = dicts && ok; !ok {
			continue
		}
		if v, ok := d.Get(name); ok {
			out[i] = v
		} else {
			missing = append(missing, fmt.Sprintf("'%s' was not found in '%s' at [%d]", name, value.Text(item), i))
		}
	}
	switch {
	case !dicts:
		return nil, fault("When a key name is provided, all list entries are required to be dictionaries, got %s", joinAnd(kinds))
	case failMissing && len(missing) > 0:
		return nil, fault("%s. fail_on_missing=True", joinAnd(missing))
	}
	return out, nil
}

// joinAnd joins as the reference does, also where there is one only.
func joinAnd(parts []string) string {
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

func (s *search) holds(item value.Value) (bool, error) {
	if s.c.Ctx.Env.Test(s.test) == nil {
		return false, fault("Error encountered when testing value '%s' (type=%s) against '%s' (type=%s) with '%s'.  Error was: the test '%s' was not found.",
			value.Text(item), item.Type(), value.Text(orNone(s.val)), item.Type(), s.asked, s.test)
	}
	args := []value.Value{item}
	if given(s.val) {
		args = append(args, s.val)
	}
	ok, err := s.c.Ctx.CallTest(s.test, args, nil)
	return ok == s.want, err
}
