package filter

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() { add("comment", "comment", comment) }

// commentStyles are the decorations of each style; what one leaves out is empty.
var commentStyles = map[string]map[string]string{
	"plain":  {"decoration": "# "},
	"erlang": {"decoration": "% "},
	"c":      {"decoration": "// "},
	"cblock": {"beginning": "/*", "decoration": " * ", "end": " */"},
	"xml":    {"beginning": "<!--", "decoration": " - ", "end": "-->"},
}

func comment(c *expr.Call) (value.Value, error) {
	var v value.Value
	var style value.Value = value.Str("plain")
	var kw *value.Dict
	if err := c.Unpack("text", &v, "style?", &style, "**kw", &kw); err != nil {
		return nil, err
	}
	name := value.Text(style)
	base, ok := commentStyles[name]
	if !ok {
		return nil, fmt.Errorf("Invalid style %s.", value.Repr(style))
	}
	opt := func(key, def string) string {
		if v, ok := kw.GetStr(key); ok {
			return value.Text(v)
		}
		if s, ok := base[key]; ok {
			return s
		}
		return def
	}
	text, ok := value.AsText(v)
	if !ok {
		return nil, fmt.Errorf("'%s' object has no attribute 'replace'", v.Type())
	}
	decoration := opt("decoration", "# ")
	trimmed := strings.TrimRightFunc(decoration, isSpace)
	newline := opt("newline", "\n")
	var counts [2]int
	for i, key := range []string{"prefix_count", "postfix_count"} {
		counts[i] = 1
		if v, ok := kw.GetStr(key); ok {
			n, err := value.Index(v)
			if err != nil {
				return nil, fmt.Errorf("can't multiply sequence by non-int of type '%s'", v.Type())
			}
			counts[i] = int(min(max(n, 0), maxResult/8))
		}
	}
	prefix, postfix := opt("prefix", trimmed), opt("postfix", trimmed)
	if counts[0]*(len(prefix)+len(newline)) > maxResult || counts[1]*(len(postfix)+len(newline)) > maxResult {
		return nil, errTooBig
	}
	var b strings.Builder
	if s := opt("beginning", ""); s != "" {
		b.WriteString(s + newline)
	}
	switch prefix {
	case "":
	case newline:
		b.WriteString(strings.Repeat(newline, counts[0]))
	default:
		b.WriteString(strings.Repeat(prefix+newline, counts[0]))
	}
	body := decoration + strings.ReplaceAll(text, newline, newline+decoration)
	// A line that is empty gets the decoration without its blanks.
	body = strings.ReplaceAll(body, decoration+newline, trimmed+newline)
	b.WriteString(body)
	b.WriteString(strings.Repeat(newline+postfix, counts[1]))
	if s := opt("end", ""); s != "" {
		b.WriteString(newline + s)
	}
	return value.Str(b.String()), nil
}
