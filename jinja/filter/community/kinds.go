package community

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("reveal_ansible_type", "reveal_ansible_type", func(c *expr.Call) (value.Value, error) {
		var v, alias value.Value
		if err := c.Unpack("data", &v, "alias?", &alias); err != nil {
			return nil, err
		}
		s, err := kindOf(v, alias)
		return value.Str(s), err
	})
	addTest("ansible_type", isKind)
	addTest("fqdn_valid", validFQDN)
}

// kindOf tells the type of v, and those of its items: list[int|str], dict[str, int].
func kindOf(v, alias value.Value) (string, error) {
	names := value.NewDict(0)
	if given(alias) {
		d, ok := alias.(*value.Dict)
		if !ok {
			return "", fmt.Errorf("The argument alias must be a dictionary. %s is %s", value.Text(alias), class(alias))
		}
		names = d
	}
	name := func(v value.Value) string {
		if other, ok := names.GetStr(v.Type()); ok {
			return value.Text(other)
		}
		return v.Type()
	}
	all := func(items []value.Value) string {
		var kinds []string
		for _, item := range items {
			kinds = append(kinds, name(item))
		}
		slices.Sort(kinds)
		return strings.Join(slices.Compact(kinds), "|")
	}
	kind := name(v)
	// An alias for the container hides what is in it.
	if l, ok := v.(*value.List); ok && kind == "list" && len(l.Items) > 0 {
		return kind + "[" + all(l.Items) + "]", nil
	}
	if d, ok := v.(*value.Dict); ok && kind == "dict" && d.Len() > 0 {
		var vals []value.Value
		for _, item := range d.All() {
			vals = append(vals, item)
		}
		return kind + "[" + all(d.Keys()) + ", " + all(vals) + "]", nil
	}
	return kind, nil
}

func isKind(c *expr.Call) (bool, error) {
	var v, want, alias value.Value
	if err := c.Unpack("data", &v, "dtype", &want, "alias?", &alias); err != nil {
		return false, err
	}
	items, ok := sequence(want)
	if _, text := value.AsText(want); text {
		items = []value.Value{want}
	}
	if !ok {
		return false, fmt.Errorf("The argument dtype must be a string or a list. dtype is %s.", class(want))
	}
	kind, err := kindOf(v, alias)
	return slices.ContainsFunc(items, func(item value.Value) bool { return value.Text(item) == kind }), err
}

const (
	maxFQDN  = 253
	maxLabel = 63
)

// validFQDN checks a name of a host. Source: RFC 1123 section 2.1.
func validFQDN(c *expr.Call) (bool, error) {
	var v value.Value
	least, underscores := 1, false
	if err := c.Unpack("name", &v, "min_labels?", &least, "allow_underscores?", &underscores); err != nil {
		return false, err
	}
	s, ok := value.AsText(v)
	if !ok || s == "" {
		return false, errors.New("fqdn must be str")
	}
	s = strings.TrimSuffix(s, ".")
	labels := strings.Split(s, ".")
	if len(s) > maxFQDN || len(labels) < least {
		return false, nil
	}
	for _, l := range labels {
		if l == "" || len(l) > maxLabel || l[0] == '-' || l[len(l)-1] == '-' {
			return false, nil
		}
		for _, c := range l {
			if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' && underscores) {
				return false, nil
			}
		}
	}
	return true, nil
}
