package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// compareCommand runs a playbook with the reference and with churten; both get
// the words as they were typed.
func compareCommand(typed []string) *cli.Command {
	o := &app.PlaybookOptions{}
	return &cli.Command{
		Name: "compare", Usage: "run a playbook with ansible-playbook and with churten, and tell times and differences",
		ArgsUsage:   "playbook [playbook ...]",
		Description: "Takes the flags of ansible-playbook and hands them to both, with -v so that results are compared too. When the first run changed something it is repeated, so that both see the hosts in one state. Times and temporary names are masked, the hosts of one task may come in any order. Exit status 0: no difference.",
		Flags:       playbookFlags(o),
		Action: func(c *cli.Context) error {
			real, err := realCommand("ansible-playbook")
			if err != nil {
				return err
			}
			same, err := app.Compare(c.Context, app.CompareOptions{Reference: real, Args: typed, Out: os.Stdout, Err: os.Stderr})
			if err == nil && !same {
				err = exitError(1)
			}
			return err
		},
	}
}
