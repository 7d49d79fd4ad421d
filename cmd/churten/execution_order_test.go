package main

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

var (
	headingLine = regexp.MustCompile(`^(?:TASK|RUNNING HANDLER) \[`)
	resultLine  = regexp.MustCompile(`^(?:(FAILED - RETRYING)|[a-z]+): \[([^\]: ]+)`)
)

// byHost gives what was told in an order that does not hang on who was first, for
// cases with "order: hosts": by_host of record.py tells how.
func byHost(out string) string {
	type part struct{ host, text string }
	var (
		told    []string
		parts   []part
		inPlay  bool
		heading string
		open    []string
	)
	closePart := func() {
		if len(open) == 0 {
			return
		}
		p := part{text: strings.TrimRight(strings.Join(open, "\n"), "\n") + "\n"}
		if found := resultLine.FindStringSubmatch(open[0]); found != nil {
			p.host = found[2]
			if found[1] == "" {
				p.text = heading + "\n" + p.text
			}
		}
		parts, open = append(parts, p), nil
	}
	flush := func() {
		closePart()
		slices.SortStableFunc(parts, func(a, b part) int {
			if c := cmp.Compare(a.host, b.host); c != 0 || a.host != "" {
				return c
			}
			return cmp.Compare(a.text, b.text)
		})
		for _, p := range parts {
			told = append(told, p.text)
		}
		parts = nil
	}
	for line := range strings.SplitSeq(out, "\n") {
		switch {
		case strings.HasPrefix(line, "PLAY "):
			flush()
			told = append(told, line)
			inPlay = strings.HasPrefix(line, "PLAY [")
		case !inPlay:
			told = append(told, line)
		case headingLine.MatchString(line):
			closePart()
			heading = line
		case strings.HasPrefix(line, "[ERROR]") || resultLine.MatchString(line):
			closePart()
			open = append(open, line)
		case len(open) > 0:
			open = append(open, line)
		case line != "":
			told = append(told, line)
		}
	}
	return strings.Join(told, "\n")
}
