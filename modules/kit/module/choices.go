package module

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// choice checks an argument against its choices. Text "True" or "False", which
// is what a YAML boolean has become by now, stands for the one choice that
// means the same (yes, on …), as in the reference.
func (c *checker) choice(a *Arg, params *value.Dict, path []string) {
	v, ok := params.GetStr(a.Name)
	if !ok || len(a.Choices) == 0 {
		return
	}
	if l, ok := v.(*value.List); ok {
		var bad []string
		for _, item := range l.Items {
			if !isChoice(a.Choices, item) {
				bad = append(bad, value.Text(item))
			}
		}
		if len(bad) > 0 {
			c.rule(fmt.Errorf("value of %s must be one or more of: %s. Got no match for: %s", a.Name, strings.Join(a.Choices, ", "), strings.Join(bad, ", ")), path)
		}
		return
	}
	if isChoice(a.Choices, v) {
		return
	}
	switch v {
	case value.Str("False"):
		if only, ok := onlyOne(a.Choices, falseWords); ok {
			params.SetStr(a.Name, value.Str(only))
			return
		}
	case value.Str("True"):
		if only, ok := onlyOne(a.Choices, trueWords); ok {
			params.SetStr(a.Name, value.Str(only))
			return
		}
	}
	c.rule(fmt.Errorf("value of %s must be one of: %s, got: %s", a.Name, strings.Join(a.Choices, ", "), value.Text(v)), path)
}

func isChoice(choices []string, v value.Value) bool {
	text := value.Text(v)
	for _, choice := range choices {
		if choice == text {
			return true
		}
	}
	return false
}

func onlyOne(choices []string, words string) (string, bool) {
	var found []string
	for _, choice := range choices {
		if strings.Contains(words, " "+choice+" ") {
			found = append(found, choice)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}
