package ansibleutils

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("keep_keys", "_keep_keys", keepKeys)
	add("remove_keys", "_remove_keys", removeKeys)
	add("replace_keys", "_replace_keys", replaceKeys)
	add("param_list_compare", "_param_list_compare", paramListCompare)
}

// matcher tells whether a key matches a target.
type matcher func(key, target value.Value) (bool, error)

func equal(key, target value.Value) (bool, error) { return value.Equal(key, target), nil }

func affix(method string, has func(s, part string) bool) matcher {
	return func(key, target value.Value) (bool, error) {
		s, ok := value.AsText(key)
		if !ok {
			return false, fmt.Errorf("'%s' object has no attribute '%s'", key.Type(), method)
		}
		return has(s, value.Text(target)), nil
	}
}

var matchers = map[string]matcher{
	"":            equal,
	"starts_with": affix("startswith", strings.HasPrefix),
	"ends_with":   affix("endswith", strings.HasSuffix),
	"regex": func(key, target value.Value) (bool, error) {
		re, err := pyre.Compile(value.Text(target), 0)
		if err != nil {
			return false, err
		}
		s, ok := value.AsText(key)
		if !ok {
			return false, fmt.Errorf("expected string or bytes-like object, got '%s'", key.Type())
		}
		m, err := re.Match(s)
		return m != nil, err
	},
}

// keyArguments reads what the three filters have in common.
func keyArguments(c *expr.Call) (data value.Value, target []value.Value, match matcher, how string, err error) {
	args, err := arguments(c, []string{"data", "target", "matching_parameter"}, "target")
	if err != nil {
		return nil, nil, nil, "", err
	}
	if target, err = listOf("target", args["target"]); err != nil {
		return nil, nil, nil, "", err
	}
	if given(args["matching_parameter"]) {
		how = value.Text(args["matching_parameter"])
	}
	match, ok := matchers[how]
	if !ok || how == "" && given(args["matching_parameter"]) {
		return nil, nil, nil, "", badArgument("value of matching_parameter must be one of: starts_with, ends_with, regex, got: %s", how)
	}
	return orNone(args["data"]), target, match, how, nil
}

// errInput is what the three say of data that is neither dict nor list.
func errInput(name, what string) error {
	return fmt.Errorf("Error when using plugin '%s': Input is not valid for %s", name, what)
}

func isContainer(v value.Value) bool {
	switch v.(type) {
	case *value.Dict, *value.List:
		return true
	}
	return false
}

func keepKeys(c *expr.Call) (value.Value, error) {
	data, target, match, how, err := keyArguments(c)
	if err != nil {
		return nil, err
	}
	if !isContainer(data) {
		return nil, errInput("keep_keys", "keep operation")
	}
	k := keeper{target: target, match: match, whole: how == ""}
	return k.keep(data)
}

// keeper keeps keys at any depth. Only where keys are compared as a whole
// (whole) does one that matches keep all that stands under it.
type keeper struct {
	target []value.Value
	match  matcher
	whole  bool
}

func (k *keeper) keep(v value.Value) (value.Value, error) {
	switch x := v.(type) {
	case *value.List:
		out := make([]value.Value, len(x.Items))
		for i, item := range x.Items {
			var err error
			if out[i], err = k.keep(item); err != nil {
				return nil, err
			}
		}
		return list(out), nil
	case *value.Dict:
		out := value.NewDict(0)
		for key, item := range x.All() {
			for _, t := range k.target {
				kept, err := k.item(key, item, t)
				if err != nil {
					return nil, err
				}
				if _, before := out.Get(key); kept != nil && !(before && onlyEmpty(kept)) {
					out.Set(key, kept) // the last target has the last word
				}
			}
		}
		return out, nil
	}
	return v, nil
}

// item gives what one target keeps of an item, nil for nothing.
func (k *keeper) item(key, item, target value.Value) (value.Value, error) {
	container := isContainer(item)
	if k.whole || !container {
		ok, err := k.match(key, target)
		if ok || err != nil {
			return item, err
		}
	}
	if !container {
		return nil, nil
	}
	kept, err := k.keep(item)
	if err != nil || !value.Truth(kept) {
		return nil, err
	}
	if l, ok := kept.(*value.List); ok && !onlyEmpty(kept) {
		kept = list(slices.DeleteFunc(slices.Clone(l.Items), isEmptyDict))
	}
	return kept, nil
}

func isEmptyDict(v value.Value) bool {
	d, ok := v.(*value.Dict)
	return ok && d.Len() == 0
}

// onlyEmpty reports whether v is a list of nothing but empty dicts.
func onlyEmpty(v value.Value) bool {
	l, ok := v.(*value.List)
	return ok && !slices.ContainsFunc(l.Items, func(item value.Value) bool { return !isEmptyDict(item) })
}

