package main

import (
	"os"
	"os/exec"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// pullCommand is ansible-pull: the machine gets its playbooks itself.
func pullCommand() *cli.Command {
	o := &app.PullOptions{}
	return &cli.Command{
		Name: "pull", Usage: "get playbooks from a repository and run them on this machine, as ansible-pull does", ArgsUsage: "[playbook.yml ...]",
		Flags: append(only(playbookFlags(&o.PlaybookOptions), pullTakes), pullFlags()...),
		Action: func(c *cli.Context) error {
			read(c, &o.PlaybookOptions)
			o.Books, o.Playbooks = o.Playbooks, nil
			o.URL, o.Dest, o.Checkout, o.Module = c.String("url"), c.String("directory"), c.String("checkout"), c.String("module-name")
			o.Purge, o.OnlyIfChanged, o.Force, o.Full = c.Bool("purge"), c.Bool("only-if-changed"), c.Bool("force"), c.Bool("full")
			o.AcceptHostKey, o.VerifyCommit = c.Bool("accept-host-key"), c.Bool("verify-commit")
			o.Clean, o.TrackSubmodules, o.Sleep = c.Bool("clean"), c.Bool("track-subs"), c.String("sleep")
			o.CommandLine = append([]string{programPath()}, os.Args[1:]...)
			code, err := app.Pull(c.Context, *o)
			if err == nil && code != 0 {
				err = exitError(code)
			}
			return err
		},
	}
}

// programPath is what this program was called as, in full where it was found on PATH.
func programPath() string {
	if path, err := exec.LookPath(os.Args[0]); err == nil {
		return path
	}
	return os.Args[0]
}

// pullTakes are the options that ansible-pull has in common with
// ansible-playbook.
var pullTakes = []string{"verbose", "version", "private-key", "user", "connection", "timeout", "ssh-common-args", "ssh-extra-args", "sftp-extra-args", "scp-extra-args",
	"ask-pass", "connection-password-file", "vault-id", "vault-password-file", "ask-vault-password", "extra-vars", "tags", "skip-tags", "inventory", "list-hosts",
	"limit", "flush-cache", "module-path", "ask-become-pass", "become-password-file"}

func pullFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "url", Aliases: []string{"U"}, Usage: "`URL` of the repository"},
		&cli.StringFlag{Name: "directory", Aliases: []string{"d"}, Usage: "`DIRECTORY` to check it out into (~/.ansible/pull/HOSTNAME)"},
		&cli.StringFlag{Name: "checkout", Aliases: []string{"C"}, Usage: "branch, tag or `COMMIT` to check out"},
		&cli.StringFlag{Name: "module-name", Aliases: []string{"m"}, Value: "git", Usage: "`NAME` of the module that checks out: git, subversion, hg, bzr"},
		&cli.BoolFlag{Name: "only-if-changed", Aliases: []string{"o"}, Usage: "run the playbook only if the repository has changed"},
		&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "run the playbook even if the repository could not be updated"},
		&cli.BoolFlag{Name: "full", Usage: "clone all of the history, not only the last commit"},
		&cli.BoolFlag{Name: "purge", Usage: "remove the checkout after the run"},
		&cli.BoolFlag{Name: "clean", Usage: "throw away changes in the checkout"},
		&cli.BoolFlag{Name: "track-subs", Usage: "submodules follow their branches"},
		&cli.BoolFlag{Name: "verify-commit", Usage: "check the commit's signature, and run nothing if it is bad"},
		&cli.BoolFlag{Name: "accept-host-key", Usage: "take the repository host's key if it is not known yet"},
		&cli.StringFlag{Name: "sleep", Aliases: []string{"s"}, Usage: "wait before, for a random time of at most `SECONDS`"},
		&cli.BoolFlag{Name: "check", Usage: "change nothing, say what would change"},
		&cli.BoolFlag{Name: "diff", Usage: "show what changes in files"},
	}
}
