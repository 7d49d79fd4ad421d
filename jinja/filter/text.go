package filter

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("trim", "do_trim", trim)
	add("center", "do_center", center)
	add("replace", "do_replace", replace)
	add("format", "do_format", format)
	add("string", "soft_str", toString)
	addKeys("split", "split", split)
	add("quote", "quote", quote)
}

func trim(c *expr.Call) (value.Value, error) {
	var v, chars value.Value
	if err := c.Unpack("value", &v, "chars?", &chars); err != nil {
		return nil, err
	}
	cut := strings.TrimFunc
	s := value.Text(v)
	if !given(chars) {
		s = cut(s, isSpace)
	} else {
		set, ok := value.AsText(chars)
		if !ok {
			return nil, errors.New("strip arg must be None or str")
		}
		s = strings.Trim(s, set)
	}
	if _, ok := v.(value.Markup); ok {
		return value.Markup(s), nil
	}
	return value.Str(s), nil
}

func center(c *expr.Call) (value.Value, error) {
	var v value.Value
	width := 80
	if err := c.Unpack("value", &v, "width?", &width); err != nil {
		return nil, err
	}
	s := value.Text(v)
	size, _ := value.Len(value.Str(s))
	if width <= size {
		return value.Str(s), nil
	}
	if width > maxResult {
		return nil, errTooBig
	}
	// Python puts the odd blank to the left where the width is odd.
	margin := width - size
	left := margin/2 + margin&width&1
	return value.Str(strings.Repeat(" ", left) + s + strings.Repeat(" ", margin-left)), nil
}

// maxResult bounds in bytes what a filter may make of a little input.
const maxResult = 1 << 28

var errTooBig = fmt.Errorf("result is too big (more than %d MiB)", maxResult>>20)

func replace(c *expr.Call) (value.Value, error) {
	var v, old, repl value.Value
	count := -1
	if err := unpackEnv(c, "s", &v, "old", &old, "new", &repl, "count?", &count); err != nil {
		return nil, err
	}
	s, from, to := value.Text(v), value.Text(old), value.Text(repl)
	if len(to) > len(from) && (strings.Count(s, from)+1)*len(to) > maxResult {
		return nil, errTooBig
	}
	return value.Str(strings.Replace(s, from, to, count)), nil
}

// format is printf: the value is the format.
func format(c *expr.Call) (value.Value, error) {
	if len(c.Args) == 0 {
		return nil, fmt.Errorf("%s() missing 1 required positional argument: 'value'", c.Name)
	}
	var arg value.Value = value.NewTuple(c.Args[1:]...)
	if c.Kwargs != nil && c.Kwargs.Len() > 0 {
		if len(c.Args) > 1 {
			return nil, errors.New("can't handle positional and keyword arguments at the same time")
		}
		arg = c.Kwargs
	}
	s, err := value.Percent(value.Text(c.Args[0]), arg)
	return value.Str(s), err
}

func toString(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("s", &v); err != nil {
		return nil, err
	}
	if _, ok := v.(value.Markup); ok {
		return v, nil
	}
	return value.Str(value.Text(v)), nil
}

// split is the method of str, which takes nothing else.
func split(c *expr.Call) (value.Value, error) {
	var sep value.Value
	most := -1
	if len(c.Args) == 0 {
		return nil, errors.New("unbound method str.split() needs an argument")
	}
	s, ok := value.AsText(c.Args[0])
	if !ok {
		return nil, fmt.Errorf("descriptor 'split' for 'str' objects doesn't apply to a '%s' object", c.Args[0].Type())
	}
	for k := range c.Kwargs.All() {
		if name := value.Text(k); name != "sep" && name != "maxsplit" {
			return nil, fmt.Errorf("'%s' is an invalid keyword argument for split()", name)
		}
	}
	if err := value.Unpack("split", c.Args[1:], c.Kwargs, "sep?", &sep, "maxsplit?", &most); err != nil {
		return nil, err
	}
	if !given(sep) {
		return splitSpace(s, most), nil
	}
	by, ok := value.AsText(sep)
	if !ok {
		return nil, fmt.Errorf("must be str or None, not %s", sep.Type())
	}
	if by == "" {
		return nil, errors.New("empty separator")
	}
	if most >= 0 {
		most++
	}
	return value.Strings(strings.SplitN(s, by, most)...), nil
}

func splitSpace(s string, most int) value.Value {
	out := value.NewList()
	s = strings.TrimLeftFunc(s, isSpace)
	for s != "" {
		end := strings.IndexFunc(s, isSpace)
		if end < 0 || most == 0 {
			end = len(strings.TrimRightFunc(s, isSpace))
			out.Items = append(out.Items, value.Str(s[:max(end, 0)]))
			break
		}
		out.Items = append(out.Items, value.Str(s[:end]))
		s = strings.TrimLeftFunc(s[end:], isSpace)
		most--
	}
	return out
}

// quote makes one word of text for a shell.
func quote(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("a", &v); err != nil {
		return nil, err
	}
	if v == value.None {
		return value.Str("''"), nil
	}
	return value.Str(ShellQuote(value.Text(v))), nil
}

// ShellQuote is shlex.quote.
func ShellQuote(s string) string {
	if s == "" {
		return "''"
	}
	safe := func(r rune) bool {
		return r < 128 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%_-+=:,./", r))
	}
	if strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}
