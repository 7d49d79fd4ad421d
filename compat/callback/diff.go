package callback

import (
	"fmt"
	"strings"

	"github.com/pmezard/go-difflib/difflib"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

// diff shows what a result would change, with --diff.
func (c *Base) diff(e event.Result) {
	if text := c.diffText(e); text != "" {
		c.Print(strings.TrimSuffix(text, "\n"), Plain)
	}
}

// diffText is what diff shows, "" for nothing.
func (c *Base) diffText(e event.Result) string {
	if !e.ShowDiff || e.NoLog {
		return ""
	}
	v, ok := e.Value.GetStr("diff")
	if !ok || (e.Status == event.OK && !is(e.Value, "changed")) {
		return ""
	}
	items := []value.Value{v}
	if l, ok := v.(*value.List); ok {
		items = l.Items
	}
	var b strings.Builder
	for _, item := range items {
		if d, ok := item.(*value.Dict); ok {
			b.WriteString(c.oneDiff(d))
		}
	}
	return b.String()
}

func (c *Base) oneDiff(d *value.Dict) string {
	var b strings.Builder
	if is(d, "dst_binary") {
		b.WriteString("diff skipped: destination file appears to be binary\n")
	}
	if is(d, "src_binary") {
		b.WriteString("diff skipped: source file appears to be binary\n")
	}
	if v, ok := d.GetStr("dst_larger"); ok {
		fmt.Fprintf(&b, "diff skipped: destination file size is greater than %s\n", value.Text(v))
	}
	if v, ok := d.GetStr("src_larger"); ok {
		fmt.Fprintf(&b, "diff skipped: source file size is greater than %s\n", value.Text(v))
	}
	before, hasBefore := d.GetStr("before")
	after, hasAfter := d.GetStr("after")
	if hasBefore && hasAfter {
		b.WriteString(c.unified(d, before, after))
	}
	if v, ok := d.GetStr("prepared"); ok {
		b.WriteString(value.Text(v))
	}
	return b.String()
}

// noNewline stands below a last line that has no end, as a part of it.
const noNewline = `\ No newline at end of file`

func (c *Base) unified(d *value.Dict, before, after value.Value) string {
	from, to := header(d, "before"), header(d, "after")
	u := difflib.UnifiedDiff{A: diffLines(before), B: diffLines(after), FromFile: from, ToFile: to, Context: 3}
	text, err := difflib.GetUnifiedDiffString(u)
	if err != nil || text == "" {
		return ""
	}
	var b strings.Builder
	lines := strings.SplitAfter(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if line == "" {
			continue
		}
		if i+1 < len(lines) && strings.HasPrefix(lines[i+1], noNewline) {
			i++
			line += lines[i]
		}
		colour := Plain
		switch line[0] {
		case '+':
			colour = ColourDiffAdd
		case '-':
			colour = ColourDiffRemove
		case '@':
			colour = ColourDiffLines
		}
		// With its line end, which is in colour too.
		b.WriteString(c.paint(line, colour))
	}
	return b.String() + "\n"
}

func header(d *value.Dict, side string) string {
	if v, ok := d.GetStr(side + "_header"); ok && value.Truth(v) {
		return side + ": " + value.Text(v)
	}
	return side
}

// diffLines gives the lines of one side, each with its newline; a last line
// without one is marked as diff(1) does.
func diffLines(v value.Value) []string {
	text := ""
	switch t := v.(type) {
	case value.NoneType:
	case *value.Dict, *value.List:
		text = JSON(t, 4) + "\n"
	default:
		text = value.Text(t)
	}
	if text == "" {
		return nil
	}
	lines := strings.SplitAfter(text, "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	} else {
		lines[last] += "\n" + noNewline + "\n"
	}
	return lines
}
