package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// adhocCommand is ansible: one task on the hosts of a pattern.
func adhocCommand() *cli.Command {
	o := &app.AdhocOptions{}
	return &cli.Command{
		Name: "adhoc", Usage: "run one module on hosts, as ansible does", ArgsUsage: "pattern",
		Flags: append(only(playbookFlags(&o.PlaybookOptions), adhocTakes), adhocFlags()...),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usageError{plainError("one host pattern is wanted: quote it if it has blanks in it")}
			}
			if c.IsSet("forks") && c.Int("forks") < 1 {
				return usageError{plainError("The number of processes (--forks) must be >= 1")}
			}
			read(c, &o.PlaybookOptions)
			o.Playbooks, o.Pattern = nil, c.Args().First()
			o.Dir, o.Module, o.Args = c.String("playbook-dir"), c.String("module-name"), c.String("args")
			o.Background, o.OneLine, o.Tree = c.Int("background"), c.Bool("one-line"), c.String("tree")
			o.TaskTimeout, o.Poll = given(c, "task-timeout"), given(c, "poll")
			code, err := app.Adhoc(c.Context, *o)
			if err == nil && code != 0 {
				err = exitError(code)
			}
			return err
		},
	}
}

// adhocTakes are the options that ansible has in common with ansible-playbook.
var adhocTakes = []string{"inventory", "limit", "extra-vars", "check", "diff", "forks", "list-hosts", "flush-cache", "vault-id", "vault-password-file",
	"ask-vault-password", "module-path", "verbose", "version", "user", "ask-pass", "connection-password-file", "private-key", "connection", "timeout",
	"ssh-common-args", "ssh-extra-args", "sftp-extra-args", "scp-extra-args", "progress", "become", "become-method", "become-user", "ask-become-pass", "become-password-file"}

func adhocFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "args", Aliases: []string{"a"}, Usage: "the module's `ARGUMENTS` as key=value or JSON"},
		&cli.StringFlag{Name: "module-name", Aliases: []string{"m"}, Value: "command", Usage: "`NAME` of the module to run (command)"},
		&cli.IntFlag{Name: "background", Aliases: []string{"B"}, Usage: "run in the background for `SECONDS` at most"},
		&cli.IntFlag{Name: "poll", Aliases: []string{"P"}, Usage: "with -B: look every `SECONDS` (15)"},
		&cli.BoolFlag{Name: "one-line", Aliases: []string{"o"}, Usage: "a line for each host"},
		&cli.StringFlag{Name: "tree", Aliases: []string{"t"}, Usage: "write each host's result into this `DIRECTORY`"},
		&cli.IntFlag{Name: "task-timeout", Usage: "give the task up after `SECONDS`"},
		recordFlag(),
		&cli.StringFlag{Name: "playbook-dir", Usage: "`DIRECTORY` to look for roles, group_vars and files in"},
	}
}

// only gives the flags of these names.
func only(flags []cli.Flag, names []string) []cli.Flag {
	return slices.DeleteFunc(flags, func(f cli.Flag) bool { return !slices.Contains(names, f.Names()[0]) })
}

// given is a number's value if it was given.
func given(c *cli.Context, name string) *int {
	if !c.IsSet(name) {
		return nil
	}
	n := c.Int(name)
	return &n
}
