package source

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

// Excerpt gives the lines of p's file around p, as ansible-core 2.19 shows
// them: up to two lines before, the line, and a mark under the column; long
// lines are cut, and a column behind the cut has no mark; without a column the
// whole line is marked. It is empty where the file cannot be read or p has no
// line.
func Excerpt(p Pos) string {
	if _, text, ok := p.inline(); ok {
		return text
	}
	if p.File == "" || p.Line == 0 {
		return ""
	}
	content, err := os.ReadFile(p.File)
	if err != nil {
		return ""
	}
	first := max(1, p.Line-2)
	lines := linesOf(content, first, p.Line)
	if lines == nil {
		return "(source not shown: file truncated)"
	}
	digits := len(fmt.Sprint(p.Line))
	var b strings.Builder
	for n := first; n <= p.Line; n++ {
		line := cut(strings.ReplaceAll(lines[n-first], "\t", " "), maxExcerpt-digits-1)
		if line = strings.TrimSuffix(line, "\r"); line != "" {
			line = " " + line
		}
		fmt.Fprintf(&b, "%*d%s\n", digits, n, line)
	}
	if p.Col == 0 {
		line := cut(strings.ReplaceAll(strings.TrimSuffix(lines[p.Line-first], "\r"), "\t", " "), maxExcerpt-digits-1)
		fmt.Fprintf(&b, "%s%s", strings.Repeat(" ", digits+1), strings.Repeat("^", utf8.RuneCountInString(line)))
	}
	if p.Col > 0 {
		b.WriteString(marker(p.Col, digits, utf8.RuneCountInString(lines[p.Line-first])))
	}
	return strings.TrimRight(b.String(), "\n")
}

// marker points at a column of a line that has length characters: with its label
// behind it, or before it where there is no room, or not at all where the line
// is cut off before it.
func marker(col, digits, length int) string {
	shown := maxExcerpt - digits - 1
	if length > shown {
		shown -= len(ellipsis)
	}
	if col > shown {
		return ""
	}
	label := fmt.Sprintf("column %d", col)
	if digits+col+len("^ ")+len(label) <= maxExcerpt {
		return strings.Repeat(" ", digits+col) + "^ " + label
	}
	return fmt.Sprintf("%*s ^", digits+col-1, label)
}

const ellipsis = "..."

// maxExcerpt is the width of an excerpt, line numbers included.
const maxExcerpt = 120

func cut(line string, width int) string {
	if r := []rune(line); len(r) > width {
		return string(r[:width-len(ellipsis)]) + ellipsis
	}
	return line
}

// linesOf gives the lines first to last of content, counted from 1; nil if it
// has fewer.
func linesOf(content []byte, first, last int) []string {
	if len(content) == 0 {
		return nil
	}
	content = bytes.TrimSuffix(content, []byte("\n"))
	var lines []string
	for n := 1; ; n++ {
		line, rest, more := bytes.Cut(content, []byte("\n"))
		if n >= first {
			lines = append(lines, string(line))
		}
		if n == last {
			return lines
		}
		if content = rest; !more {
			return nil
		}
	}
}
