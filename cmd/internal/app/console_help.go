package app

import (
	"maps"
	"slices"
	"strings"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/modules"
	"github.com/churten/churten/modules/kit/module"
)

// help tells what a word does, or which words there are.
func (c *console) help(word string) {
	if word == "" {
		words := slices.Concat(slices.Collect(maps.Keys(consoleCommands)), []string{"help", "shell"}, moduleNames())
		slices.Sort(words)
		c.say("\nDocumented commands (type help <topic>):\n========================================\n%s\n", columns(words, 79))
		return
	}
	if own, ok := consoleCommands[word]; ok {
		c.say("%s", own.help)
		return
	}
	switch {
	case word == "help":
		c.s.display.Warning("Don't be redundant!")
		return
	case word == "shell":
		c.say("%s", shellHelp)
		return
	}
	mod, act := modules.Lookup(word)
	var args []module.Arg
	switch {
	case act != nil && len(act.Args) > 0:
		args = act.Args
	case mod != nil:
		args = mod.Args
	case act == nil:
		c.say("*** No help on %s", word)
		return
	}
	c.say("Parameters:")
	for _, a := range args {
		if !a.Hidden {
			c.say("  %s %s", c.s.display.Painted(a.Name, callback.Yellow), a.Doc)
		}
	}
}

// columns sets words in columns, down and then across, as narrow as they go
// into a line.
func columns(words []string, lineWidth int) string {
	for rows := 1; ; rows++ {
		n := (len(words) + rows - 1) / rows
		widths := make([]int, n)
		total := -2
		for i, w := range words {
			widths[i/rows] = max(widths[i/rows], len(w))
		}
		for _, w := range widths {
			total += w + 2
		}
		if total > lineWidth && rows < len(words) {
			continue
		}
		var b strings.Builder
		for r := range rows {
			line := ""
			for col := range n {
				if i := col*rows + r; i < len(words) {
					line += words[i] + strings.Repeat(" ", widths[col]-len(words[i]))
				} else {
					line += strings.Repeat(" ", widths[col])
				}
				if col < n-1 {
					line += "  "
				}
			}
			b.WriteString(line + "\n")
		}
		return strings.TrimSuffix(b.String(), "\n")
	}
}
