package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// configCommand is ansible-config: same commands, same flags.
func configCommand() *cli.Command {
	return &cli.Command{Name: "config", Usage: "show the settings, as ansible-config does", Flags: []cli.Flag{
		&cli.BoolFlag{Name: "version", Usage: versionUsage}, verbosity(new(int))},
		Subcommands: []*cli.Command{
			configSub("list", "list all settings, their names and types", noEffect(), format("yaml", "json", "yaml")),
			configSub("dump", "show the values in force, and where they come from", noEffect(), format("display", "json", "yaml", "display"),
				&cli.BoolFlag{Name: "only-changed", Aliases: []string{"changed-only"}, Usage: "leave out defaults"}),
			configSub("view", "show the configuration file"),
			configSub("init", "write a configuration with all defaults", format("ini", "ini", "env", "vars"),
				&cli.BoolFlag{Name: "disabled", Usage: "make each entry a comment"}),
			configSub("validate", "look for unknown settings in the configuration file or the environment", format("ini", "ini", "env")),
		}}
}

// noEffect is an option of churten's own.
func noEffect() cli.Flag {
	return &cli.BoolFlag{Name: "no-effect", Usage: "only settings of the reference that churten accepts and does nothing by"}
}

func format(byDefault string, of ...string) cli.Flag {
	return &choiceFlag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: byDefault, Usage: "form of the output"}, of}
}

func configSub(name, usage string, more ...cli.Flag) *cli.Command {
	o := &app.ConfigOptions{}
	flags := []cli.Flag{
		verbosity(&o.Verbosity),
		&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Usage: "configuration `FILE` instead of the first one found"},
		&choiceFlag{&cli.StringFlag{Name: "type", Aliases: []string{"t"}, Value: "base", Usage: "only settings of this kind"}, app.ConfigTypes},
	}
	return &cli.Command{Name: name, Usage: usage, ArgsUsage: "[args ...]", Flags: append(flags, more...), Action: func(c *cli.Context) error {
		o.File, o.Type, o.Format = c.String("config"), c.String("type"), c.String("format")
		o.OnlyChanged, o.Disabled, o.NoEffect = c.Bool("only-changed"), c.Bool("disabled"), c.Bool("no-effect")
		o.Plugins, o.Out, o.Err = c.Args().Slice(), os.Stdout, os.Stderr
		return app.ConfigActions[name](c.Context, *o)
	}}
}
