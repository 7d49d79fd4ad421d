package community

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("keep_keys", "keep_keys", func(c *expr.Call) (value.Value, error) { return chosenKeys(c, true) })
	add("remove_keys", "remove_keys", func(c *expr.Call) (value.Value, error) { return chosenKeys(c, false) })
	add("replace_keys", "replace_keys", replaceKeys)
}

// matcher tells whether a key matches a target.
type matcher func(key, target string) (bool, error)

var matchers = map[string]matcher{
	"equal":       func(key, target string) (bool, error) { return key == target, nil },
	"starts_with": func(key, target string) (bool, error) { return strings.HasPrefix(key, target), nil },
	"ends_with":   func(key, target string) (bool, error) { return strings.HasSuffix(key, target), nil },
	"regex": func(key, target string) (bool, error) {
		re, err := pyre.Compile(target, 0)
		if err != nil {
			return false, err
		}
		m, err := re.Match(key)
		return m != nil, err
	},
}

// keyData checks the data of all three filters: a list of dicts named by texts.
func keyData(v value.Value) ([]*value.Dict, error) {
	items, ok := sequence(v)
	if !ok {
		return nil, fmt.Errorf("First argument must be a list. %s is %s", value.Text(v), class(v))
	}
	out := make([]*value.Dict, len(items))
	for i, item := range items {
		if out[i], ok = item.(*value.Dict); !ok {
			return nil, fmt.Errorf("The data items must be dictionaries. %s is %s", value.Text(item), class(item))
		}
	}
	for _, d := range out {
		for k := range d.All() {
			if _, ok := value.AsText(k); !ok {
				return nil, fmt.Errorf("Top level keys must be strings. keys: dict_keys(%s)", value.Repr(list(d.Keys())))
			}
		}
	}
	return out, nil
}

func matcherOf(how value.Value) (string, matcher, error) {
	name := value.Text(how)
	match, ok := matchers[name]
	if !ok {
		return "", nil, fmt.Errorf("The matching_parameter must be one of ['equal', 'starts_with', 'ends_with', 'regex']. matching_parameter=%s", name)
	}
	return name, match, nil
}

func checkPattern(pattern string) error {
	if _, err := pyre.Compile(pattern, 0); err != nil {
		return fmt.Errorf("The target must be a valid regex if matching_parameter=regex. target is %s", pattern)
	}
	return nil
}

// targets reads a text or list of them.
func targets(v value.Value, how string) ([]string, error) {
	var texts []string
	items, ok := sequence(v)
	if s, isText := value.AsText(v); isText {
		items = nil
		if s != "" {
			items = []value.Value{v}
		}
	}
	if !ok {
		return nil, fmt.Errorf("The target must be a string or a list. target is %s.", class(v))
	}
	for _, item := range items {
		s, ok := value.AsText(item)
		if !ok {
			return nil, fmt.Errorf("The target items must be strings. %s is %s", value.Text(item), class(item))
		}
		texts = append(texts, s)
	}
	if len(texts) == 0 {
		return nil, errors.New("The target can't be empty.")
	}
	if how == "regex" {
		if len(texts) > 1 {
			return nil, errors.New("Single item is required in the target list if matching_parameter=regex.")
		}
		return texts, checkPattern(texts[0])
	}
	return texts, nil
}

func chosenKeys(c *expr.Call, keep bool) (value.Value, error) {
	var v, target value.Value
	var how value.Value = value.Str("equal")
	if err := c.Unpack("data", &v, "target?", &target, "matching_parameter?", &how); err != nil {
		return nil, err
	}
	if target == nil {
		target = value.None
	}
	data, err := keyData(v)
	if err != nil {
		return nil, err
	}
	name, match, err := matcherOf(how)
	if err != nil {
		return nil, err
	}
	texts, err := targets(target, name)
	if err != nil {
		return nil, err
	}
	out := make([]value.Value, len(data))
	for i, d := range data {
		chosen := value.NewDict(0)
		for k, item := range d.All() {
			found := false
			for _, t := range texts {
				ok, err := match(value.Text(k), t)
				if err != nil {
					return nil, err
				}
				found = found || ok
			}
			if found == keep {
				chosen.Set(k, item)
			}
		}
		out[i] = chosen
	}
	return list(out), nil
}

type replacement struct {
	before string
	after  value.Value
}

func replaceKeys(c *expr.Call) (value.Value, error) {
	var v, target value.Value
	var how value.Value = value.Str("equal")
	if err := c.Unpack("data", &v, "target?", &target, "matching_parameter?", &how); err != nil {
		return nil, err
	}
	data, err := keyData(v)
	if err != nil {
		return nil, err
	}
	name, match, err := matcherOf(how)
	if err != nil {
		return nil, err
	}
	pairs, err := replacements(target, name)
	if err != nil {
		return nil, err
	}
	out := make([]value.Value, len(data))
	for i, d := range data {
		renamed := value.NewDict(d.Len())
		for k, item := range d.All() {
			for _, p := range pairs {
				ok, err := match(value.Text(k), p.before)
				if err != nil {
					return nil, err
				}
				if ok {
					k = p.after
					break
				}
			}
			renamed.Set(k, item)
		}
		out[i] = renamed
	}
	return list(out), nil
}

func replacements(v value.Value, how string) ([]replacement, error) {
	l, ok := v.(*value.List)
	if !ok {
		kind := "NoneType"
		if v != nil {
			kind = v.Type()
		}
		return nil, fmt.Errorf("The target must be a list. target is <class '%s'>.", kind)
	}
	if len(l.Items) == 0 {
		return nil, errors.New("The target can't be empty.")
	}
	var out []replacement
	for _, item := range l.Items {
		d, ok := item.(*value.Dict)
		if !ok {
			return nil, fmt.Errorf("The target items must be dictionaries. %s is %s", value.Text(item), class(item))
		}
		before, hasBefore := d.GetStr("before")
		after, hasAfter := d.GetStr("after")
		if !hasBefore || !hasAfter {
			return nil, errors.New("All dictionaries in target must include attributes: after, before.")
		}
		for name, v := range map[string]value.Value{"before": before, "after": after} {
			if _, ok := value.AsText(v); !ok && (name == "before" || isText(before)) {
				return nil, fmt.Errorf("The attributes %s must be strings. %s is %s", name, value.Text(v), class(v))
			}
		}
		out = append(out, replacement{value.Text(before), after})
	}
	if how == "regex" {
		for _, r := range out {
			if checkPattern(r.before) != nil {
				return nil, fmt.Errorf("The attributes before must be valid regex if matching_parameter=regex. Not all items are valid regex in: %s", value.Repr(befores(out)))
			}
		}
	}
	return out, nil
}

func befores(rs []replacement) value.Value {
	var texts []string
	for _, r := range rs {
		texts = append(texts, r.before)
	}
	return value.Strings(texts...)
}

func isText(v value.Value) bool {
	_, ok := value.AsText(v)
	return ok
}
