package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// versionUsage is what --version does, for all commands.
const versionUsage = "show the versions, the configuration file and the paths in use"

// choiceFlag is an option with one of a few values.
type choiceFlag struct {
	*cli.StringFlag
	of []string
}

// exclusive are options that say two things about one matter: a command line
// has one of each group at most.
var exclusive = [][]string{
	{"ask-pass", "connection-password-file"},
	{"ask-become-pass", "become-password-file"},
	{"ask-vault-password", "vault-password-file"},
	{"new-vault-password-file", "new-vault-id"},
}

// exclude reports whether a and b cannot stand in one command line.
func exclude(a, b *option) bool {
	return a.flag != b.flag && slices.ContainsFunc(exclusive, func(group []string) bool {
		return slices.Contains(group, a.names[0]) && slices.Contains(group, b.names[0])
	})
}

// partner is the option among flags that f excludes, nil for none.
func partner(flags []cli.Flag, f cli.Flag) cli.Flag {
	for _, other := range flags {
		if exclude(&option{names: f.Names(), flag: f}, &option{names: other.Names(), flag: other}) {
			return other
		}
	}
	return nil
}

// dashed gives names as they are typed, short ones first.
func dashed(names []string) []string {
	var short, long []string
	for _, n := range names {
		if len(n) > 1 {
			long = append(long, "--"+n)
		} else {
			short = append(short, "-"+n)
		}
	}
	return append(short, long...)
}

// described gives what help says of an option: the word that stands for its
// value ("" for a switch) and the text. The word is what stands in backquotes in Usage.
func described(f cli.Flag) (metavar, text string) {
	if b, ok := f.(*cli.BoolFlag); ok {
		return "", b.Usage
	}
	if d, ok := f.(cli.DocGenerationFlag); ok {
		text = d.GetUsage()
	}
	if c, ok := f.(*choiceFlag); ok {
		return "{" + strings.Join(c.of, ",") + "}", strings.ReplaceAll(text, "`", "")
	}
	if before, rest, ok := strings.Cut(text, "`"); ok {
		if word, after, ok := strings.Cut(rest, "`"); ok {
			return word, before + word + after
		}
	}
	return strings.ToUpper(strings.ReplaceAll(f.Names()[0], "-", "_")), text
}

// category is the part of the help page that an option stands in.
func category(f cli.Flag) string {
	if c, ok := f.(cli.CategorizableFlag); ok {
		return c.GetCategory()
	}
	return ""
}

func hidden(f cli.Flag) bool {
	v, ok := f.(cli.VisibleFlag)
	return ok && !v.IsVisible()
}
