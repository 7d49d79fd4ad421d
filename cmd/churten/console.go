package main

import (
	"context"
	"os"
	"os/signal"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// consoleCommand is ansible-console: tasks typed one after the other, on
// connections that stay open.
func consoleCommand() *cli.Command {
	o := &app.ConsoleOptions{}
	return &cli.Command{
		Name: "console", Usage: "run modules on hosts one after the other, as ansible-console does", ArgsUsage: "[pattern]",
		Flags: append(only(playbookFlags(&o.PlaybookOptions), consoleTakes),
			&cli.IntFlag{Name: "task-timeout", Usage: "give a task up after `SECONDS`"},
			&cli.StringFlag{Name: "playbook-dir", Usage: "`DIRECTORY` to look for roles, group_vars and files in"}),
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return usageError{plainError("one host pattern is wanted: quote it if it has blanks in it")}
			}
			if c.IsSet("forks") && c.Int("forks") < 1 {
				return usageError{plainError("The number of processes (--forks) must be >= 1")}
			}
			read(c, &o.PlaybookOptions)
			o.Playbooks, o.Pattern, o.Dir = nil, c.Args().First(), c.String("playbook-dir")
			o.TaskTimeout, o.Interrupted = given(c, "task-timeout"), untilCtrlC
			// Ctrl-C ends a task, not the console.
			signal.Reset(os.Interrupt)
			signal.Notify(make(chan os.Signal, 1), os.Interrupt)
			code, err := app.Console(c.Context, *o)
			if err == nil && code != 0 {
				err = exitError(code)
			}
			return err
		},
	}
}

// consoleTakes are the options that ansible-console has in common with
// ansible-playbook.
var consoleTakes = []string{"inventory", "limit", "extra-vars", "check", "diff", "forks", "list-hosts", "flush-cache", "step", "vault-id", "vault-password-file",
	"ask-vault-password", "module-path", "verbose", "version", "user", "ask-pass", "connection-password-file", "private-key", "connection", "timeout",
	"ssh-common-args", "ssh-extra-args", "sftp-extra-args", "scp-extra-args", "become", "become-method", "become-user", "ask-become-pass", "become-password-file"}

// untilCtrlC gives a context that Ctrl-C ends.
func untilCtrlC(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt)
}
