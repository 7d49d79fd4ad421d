package main

import (
	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// docCommand tells what the native modules take and do.
func docCommand() *cli.Command {
	return &cli.Command{
		Name: "doc", Usage: "say what native modules take, support and do differently", ArgsUsage: "[MODULE...]",
		Description: "Made from the declarations that arguments are checked by. Without a name, a list of all native modules. ansible-doc tells of all other plugins.",
		Action: func(c *cli.Context) error {
			return app.ModuleDoc(c.App.Writer, c.Args().Slice())
		},
	}
}
