package callback

import (
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// asYAML gives a result as result_format=yaml shows it: below the line, indented.
func (c *Base) asYAML(d *value.Dict) string {
	pretty := c.Pretty == nil || *c.Pretty
	o := yaml.DumpOptions{Indent: 2, Width: 80, Flow: yaml.Block, SortKeys: true, Text: literalLines}
	if pretty {
		o.Indent, o.Text = c.Indent, readable
		d = withoutLines(d)
	}
	text, err := yaml.Dump(d, o)
	if err != nil {
		return value.Repr(d)
	}
	return "\n" + indented(strings.TrimRight(text, "\n"), strings.Repeat(" ", c.Indent))
}

// withoutLines leaves out what stands in stdout and stderr already.
func withoutLines(d *value.Dict) *value.Dict {
	out := d.Clone()
	for _, key := range []string{"stdout", "stderr"} {
		if has(d, key) && has(d, key+"_lines") {
			out.SetStr(key+"_lines", value.Str("<omitted>"))
		}
	}
	return out
}

// indented puts prefix before each line that is not blank.
func indented(text, prefix string) string {
	lines := value.SplitLines(text, true) // at all that Python takes for a line's end
	for i, l := range lines {
		if strings.TrimSpace(l) != "" {
			lines[i] = prefix + l
		}
	}
	return strings.Join(lines, "")
}

// literalLines wishes for a block where a text has several lines.
func literalLines(s string) (string, bool) {
	return s, strings.ContainsAny(s, "\n\r\x1c\x1d\x1e\u0085\u2028\u2029")
}

// readable changes texts of several lines so that a block can show them: no
// tabs, nothing unprintable, no blanks at the ends of lines.
func readable(s string) (string, bool) {
	s, literal := literalLines(s)
	if !literal {
		return s, false
	}
	s = expandTabs(strings.Map(printable, strings.TrimRight(s, " \t\n\r\v\f")), 8)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n"), true
}

// printable drops what YAML may not hold as it is.
func printable(r rune) rune {
	switch {
	case r == '\t', r == '\n', r == '\r', r >= 0x20 && r <= 0x7e, r == 0x85, r >= 0xa0 && r <= 0xd7ff, r >= 0xe000 && r <= 0xfffd, r >= 0x10000:
		return r
	}
	return -1
}

// expandTabs puts blanks in the place of tabs, up to the next multiple of size.
func expandTabs(s string, size int) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	var b strings.Builder
	col := 0
	for _, r := range s {
		switch r {
		case '\t':
			n := size - col%size
			b.WriteString(strings.Repeat(" ", n))
			col += n
			continue
		case '\n', '\r':
			col = -1
		}
		col++
		b.WriteRune(r)
	}
	return b.String()
}
