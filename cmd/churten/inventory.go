package main

import (
	"github.com/urfave/cli/v2"
	"strings"

	"github.com/churten/churten/cmd/internal/app"
)

// inventoryCommand is ansible-inventory: what the sources say, in several forms.
func inventoryCommand() *cli.Command {
	o := &app.InventoryOptions{}
	return &cli.Command{
		Name: "inventory", Usage: "show the inventory, as ansible-inventory does", ArgsUsage: "[group]",
		Flags: append(only(playbookFlags(&o.PlaybookOptions), inventoryTakes), inventoryFlags()...),
		Action: func(c *cli.Context) error {
			if c.Bool("list-hosts") { // there for prefixes' sake, as in the reference
				return usageError{plainError("unrecognized arguments: --list-hosts")}
			}
			if c.NArg() > 1 {
				return usageError{plainError("unrecognized arguments: " + strings.Join(c.Args().Slice()[1:], " "))}
			}
			read(c, &o.PlaybookOptions)
			o.Playbooks, o.Group = nil, c.Args().First()
			o.Dir = c.String("playbook-dir")
			o.List, o.Graph, o.Host = c.Bool("list"), c.Bool("graph"), c.String("host")
			o.YAML, o.TOML, o.Vars, o.Export = c.Bool("yaml"), c.Bool("toml"), c.Bool("vars"), c.Bool("export")
			o.Output = c.String("output")
			code, err := app.Inventory(c.Context, *o)
			if err == nil && code != 0 {
				err = exitError(code)
			}
			return err
		},
	}
}

// inventoryTakes are the options that ansible-inventory has in common with ansible-playbook.
var inventoryTakes = []string{"inventory", "limit", "extra-vars", "flush-cache", "vault-id", "vault-password-file", "ask-vault-password", "verbose", "version"}

func inventoryFlags() []cli.Flag {
	const actions = "Actions"
	return []cli.Flag{
		&cli.BoolFlag{Name: "list-hosts", Hidden: true},
		&cli.StringFlag{Name: "playbook-dir", Usage: "`DIRECTORY` that stands for the playbook's: group_vars and host_vars are looked for there too"},
		&cli.BoolFlag{Name: "yaml", Aliases: []string{"y"}, Usage: "write YAML instead of JSON"},
		&cli.BoolFlag{Name: "toml", Usage: "write TOML instead of JSON"},
		&cli.BoolFlag{Name: "vars", Usage: "show variables in the graph"},
		&cli.BoolFlag{Name: "export", Usage: "with --list: each variable where it was set, fit to be read as an inventory"},
		&cli.StringFlag{Name: "output", Usage: "with --list: write to this `FILE`"},
		&cli.BoolFlag{Name: "list", Category: actions, Usage: "show all hosts and groups, as inventory scripts answer"},
		&cli.StringFlag{Name: "host", Category: actions, Usage: "show the variables of this `HOST`"},
		&cli.BoolFlag{Name: "graph", Category: actions, Usage: "draw the groups, from the one named"},
	}
}
