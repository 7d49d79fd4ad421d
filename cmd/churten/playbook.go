package main

import (
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// playbookCommand is ansible-playbook: same flags, same meaning.
func playbookCommand() *cli.Command {
	o := &app.PlaybookOptions{}
	return &cli.Command{
		Name: "playbook", Usage: "run playbooks, as ansible-playbook does", ArgsUsage: "playbook [playbook ...]",
		Flags: playbookFlags(o),
		Action: func(c *cli.Context) error {
			if c.IsSet("forks") && c.Int("forks") < 1 {
				return usageError{plainError("The number of processes (--forks) must be >= 1")}
			}
			read(c, o)
			code, err := app.Playbook(c.Context, *o)
			if err != nil {
				return err
			}
			if code != 0 {
				return exitError(code)
			}
			return nil
		},
	}
}

type plainError string

func (e plainError) Error() string { return string(e) }

// Categories of help.
const (
	connecting = "Connection Options"
	escalating = "Privilege Escalation Options"
)

func playbookFlags(o *app.PlaybookOptions) []cli.Flag {
	return []cli.Flag{
		recordFlag(),
		&cli.BoolFlag{Name: "progress", Usage: "on a terminal, show below the output what is under way"},
		&cli.StringFlag{Name: "python", Usage: "`PROGRAM` that has the ansible whose modules and plugins run where there is no native one"},
		&cli.BoolFlag{Name: "version", Usage: versionUsage},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Count: &o.Verbosity, Usage: "say more; -vvvv says most"},
		&cli.StringSliceFlag{Name: "inventory", Aliases: []string{"i", "inventory-file"}, Usage: "inventory `PATH` or comma separated host list; may be repeated", KeepSpace: true},
		&cli.StringFlag{Name: "limit", Aliases: []string{"l"}, Usage: "further limit selected hosts to a `PATTERN`"},
		&cli.StringSliceFlag{Name: "tags", Aliases: []string{"t"}, Usage: "only run plays and tasks with these `TAGS`; may be repeated"},
		&cli.StringSliceFlag{Name: "skip-tags", Usage: "leave out plays and tasks with these `TAGS`; may be repeated"},
		&cli.StringSliceFlag{Name: "extra-vars", Aliases: []string{"e"}, Usage: "`VARS` as key=value, YAML or JSON, or @FILE; may be repeated", KeepSpace: true},
		&cli.BoolFlag{Name: "check", Aliases: []string{"C"}, Usage: "change nothing, say what would change"},
		&cli.BoolFlag{Name: "diff", Aliases: []string{"D"}, Usage: "show what changes in files"},
		&cli.IntFlag{Name: "forks", Aliases: []string{"f"}, Usage: "work on `N` hosts at once"},
		&cli.BoolFlag{Name: "list-hosts", Usage: "list the hosts, run nothing"},
		&cli.BoolFlag{Name: "list-tasks", Usage: "list the tasks, run nothing"},
		&cli.BoolFlag{Name: "list-tags", Usage: "list the tags, run nothing"},
		&cli.BoolFlag{Name: "syntax-check", Usage: "read the playbook, run nothing"},
		&cli.BoolFlag{Name: "step", Usage: "confirm each task before it is run"},
		&cli.StringFlag{Name: "start-at-task", Usage: "start at the task with this `NAME`"},
		&cli.BoolFlag{Name: "force-handlers", Usage: "run handlers even if a task fails"},
		&cli.BoolFlag{Name: "flush-cache", Usage: "clear the fact cache"},
		&cli.StringSliceFlag{Name: "vault-id", Usage: "vault `IDENTITY` to use; may be repeated"},
		&cli.StringSliceFlag{Name: "vault-password-file", Aliases: []string{"vault-pass-file"}, Usage: "vault password `FILE`; may be repeated"},
		&cli.BoolFlag{Name: "ask-vault-password", Aliases: []string{"J", "ask-vault-pass"}, Usage: "ask for the vault password"},
		&cli.StringSliceFlag{Name: "module-path", Aliases: []string{"M"}, Usage: "prepend `PATHS` to the module library"},

		&cli.StringFlag{Name: "user", Aliases: []string{"u"}, Category: connecting, Usage: "connect as this `USER`"},
		&cli.BoolFlag{Name: "ask-pass", Aliases: []string{"k"}, Category: connecting, Usage: "ask for the connection password"},
		&cli.StringFlag{Name: "connection-password-file", Aliases: []string{"conn-pass-file"}, Category: connecting, Usage: "connection password `FILE`"},
		&cli.StringFlag{Name: "private-key", Aliases: []string{"key-file"}, Category: connecting, Usage: "authenticate with this key `FILE`"},
		&cli.StringFlag{Name: "connection", Aliases: []string{"c"}, Category: connecting, Usage: "connection `TYPE` (ssh)"},
		&cli.IntFlag{Name: "timeout", Aliases: []string{"T"}, Category: connecting, Usage: "give up connecting after `SECONDS`"},
		&cli.StringFlag{Name: "ssh-common-args", Category: connecting, Usage: "`ARGS` as for ssh (ProxyCommand …)"},
		&cli.StringFlag{Name: "ssh-extra-args", Category: connecting, Usage: "more `ARGS` as for ssh"},
		&cli.StringFlag{Name: "sftp-extra-args", Category: connecting, Usage: "accepted; churten uses no sftp"},
		&cli.StringFlag{Name: "scp-extra-args", Category: connecting, Usage: "accepted; churten uses no scp"},

		&cli.BoolFlag{Name: "become", Aliases: []string{"b"}, Category: escalating, Usage: "run as another user (does not ask for a password)"},
		&cli.StringFlag{Name: "become-method", Category: escalating, Usage: "`METHOD` of becoming that user (sudo)"},
		&cli.StringFlag{Name: "become-user", Category: escalating, Usage: "that `USER` (root)"},
		&cli.BoolFlag{Name: "ask-become-pass", Aliases: []string{"K"}, Category: escalating, Usage: "ask for the become password"},
		&cli.StringFlag{Name: "become-password-file", Aliases: []string{"become-pass-file"}, Category: escalating, Usage: "become password `FILE`"},
	}
}

