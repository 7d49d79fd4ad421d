package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// page prints what a command is and takes, in argparse's layout: scripts and
// eyes find things where they are used to. The words are ours.
type page struct {
	prog  string
	c     *cli.Command
	width int
}

// newPage is for lines of the terminal behind w, or of COLUMNS, or 80.
func newPage(prog string, c *cli.Command, w io.Writer) page {
	width, _ := strconv.Atoi(os.Getenv("COLUMNS"))
	if width <= 0 {
		width = 80
		if f, ok := w.(*os.File); ok {
			if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
				width = n
			}
		}
	}
	return page{prog, c, width - 2}
}

func (p page) flags() []cli.Flag {
	var out []cli.Flag
	for _, f := range append([]cli.Flag{cli.HelpFlag}, p.c.Flags...) {
		if !hidden(f) {
			out = append(out, f)
		}
	}
	return out
}

// usage is the summary of options, in lines of the page's width.
func (p page) usage() string {
	var opts, args []string
	flags := p.flags()
	done := map[cli.Flag]bool{}
	for _, f := range flags {
		if done[f] {
			continue
		}
		text := brief(f)
		if other := partner(flags, f); other != nil {
			text += " | " + brief(other)
			done[other] = true
		}
		opts = append(opts, "["+text+"]")
	}
	switch {
	case len(p.c.Subcommands) > 0:
		args = []string{choices(p.c), "..."}
	case p.c.ArgsUsage != "":
		args = arguments(p.c.ArgsUsage)
	}
	head := "usage: " + p.prog
	one := strings.Join(append(append([]string{head}, opts...), args...), " ")
	if len(one) <= p.width {
		return one + "\n"
	}
	if len(head)*4 > p.width*3 { // no room beside the name
		lines := append(filled(opts, "       ", "       ", p.width), filled(args, "       ", "       ", p.width)...)
		return head + "\n" + strings.Join(lines, "\n") + "\n"
	}
	indent := strings.Repeat(" ", len(head)+1)
	lines := filled(opts, head+" ", indent, p.width)
	if len(args) > 0 {
		lines = append(lines, filled(args, indent, indent, p.width)...)
	}
	return strings.Join(lines, "\n") + "\n"
}

// brief is an option in the summary: its first name and its value.
func brief(f cli.Flag) string {
	name := dashed(f.Names())[0]
	if metavar, _ := described(f); metavar != "" {
		name += " " + metavar
	}
	return name
}

func choices(c *cli.Command) string {
	var names []string
	for _, s := range c.Subcommands {
		if !s.Hidden {
			names = append(names, s.Name)
		}
	}
	return "{" + strings.Join(names, ",") + "}"
}

// arguments splits ArgsUsage where a line may end: not inside of brackets.
func arguments(usage string) []string {
	var out []string
	depth := 0
	for _, w := range strings.Fields(usage) {
		if depth > 0 || strings.HasPrefix(w, "[") && len(out) > 0 && strings.HasPrefix(w[1:], out[len(out)-1]) {
			out[len(out)-1] += " " + w
		} else {
			out = append(out, w)
		}
		depth += strings.Count(w, "[") - strings.Count(w, "]")
	}
	return out
}

// filled puts parts into lines of at most width, the first behind head.
func filled(parts []string, head, indent string, width int) []string {
	var lines []string
	line := head
	for _, part := range parts {
		if len(line)+len(part) > width && line != indent {
			lines = append(lines, strings.TrimRight(line, " "))
			line = indent
		}
		line += part + " "
	}
	if len(parts) > 0 {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// help is the whole page.
func (p page) help() string {
	var b strings.Builder
	b.WriteString(p.usage())
	for _, text := range []string{p.c.Usage, p.c.Description} {
		if text != "" {
			b.WriteString("\n" + strings.Join(wrapped(sentence(text), p.width), "\n") + "\n")
		}
	}
	if len(p.c.Subcommands) > 0 {
		b.WriteString("\npositional arguments:\n  " + choices(p.c) + "\n")
		for _, s := range p.c.Subcommands {
			if !s.Hidden {
				p.entry(&b, "  "+s.Name, s.Usage)
			}
		}
	} else if p.c.ArgsUsage != "" {
		b.WriteString("\npositional arguments:\n")
		for _, a := range arguments(p.c.ArgsUsage) {
			name, _, _ := strings.Cut(strings.Trim(a, "[]"), " ")
			p.entry(&b, name, "")
		}
	}
	groups, byName := []string{""}, map[string][]cli.Flag{}
	for _, f := range p.flags() {
		name := category(f)
		if !slices.Contains(groups, name) {
			groups = append(groups, name)
		}
		byName[name] = append(byName[name], f)
	}
	for _, name := range groups {
		p.group(&b, name, byName[name])
	}
	if len(p.c.Subcommands) > 0 {
		fmt.Fprintf(&b, "\nSee '%s <command> --help' for more information on a specific command.\n", p.prog)
	}
	return b.String()
}

func (p page) group(b *strings.Builder, name string, flags []cli.Flag) {
	if name == "" {
		name = "options"
	}
	b.WriteString("\n" + name + ":\n")
	slices.SortStableFunc(flags, func(x, y cli.Flag) int {
		return strings.Compare(dashed(x.Names())[0], dashed(y.Names())[0])
	})
	for _, f := range flags {
		metavar, text := described(f)
		names := dashed(f.Names())
		for i := range names {
			if metavar != "" {
				names[i] += " " + metavar
			}
		}
		p.entry(b, strings.Join(names, ", "), text)
	}
}

// column is where the texts of a help page begin.
const column = 24

// entry is one line of a list: a name and what it is.
func (p page) entry(b *strings.Builder, name, text string) {
	line := "  " + name
	if text == "" {
		b.WriteString(line + "\n")
		return
	}
	if len(line) > column-2 {
		b.WriteString(line + "\n")
		line = ""
	}
	for _, t := range wrapped(text, max(p.width-column, 11)) {
		fmt.Fprintf(b, "%-*s%s\n", column, line, t)
		line = ""
	}
}

func wrapped(text string, width int) []string { return filled(strings.Fields(text), "", "", width+1) }

// sentence gives a text of ours, which stands without a full stop in lists, as a sentence.
func sentence(text string) string {
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
