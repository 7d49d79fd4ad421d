package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// replayCommand prints the record of a run.
func replayCommand() *cli.Command {
	o := &app.ReplayOptions{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	return &cli.Command{
		Name: "replay", Usage: "print a run that --record kept, through any callback", ArgsUsage: "file",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "callback", Usage: "`NAME` of the callback that prints it (stdout_callback)"},
			&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Count: &o.Verbosity, Usage: "say more"},
		},
		Action: func(c *cli.Context) error {
			o.File, o.Callback = c.Args().First(), c.String("callback")
			return app.Replay(*o)
		},
	}
}

// recordFlag is --record, for the commands that run tasks.
func recordFlag() cli.Flag {
	return &cli.StringFlag{Name: "record", Usage: "keep every event of the run in `FILE`, as lines of JSON without secrets; see replay"}
}