// read fills the options from the command line. What was not given stays
// zero: the configuration decides.
func read(c *cli.Context, o *app.PlaybookOptions) {
	o.Playbooks = c.Args().Slice()
	o.Inventory = c.StringSlice("inventory")
	o.Limit = c.String("limit")
	o.Tags, o.SkipTags = commas(c.StringSlice("tags")), commas(c.StringSlice("skip-tags"))
	o.ExtraVars = c.StringSlice("extra-vars")
	o.Check, o.Diff = c.Bool("check"), c.Bool("diff")
	o.Forks = c.Int("forks")
	o.ListHosts, o.ListTasks, o.ListTags = c.Bool("list-hosts"), c.Bool("list-tasks"), c.Bool("list-tags")
	o.SyntaxCheck, o.Step, o.StartAt = c.Bool("syntax-check"), c.Bool("step"), c.String("start-at-task")
	o.ForceHandlers, o.FlushCache = c.Bool("force-handlers"), c.Bool("flush-cache")
	o.VaultIDs, o.VaultFiles, o.AskVault = c.StringSlice("vault-id"), c.StringSlice("vault-password-file"), c.Bool("ask-vault-password")
	o.Record, o.Progress = c.String("record"), c.Bool("progress")
	o.ModulePath = c.StringSlice("module-path")
	o.Python = c.String("python")
	o.User, o.AskPass, o.PasswordFile = c.String("user"), c.Bool("ask-pass"), c.String("connection-password-file")
	o.PrivateKey, o.Connection, o.Timeout = c.String("private-key"), c.String("connection"), c.Int("timeout")
	o.SSHCommonArgs, o.SSHExtraArgs = c.String("ssh-common-args"), c.String("ssh-extra-args")
	o.Become, o.BecomeMethod, o.BecomeUser = c.Bool("become"), c.String("become-method"), c.String("become-user")
	o.AskBecomePass, o.BecomePasswordFile = c.Bool("ask-become-pass"), c.String("become-password-file")
	o.Out, o.Err, o.In = os.Stdout, os.Stderr, os.Stdin
}

func commas(lists []string) []string {
	var out []string
	for _, l := range lists {
		for _, t := range strings.Split(l, ",") {
			if t = strings.TrimSpace(t); t != "" {
				out = append(out, t)
			}
		}
	}
	return out
}
