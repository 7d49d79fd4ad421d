package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// consoleCommand is one of the console's own words. run gets what stands behind
// the word; over ends the console.
type consoleCommand struct {
	help string
	run  func(c *console, args string) (over bool)
}

// consoleCommands are all of them but help, which lists them.
var consoleCommands = map[string]consoleCommand{
	"EOF": {"LEAVE!", leaveConsole}, "exit": {"LEAVE!", leaveConsole},
	"cd":            {"Change active host/group. \nUsage: cd <group>|<host>|<host pattern>", changePattern},
	"list":          {listHelp, listHosts},
	"forks":         {"Set the number of forks to use per task\nUsage: forks <number>", setForks},
	"serial":        {"Set the number of forks to use per task\nUsage: forks <number>", setForks},
	"verbosity":     {"Set the verbosity level, equivalent to -v for 1 and -vvvv for 4.", setVerbosity},
	"timeout":       {"Set task timeout in seconds\nUsage: timeout <seconds>", setTimeout},
	"become":        {"Toggle whether the tasks are run with become", setBecome},
	"become_user":   {"Set the user for use with privilege escalation (which remote user attempts to 'become' when become is enabled)", setBecomeUser},
	"become_method": {"Set the privilege escalation plugin to use when become is enabled", setBecomeMethod},
	"remote_user":   {"Set the user for use as login to the remote target", setRemoteUser},
	"check":         {"Toggle check_mode for the tasks", setCheck},
	"diff":          {"Toggle diff output for the tasks", setDiff},
	"collections":   {"Set the collection name search path when using short names for plugins\nUsage: collections <collection1>[, <collection2> ...]\n Use empty quotes or \"none\" to reset to default.", setCollections},
}

const (
	shellHelp = "You can run shell commands through the shell module."
	listHelp  = "List the hosts in the current group or a list of groups if you add 'groups'."
)

// command runs a line: one of the console's words, a module with its
// arguments, or else a line for the shell.
func (c *console) command(ctx context.Context, line string) (over bool, err error) {
	if line == "" {
		return false, nil
	}
	if rest, ok := strings.CutPrefix(line, "?"); ok {
		line = "help " + rest
	}
	switch {
	case line[0] == '#':
		return false, nil
	case line[0] == '!':
		return false, c.task(ctx, "shell", strings.TrimSpace(line[1:]))
	}
	word := line
	if i := strings.IndexFunc(line, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}); i >= 0 {
		word = line[:i]
	}
	rest := strings.TrimSpace(line[len(word):])
	if word == "help" {
		c.help(rest)
		return false, nil
	}
	if own, ok := consoleCommands[word]; ok {
		return own.run(c, rest), nil
	}
	name, args, _ := strings.Cut(line, " ")
	if c.isModule(name) {
		return false, c.task(ctx, name, strings.TrimSpace(args))
	}
	return false, c.task(ctx, "shell", line)
}

func (c *console) say(format string, args ...any) {
	c.s.display.Print(fmt.Sprintf(format, args...), callback.Plain)
}

// told is say for those who want to know more.
func (c *console) told(format string, args ...any) {
	if c.s.display.Verbosity > 0 {
		c.s.display.Print(fmt.Sprintf(format, args...), callback.ColourVerbose)
	}
}

func (c *console) wrong(format string, args ...any) {
	c.s.display.Error(fmt.Sprintf(format, args...), true)
}

func leaveConsole(c *console, _ string) bool {
	c.leave()
	return true
}

func changePattern(c *console, pattern string) bool {
	switch pattern {
	case "":
		pattern = "*"
	case "/", "\\", "*", "/*":
		pattern = "all"
	}
	hosts, err := c.s.hostsOf([]string{pattern})
	if err != nil {
		c.wrong("%v", err)
		return false
	}
	if len(hosts) == 0 {
		c.say("no host matched")
		return false
	}
	c.pattern, c.hosts = pattern, hosts
	return false
}