func removeKeys(c *expr.Call) (value.Value, error) {
	data, target, match, _, err := keyArguments(c)
	if err != nil {
		return nil, err
	}
	if !isContainer(data) {
		return nil, errInput("remove_keys", "attribute removal")
	}
	return without(data, target, match)
}

// without removes keys at any depth. Lists lose what counts as false in them,
// and dicts that are empty then.
func without(v value.Value, target []value.Value, match matcher) (value.Value, error) {
	switch x := v.(type) {
	case *value.List:
		out := []value.Value{}
		for _, item := range x.Items {
			if !value.Truth(item) {
				continue
			}
			left, err := without(item, target, match)
			if err != nil {
				return nil, err
			}
			if d, ok := left.(*value.Dict); !ok || d.Len() > 0 {
				out = append(out, left)
			}
		}
		return list(out), nil
	case *value.Dict:
		out := value.NewDict(0)
		for key, item := range x.All() {
			gone := false
			for _, t := range target {
				ok, err := match(key, t)
				if err != nil {
					return nil, err
				}
				gone = gone || ok
			}
			if gone {
				continue
			}
			left, err := without(item, target, match)
			if err != nil {
				return nil, err
			}
			out.Set(key, left)
		}
		return out, nil
	}
	return v, nil
}

func replaceKeys(c *expr.Call) (value.Value, error) {
	data, target, match, _, err := keyArguments(c)
	if err != nil {
		return nil, err
	}
	rules := make([]rule, len(target))
	for i, item := range target {
		d, ok := item.(*value.Dict)
		if !ok {
			const msg = "dictionary requested, could not parse JSON or key=value"
			return nil, errors.New(value.Repr(value.Strings(msg, fmt.Sprintf("Elements value for option 'target' is of type %s and we were unable to convert to dict: %s", item.Type(), msg))))
		}
		for k := range d.All() {
			if name := value.Text(k); name != "before" && name != "after" {
				return nil, badArgument("target.%s. Supported parameters include: after, before.", name)
			}
		}
		before, _ := d.GetStr("before")
		after, _ := d.GetStr("after")
		rules[i] = rule{orNone(before), orNone(after)}
	}
	if !isContainer(data) {
		return nil, errInput("replace_keys", "replace operation")
	}
	return renamed(data, rules, match)
}

type rule struct{ before, after value.Value }

// renamed gives keys other names at any depth; a renamed item moves to the end.
func renamed(v value.Value, rules []rule, match matcher) (value.Value, error) {
	switch x := v.(type) {
	case *value.List:
		out := make([]value.Value, len(x.Items))
		for i, item := range x.Items {
			var err error
			if out[i], err = renamed(item, rules, match); err != nil {
				return nil, err
			}
		}
		return list(out), nil
	case *value.Dict:
		out := x.Clone()
		for _, key := range x.Keys() {
			item, _ := out.Get(key)
			item, err := renamed(item, rules, match)
			if err != nil {
				return nil, err
			}
			out.Set(key, item)
			for _, r := range rules {
				if r.before == value.None {
					continue
				}
				ok, err := match(key, r.before)
				if err != nil {
					return nil, err
				}
				if ok {
					out.Delete(key)
					out.Set(r.after, item)
					break
				}
			}
		}
		return out, nil
	}
	return v, nil
}

// paramListCompare sorts what was asked for into what there is and what there
// is not: all stands for everything, !x for leaving x out of it.
func paramListCompare(c *expr.Call) (value.Value, error) {
	var base, other value.Value
	if err := c.Unpack("base?", &base, "other?", &other); err != nil {
		return nil, err
	}
	if !given(base) || !given(other) {
		return nil, errors.New("Missing either 'base' or 'other value in filter input,refer 'ansible.utils.param_list_compare' filter plugin documentation for details")
	}
	asked, err := value.Items(other)
	if err != nil {
		return nil, err
	}
	if !value.IsIterable(base) {
		return nil, fmt.Errorf("argument of type '%s' is not iterable", base.Type())
	}
	known, err := value.Items(base)
	if err != nil {
		return nil, err
	}
	has := func(l []value.Value, s string) bool {
		for _, item := range l {
			if value.Text(item) == s {
				return true
			}
		}
		return false
	}
	all := has(asked, "all")
	actionable, unsupported := []value.Value{}, []value.Value{}
	for _, item := range known {
		name := value.Text(item)
		if has(asked, name) || all && !has(asked, "!"+name) {
			actionable = append(actionable, item)
		}
	}
	for _, item := range asked {
		if name := value.Text(item); name != "all" && !strings.HasPrefix(name, "!") && !has(known, name) {
			unsupported = append(unsupported, item)
		}
	}
	return value.DictOf("actionable", list(actionable), "unsupported", list(unsupported)), nil
}
