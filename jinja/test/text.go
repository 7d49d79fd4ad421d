package test

import (
	"errors"
	"strings"
	"unicode"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("lower", "test_lower", func(c *expr.Call) (bool, error) { return cased(c, unicode.IsLower) })
	add("upper", "test_upper", func(c *expr.Call) (bool, error) { return cased(c, unicode.IsUpper) })
	add("match", "match", func(c *expr.Call) (bool, error) { return matches(c, "match") })
	add("search", "search", func(c *expr.Call) (bool, error) { return matches(c, "search") })
	add("regex", "regex", regex)
	addLazy("truthy", "truthy", truthy)
	addLazy("falsy", "falsy", func(c *expr.Call) (bool, error) {
		ok, err := truthy(c)
		return !ok, err
	})
	add("url", "is_url", func(c *expr.Call) (bool, error) { return isURI(c, "url") })
	add("uri", "is_uri", func(c *expr.Call) (bool, error) { return isURI(c, "uri") })
	add("urn", "is_urn", func(c *expr.Call) (bool, error) { return isURI(c, "urn") })
}

// cased reports whether there are letters, and all that have a case have the wanted one.
func cased(c *expr.Call, is func(rune) bool) (bool, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return false, err
	}
	found := false
	for _, r := range value.Text(v) {
		if unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) {
			if !is(r) {
				return false, nil
			}
			found = true
		}
	}
	return found, nil
}

func matches(c *expr.Call, how string) (bool, error) {
	var v, pattern value.Value
	pattern = value.Str("")
	ignoreCase, multiline := false, false
	if err := c.Unpack("value", &v, "pattern?", &pattern, "ignorecase?", &ignoreCase, "multiline?", &multiline); err != nil {
		return false, err
	}
	return found(v, pattern, ignoreCase, multiline, how)
}

func regex(c *expr.Call) (bool, error) {
	var v, pattern value.Value = value.Str(""), value.Str("")
	ignoreCase, multiline, how := false, false, "search"
	if err := c.Unpack("value?", &v, "pattern?", &pattern, "ignorecase?", &ignoreCase, "multiline?", &multiline, "match_type?", &how); err != nil {
		return false, err
	}
	return found(v, pattern, ignoreCase, multiline, how)
}

func found(v, pattern value.Value, ignoreCase, multiline bool, how string) (bool, error) {
	s, ok := value.AsText(pattern)
	if !ok {
		return false, errors.New("first argument must be string or compiled pattern")
	}
	var flags pyre.Flags
	if ignoreCase {
		flags |= pyre.IgnoreCase
	}
	if multiline {
		flags |= pyre.Multiline
	}
	re, err := pyre.Compile(s, flags)
	if err != nil {
		return false, err
	}
	text := value.Text(v)
	var m *pyre.Match
	switch how {
	case "search":
		m, err = re.Search(text)
	case "match":
		m, err = re.Match(text)
	case "fullmatch":
		m, err = re.FullMatch(text)
	default:
		return false, errors.New("'str' object is not callable")
	}
	return m != nil, err
}

func truthy(c *expr.Call) (bool, error) {
	var v value.Value
	convert := false
	if err := c.Unpack("value", &v, "convert_bool?", &convert); err != nil {
		return false, err
	}
	v, err := force(v)
	if err != nil {
		return false, err
	}
	if s, ok := value.AsText(v); ok && convert {
		// What is known as no counts as no; other text is true if there is some.
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "no", "off", "false", "0", "n", "f":
			return false, nil
		}
	}
	return value.Truth(v), nil
}

// isURI looks at the scheme: a URL needs a place too, unless it is a file; a
// URN is of that scheme.
func isURI(c *expr.Call, kind string) (bool, error) {
	var v, schemes value.Value
	params := []any{"value", &v}
	if kind != "urn" {
		params = append(params, "schemes?", &schemes)
	}
	if err := c.Unpack(params...); err != nil {
		return false, err
	}
	s, ok := value.AsText(v)
	if !ok {
		return false, nil
	}
	u, err := filter.ParseURL(s)
	if err != nil {
		return false, nil
	}
	if schemes != nil && value.Truth(schemes) {
		if in, err := value.Contains(schemes, value.Str(u.Scheme)); err != nil || !in {
			return false, err
		}
	}
	switch kind {
	case "urn":
		return u.Scheme == "urn", nil
	case "url":
		return u.Netloc != "" || u.Scheme == "file", nil
	}
	return true, nil
}
