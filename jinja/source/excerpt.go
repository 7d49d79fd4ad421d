package source

import (
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
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if p.Line > len(lines) || len(content) == 0 {
		return "(source not shown: file truncated)"
	}
	digits := len(fmt.Sprint(p.Line))
	var b strings.Builder
	for n := max(1, p.Line-2); n <= p.Line; n++ {
		line := cut(strings.ReplaceAll(lines[n-1], "\t", " "), maxExcerpt-digits-1)
		if line = strings.TrimSuffix(line, "\r"); line != "" {
			line = " " + line
		}
		fmt.Fprintf(&b, "%*d%s\n", digits, n, line)
	}
	if p.Col == 0 {
		line := cut(strings.ReplaceAll(strings.TrimSuffix(lines[p.Line-1], "\r"), "\t", " "), maxExcerpt-digits-1)
		fmt.Fprintf(&b, "%s%s", strings.Repeat(" ", digits+1), strings.Repeat("^", utf8.RuneCountInString(line)))
	}
	if p.Col > 0 && p.Col+digits < maxExcerpt {
		fmt.Fprintf(&b, "%s^ column %d", strings.Repeat(" ", digits+p.Col), p.Col)
	}
	return strings.TrimRight(b.String(), "\n")
}

// maxExcerpt is the width of an excerpt, line numbers included.
const maxExcerpt = 120

func cut(line string, width int) string {
	if r := []rune(line); len(r) > width {
		return string(r[:width-3]) + "..."
	}
	return line
}