func listHosts(c *console, what string) bool {
	switch what {
	case "":
		for _, h := range c.hosts {
			c.say("%s", h)
		}
	case "groups":
		names := slices.Sorted(slices.Values(c.s.inv.GroupNames()))
		for _, n := range names {
			c.say("%s", n)
		}
	default:
		c.wrong("Invalid option passed to \"list\"")
		c.say("%s", listHelp)
	}
	return false
}

// number reads a command's number; what is wrong about it is in Python's words.
func number(text string) (int, string) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0, "invalid literal for int() with base 10: " + value.Repr(value.Str(text))
	}
	return n, ""
}

func setForks(c *console, text string) bool {
	if text == "" {
		c.say("Usage: forks <number>")
		return false
	}
	switch n, bad := number(text); {
	case bad != "":
		c.wrong("The number of forks must be a valid integer: %s", bad)
	case n <= 0:
		c.say("forks must be greater than or equal to 1")
	default:
		c.forks = n
	}
	return false
}

func setVerbosity(c *console, text string) bool {
	if text == "" {
		c.say("Usage: verbosity <number>")
		return false
	}
	n, bad := number(text)
	if bad != "" {
		c.wrong("The verbosity must be a valid integer: %s", bad)
		return false
	}
	c.s.display.Verbosity, c.o.Verbosity = n, n
	c.s.o.Verbosity = n
	c.told("verbosity level set to %s", text)
	return false
}

func setTimeout(c *console, text string) bool {
	if text == "" {
		c.say("Usage: timeout <seconds>")
		return false
	}
	switch n, bad := number(text); {
	case bad != "":
		c.wrong("The timeout must be a valid positive integer, or 0 to disable: %s", bad)
	case n < 0:
		c.wrong("The timeout must be greater than or equal to 1, use 0 to disable")
	default:
		c.timeout = n
	}
	return false
}

// yes reads a boolean; what is none is no.
func yes(text string) bool {
	b, ok := module.ToBool(value.Str(text))
	return ok && b
}

func setBecome(c *console, text string) bool {
	if text == "" {
		c.say("Please specify become value, e.g. `become yes`")
		return false
	}
	c.become = yes(text)
	c.told("become changed to %s", value.Text(value.Bool(c.become)))
	return false
}

func setBecomeUser(c *console, text string) bool {
	if text == "" {
		c.say("Please specify a user, e.g. `become_user jenkins`")
		c.told("Current user is %s", cmp.Or(c.asUser, "None"))
		return false
	}
	c.asUser = text
	return false
}

func setBecomeMethod(c *console, text string) bool {
	if text == "" {
		c.say("Please specify a become_method, e.g. `become_method su`")
		c.told("Current become_method is %s", c.method)
		return false
	}
	c.method = text
	c.told("become_method changed to %s", c.method)
	return false
}

func setRemoteUser(c *console, text string) bool {
	if text == "" {
		c.say("Please specify a remote user, e.g. `remote_user root`")
		return false
	}
	c.user = text
	return false
}

func setCheck(c *console, text string) bool {
	if text == "" {
		c.say("Please specify check mode value, e.g. `check yes`")
		c.told("check mode is currently %s.", value.Text(value.Bool(c.check)))
		return false
	}
	c.check = yes(text)
	c.say("check mode changed to %s", value.Text(value.Bool(c.check)))
	return false
}

func setDiff(c *console, text string) bool {
	if text == "" {
		c.say("Please specify a diff value , e.g. `diff yes`")
		c.told("diff mode is currently %s", value.Text(value.Bool(c.diff)))
		return false
	}
	c.diff = yes(text)
	c.say("diff mode changed to %s", value.Text(value.Bool(c.diff)))
	return false
}

func setCollections(c *console, text string) bool {
	c.searched = nil
	if text = strings.Trim(text, `'"`); text != "" && text != "none" {
		for name := range strings.SplitSeq(text, ",") {
			c.searched = append(c.searched, strings.TrimSpace(name))
		}
	}
	if len(c.searched) > 0 {
		c.told("Collections name search is set to: %s", strings.Join(c.searched, ", "))
	} else {
		c.told("Collections name search is using defaults")
	}
	return false
}
