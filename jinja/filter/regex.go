package filter

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("regex_search", "regex_search", regexSearch)
	add("regex_findall", "regex_findall", regexFindall)
	add("regex_replace", "regex_replace", regexReplace)
	add("regex_escape", "regex_escape", regexEscape)
}

// pattern compiles a regular expression given as an argument.
func pattern(v value.Value, multiline, ignoreCase bool) (*pyre.Regexp, error) {
	s, ok := value.AsText(v)
	if !ok {
		return nil, errors.New("first argument must be string or compiled pattern")
	}
	var flags pyre.Flags
	if multiline {
		flags |= pyre.Multiline
	}
	if ignoreCase {
		flags |= pyre.IgnoreCase
	}
	return pyre.Compile(s, flags)
}

// regexSearch gives what a pattern matched, or the groups that are asked for.
func regexSearch(c *expr.Call) (value.Value, error) {
	var v, re value.Value
	var wanted []value.Value
	var kw *value.Dict
	if err := c.Unpack("value", &v, "regex", &re, "*args", &wanted, "**kwargs", &kw); err != nil {
		return nil, err
	}
	var groups []any // names and numbers
	for _, w := range wanted {
		g, err := groupWanted(w)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	r, err := pattern(re, flag(kw, "multiline"), flag(kw, "ignorecase"))
	if err != nil {
		return nil, err
	}
	m, err := r.Search(value.Text(v))
	if err != nil {
		return nil, err
	}
	if m == nil {
		return value.None, nil
	}
	if len(groups) == 0 {
		s, _ := m.Text(0)
		return value.Str(s), nil
	}
	out := make([]value.Value, len(groups))
	for i, g := range groups {
		n, ok := g.(int)
		if name, isName := g.(string); isName {
			n, ok = r.Group(name)
		}
		if !ok || n > r.Groups() {
			return nil, errors.New("no such group")
		}
		out[i] = groupText(m, n)
	}
	return list(out), nil
}

// groupText is what group n matched, None if it took no part.
func groupText(m *pyre.Match, n int) value.Value {
	if s, ok := m.Text(n); ok {
		return value.Str(s)
	}
	return value.None
}

func flag(kw *value.Dict, name string) bool {
	v, ok := kw.GetStr(name)
	return ok && value.Truth(v)
}

// groupWanted reads \1 and \g<name>.
func groupWanted(v value.Value) (any, error) {
	s, ok := value.AsText(v)
	if !ok {
		return nil, fmt.Errorf("'%s' object has no attribute 'startswith'", v.Type())
	}
	if name, ok := strings.CutPrefix(s, `\g`); ok {
		if inner, ok := strings.CutPrefix(name, "<"); ok && strings.Contains(inner, ">") {
			inner = inner[:strings.IndexByte(inner, '>')]
			if n, err := strconv.Atoi(inner); err == nil {
				return n, nil
			}
			return inner, nil
		}
		return nil, errors.New("'NoneType' object has no attribute 'group'")
	}
	if digits, ok := strings.CutPrefix(s, `\`); ok {
		n := len(digits) - len(strings.TrimLeft(digits, "0123456789"))
		if n == 0 {
			return nil, errors.New("'NoneType' object has no attribute 'group'")
		}
		return strconv.Atoi(digits[:n])
	}
	return nil, errors.New("Unknown argument")
}

func regexFindall(c *expr.Call) (value.Value, error) {
	var v, re value.Value
	multiline, ignoreCase := false, false
	if err := c.Unpack("value", &v, "regex", &re, "multiline?", &multiline, "ignorecase?", &ignoreCase); err != nil {
		return nil, err
	}
	r, err := pattern(re, multiline, ignoreCase)
	if err != nil {
		return nil, err
	}
	all, err := r.FindAll(value.Text(v))
	if err != nil {
		return nil, err
	}
	out := make([]value.Value, len(all))
	for i, m := range all {
		switch r.Groups() {
		case 0:
			s, _ := m.Text(0)
			out[i] = value.Str(s)
		case 1:
			s, _ := m.Text(1)
			out[i] = value.Str(s)
		default:
			row := make([]value.Value, r.Groups())
			for g := range row {
				s, _ := m.Text(g + 1)
				row[g] = value.Str(s)
			}
			out[i] = value.NewTuple(row...)
		}
	}
	return list(out), nil
}

func regexReplace(c *expr.Call) (value.Value, error) {
	var v, re, repl value.Value = value.Str(""), value.Str(""), value.Str("")
	ignoreCase, multiline, count, mandatory := false, false, 0, 0
	if err := c.Unpack("value?", &v, "pattern?", &re, "replacement?", &repl, "ignorecase?", &ignoreCase, "multiline?", &multiline,
		"count?", &count, "mandatory_count?", &mandatory); err != nil {
		return nil, err
	}
	r, err := pattern(re, multiline, ignoreCase)
	if err != nil {
		return nil, err
	}
	template, ok := value.AsText(repl)
	if !ok {
		return nil, fmt.Errorf("decoding to str: need a bytes-like object, %s found", repl.Type())
	}
	text := value.Text(v)
	s, n, err := r.Sub(template, text, count)
	if err != nil {
		return nil, err
	}
	if mandatory != 0 && n != mandatory {
		return nil, fmt.Errorf("'%s' should match %d times, but matches %d times in %s", r.Pattern(), mandatory, count, value.QuoteRepr(text))
	}
	return value.Str(s), nil
}

func regexEscape(c *expr.Call) (value.Value, error) {
	var v value.Value
	kind := "python"
	if err := c.Unpack("string", &v, "re_type?", &kind); err != nil {
		return nil, err
	}
	s := value.Text(v)
	switch kind {
	case "python":
		return value.Str(pyre.Escape(s)), nil
	case "posix_basic":
		var b strings.Builder
		for i := range len(s) {
			if strings.IndexByte(`][.^$*\`, s[i]) >= 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(s[i])
		}
		return value.Str(b.String()), nil
	case "posix_extended":
		return nil, fmt.Errorf("Regex type (%s) not yet implemented", kind)
	}
	return nil, fmt.Errorf("Invalid regex type (%s)", kind)
}
