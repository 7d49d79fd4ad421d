package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// manCommand writes the manual pages, made from the commands' own declarations.
func manCommand() *cli.Command {
	return &cli.Command{
		Name: "man", Usage: "write the manual pages into DIR", ArgsUsage: "DIR",
		Description: "One page for each command: churten.1, churten-playbook.1 and so on, for a directory man1 on the MANPATH.",
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return usageError{plainError("one directory, please")}
			}
			return writeMan(c.Args().First())
		},
	}
}

func writeMan(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, p := range entryPoints() {
		if p.words[0] != "churten" {
			continue
		}
		var text strings.Builder
		manPage(&text, p)
		path := filepath.Join(dir, strings.Join(p.words, "-")+".1")
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// roff gives a text as troff's man macros want it.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", "...").Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

func manPage(w io.Writer, p entryPoint) {
	name := strings.Join(p.words, "-")
	fmt.Fprintf(w, ".TH %s 1 \"\" \"churten %s\" \"User Commands\"\n", strings.ToUpper(roff(name)), app.Version)
	fmt.Fprintf(w, ".SH NAME\n%s \\- %s\n", roff(name), roff(p.c.Usage))
	fmt.Fprintf(w, ".SH SYNOPSIS\n.B %s\n[options]", roff(strings.Join(p.words, " ")))
	switch {
	case len(p.c.Subcommands) > 0:
		fmt.Fprint(w, "\n.I command ...\n")
	case p.c.ArgsUsage != "":
		fmt.Fprintf(w, "\n.I %s\n", roff(p.c.ArgsUsage))
	default:
		fmt.Fprintln(w)
	}
	if p.c.Description != "" {
		fmt.Fprintf(w, ".SH DESCRIPTION\n%s\n", roff(p.c.Description))
	}
	if len(p.c.Subcommands) > 0 {
		fmt.Fprintln(w, ".SH COMMANDS")
		for _, s := range p.c.Subcommands {
			if !s.Hidden {
				fmt.Fprintf(w, ".TP\n.BR %s (1)\n%s\n", roff(name+"-"+s.Name), roff(s.Usage))
			}
		}
	}
	last := "options"
	fmt.Fprintln(w, ".SH OPTIONS")
	for _, f := range (page{c: p.c}).flags() {
		if g := category(f); g != "" && g != last {
			fmt.Fprintf(w, ".SS %s\n", roff(g))
			last = g
		}
		metavar, text := described(f)
		var names []string
		for _, n := range dashed(f.Names()) {
			n = `\fB` + roff(n) + `\fR`
			if metavar != "" {
				n += ` \fI` + roff(metavar) + `\fR`
			}
			names = append(names, n)
		}
		fmt.Fprintf(w, ".TP\n%s\n%s\n", strings.Join(names, ", "), roff(text))
	}
	if as := ansibleName([]*cli.Command{{}, p.c}); len(p.words) == 2 && as != "churten" {
		fmt.Fprintf(w, ".SH NOTES\nCalled as %s (see\n.BR churten\\-shims (1))\nit is that command.\n", roff(as))
	}
}
