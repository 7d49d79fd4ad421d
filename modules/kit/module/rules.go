package module

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// The conditions between arguments. An argument counts as given when the task
// named it, even with None, or when it has a default. Each gives the error of
// the first rule that is broken.

func (r *Rules) mutuallyExclusive(given func(string) bool) error {
	var broken []string
	for _, group := range r.MutuallyExclusive {
		if count(group, given) > 1 {
			broken = append(broken, strings.Join(group, "|"))
		}
	}
	if broken == nil {
		return nil
	}
	return fmt.Errorf("parameters are mutually exclusive: %s", strings.Join(broken, ", "))
}

func (r *Rules) requiredTogether(given func(string) bool) error {
	for _, group := range r.RequiredTogether {
		if n := count(group, given); n > 0 && n < len(group) {
			return fmt.Errorf("parameters are required together: %s", strings.Join(group, ", "))
		}
	}
	return nil
}

func (r *Rules) requiredOneOf(given func(string) bool) error {
	for _, group := range r.RequiredOneOf {
		if count(group, given) == 0 {
			return fmt.Errorf("one of the following is required: %s", strings.Join(group, ", "))
		}
	}
	return nil
}

func (r *Rules) requiredIf(params *value.Dict) error {
	for _, rule := range r.RequiredIf {
		v, ok := params.GetStr(rule.Arg)
		if !ok || !value.Equal(v, rule.Value) {
			continue
		}
		var missing []string
		for _, name := range rule.Then {
			if w, ok := params.GetStr(name); !ok || isNone(w) {
				missing = append(missing, name)
			}
		}
		word := "all"
		if rule.Any {
			word = "any"
		}
		if rule.Any && len(missing) >= len(rule.Then) || !rule.Any && len(missing) > 0 {
			return fmt.Errorf("%s is %s but %s of the following are missing: %s", rule.Arg, value.Text(v), word, strings.Join(missing, ", "))
		}
	}
	return nil
}

func (r *Rules) requiredBy(params *value.Dict) error {
	for _, rule := range r.RequiredBy {
		if v, ok := params.GetStr(rule.Arg); !ok || isNone(v) {
			continue
		}
		var missing []string
		for _, name := range rule.Then {
			if v, ok := params.GetStr(name); !ok || isNone(v) {
				missing = append(missing, name)
			}
		}
		if missing != nil {
			return fmt.Errorf("missing parameter(s) required by '%s': %s", rule.Arg, strings.Join(missing, ", "))
		}
	}
	return nil
}

func count(names []string, given func(string) bool) int {
	n := 0
	for _, name := range names {
		if given(name) {
			n++
		}
	}
	return n
}

func isNone(v value.Value) bool { return v == value.Value(value.None) }
