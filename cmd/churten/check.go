package main

import (
	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// checkCommand tells before a migration what a playbook would use.
func checkCommand() *cli.Command {
	o := &app.PlaybookOptions{}
	flags := append(playbookFlags(o), &cli.BoolFlag{Name: "json", Usage: "print the report as JSON"})
	return &cli.Command{
		Name: "check", Usage: "tell which modules, plugins and settings playbooks use and which of them churten has", ArgsUsage: "playbook [playbook ...]",
		Description: "Reads playbooks, roles and whatever they bring in under plain names, and lists every module, filter, test, lookup, connection, become method, strategy, callback and setting they would use, with the places. native: churten has it. python: a file of yours, of a collection or of ansible-core, which runs in Python. refused: such a file that a run would refuse, with the reason. missing: neither has it. unknown: a template, only a run can tell. Connects to nothing. Exit status 2: something is refused or missing.",
		Flags:       flags,
		Action: func(c *cli.Context) error {
			read(c, o)
			ok, err := app.Check(c.Context, *o, c.Bool("json"))
			if err == nil && !ok {
				err = exitError(2)
			}
			return err
		},
	}
}
