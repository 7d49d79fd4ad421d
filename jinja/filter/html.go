package filter

import (
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("escape", "escape", escape)
	add("e", "escape", escape)
	add("forceescape", "do_forceescape", forceEscape)
	add("safe", "do_mark_safe", markSafe)
	add("striptags", "do_striptags", stripTags)
	add("xmlattr", "do_xmlattr", xmlAttr)
}

func escape(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("s", &v); err != nil {
		return nil, err
	}
	return escaped(v), nil
}

// escaped escapes all but what is marked as safe.
func escaped(v value.Value) value.Markup {
	if m, ok := v.(value.Markup); ok {
		return m
	}
	return value.Markup(value.EscapeHTML(value.Text(v)))
}

func forceEscape(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	return value.Markup(value.EscapeHTML(value.Text(v))), nil
}

func markSafe(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	return value.Markup(value.Text(v)), nil
}

// stripTags drops comments and tags, makes runs of blanks one and reads entities.
func stripTags(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	s := cutAll(value.Text(v), "<!--", "-->")
	s = cutAll(s, "<", ">")
	s = strings.Join(strings.FieldsFunc(s, isSpace), " ")
	return value.Str(html.UnescapeString(s)), nil
}

// cutAll takes out what stands between the two marks, and the marks.
func cutAll(s, open, end string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, open)
		if i < 0 {
			break
		}
		n := strings.Index(s[i:], end)
		if n < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i+n+len(end):]
	}
	b.WriteString(s)
	return b.String()
}

func xmlAttr(c *expr.Call) (value.Value, error) {
	var v value.Value
	autospace := true
	if err := unpackEnv(c, "d", &v, "autospace?", &autospace); err != nil {
		return nil, err
	}
	d, ok := asDict(v)
	if !ok {
		return nil, noItems(v)
	}
	var attrs []string
	for k, item := range d.All() {
		if item == value.None {
			continue
		}
		key, ok := value.AsText(k)
		if !ok {
			return nil, fmt.Errorf("expected string or bytes-like object, got '%s'", k.Type())
		}
		if strings.ContainsFunc(key, func(r rune) bool { return isSpace(r) || strings.ContainsRune("/>=", r) }) {
			return nil, errors.New("Invalid character in attribute name: " + value.QuoteRepr(key))
		}
		attrs = append(attrs, string(escaped(k))+`="`+string(escaped(item))+`"`)
	}
	s := strings.Join(attrs, " ")
	if autospace && s != "" {
		s = " " + s
	}
	return value.Str(s), nil
}
