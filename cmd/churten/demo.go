package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// demoCommand runs a site on throw-away SSH hosts inside this process.
func demoCommand() *cli.Command {
	return &cli.Command{
		Name: "demo", Usage: "run a site on throw-away SSH hosts on loopback, beside ansible-playbook when that is installed",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "hosts", Value: 3, Usage: "how `MANY` hosts"},
			&cli.StringFlag{Name: "site", Value: "testdata/demo/site.yml", Usage: "the `PLAYBOOK` to run; it must do without root"},
			&cli.StringFlag{Name: "rtt", Value: "0", Usage: "make the hosts as far away as this round-trip `TIME` (200ms)"},
			&cli.BoolFlag{Name: "alone", Usage: "do not run ansible-playbook"},
		},
		Action: func(c *cli.Context) error {
			real, _ := realCommand("ansible-playbook")
			if c.Bool("alone") {
				real = ""
			}
			code, err := app.Demo(c.Context, app.DemoOptions{Hosts: c.Int("hosts"), Site: c.String("site"), RTT: c.String("rtt"), Reference: real,
				Out: os.Stdout, Err: os.Stderr})
			if err == nil && code != 0 {
				err = exitError(code)
			}
			return err
		},
	}
}
