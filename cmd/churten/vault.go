package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// vaultCommand is ansible-vault: same commands, same flags, same files.
func vaultCommand() *cli.Command {
	encryptID := &cli.StringFlag{Name: "encrypt-vault-id", Usage: "vault `ID` to encrypt with, when there are several"}
	output := &cli.StringFlag{Name: "output", Usage: "write to this `FILE`; - is stdout"}
	c := &cli.Command{Name: "vault", Usage: "encrypt and decrypt files and strings, as ansible-vault does", Flags: []cli.Flag{
		&cli.BoolFlag{Name: "version", Usage: versionUsage}, verbosity(new(int))}}
	c.Subcommands = []*cli.Command{
		vaultSub("create", "edit a new file and encrypt it", "[file_name ...]", encryptID,
			&cli.BoolFlag{Name: "skip-tty-check", Usage: "open the editor even without a terminal"}),
		vaultSub("decrypt", "make files plain text again", "[file_name ...]", output),
		vaultSub("edit", "edit encrypted files", "[file_name ...]", encryptID),
		vaultSub("view", "show encrypted files", "[file_name ...]"),
		vaultSub("encrypt", "encrypt files", "[file_name ...]", output, encryptID),
		vaultSub("encrypt_string", "encrypt strings for use in YAML", "[string_to_encrypt ...]", output, encryptID,
			&cli.BoolFlag{Name: "prompt", Aliases: []string{"p"}, Usage: "ask for the string"},
			&cli.BoolFlag{Name: "show-input", Usage: "show the string while it is typed"},
			&cli.StringSliceFlag{Name: "name", Aliases: []string{"n"}, Usage: "`NAME` of the variable; may be repeated"},
			&cli.StringFlag{Name: "stdin-name", Usage: "`NAME` of the variable that is read from stdin"}),
		vaultSub("rekey", "encrypt files with another password", "[file_name ...]", encryptID,
			&cli.StringFlag{Name: "new-vault-password-file", Usage: "`FILE` with the new password"},
			&cli.StringFlag{Name: "new-vault-id", Usage: "new vault `IDENTITY`"}),
	}
	return c
}

// verbosity is -v, counted in n.
func verbosity(n *int) cli.Flag {
	return &cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Count: n, Usage: "say more; -vvvv says most"}
}

func vaultSub(name, usage, args string, more ...cli.Flag) *cli.Command {
	o := &app.VaultOptions{}
	flags := []cli.Flag{
		&cli.StringSliceFlag{Name: "vault-id", Usage: "vault `IDENTITY` to use; may be repeated"},
		&cli.BoolFlag{Name: "ask-vault-password", Aliases: []string{"J", "ask-vault-pass"}, Usage: "ask for the vault password"},
		&cli.StringSliceFlag{Name: "vault-password-file", Aliases: []string{"vault-pass-file"}, Usage: "vault password `FILE`; may be repeated"},
		verbosity(&o.Verbosity),
	}
	return &cli.Command{Name: name, Usage: usage, ArgsUsage: args, Flags: append(flags, more...), Action: func(c *cli.Context) error {
		o.Files = c.Args().Slice()
		o.IDs, o.PasswordFiles, o.Ask = c.StringSlice("vault-id"), c.StringSlice("vault-password-file"), c.Bool("ask-vault-password")
		o.EncryptID, o.Output = c.String("encrypt-vault-id"), c.String("output")
		o.NewID, o.NewPasswordFile = c.String("new-vault-id"), c.String("new-vault-password-file")
		o.Names, o.StdinName, o.HasStdinName = c.StringSlice("name"), c.String("stdin-name"), c.IsSet("stdin-name")
		o.Prompt, o.ShowInput, o.SkipTTYCheck = c.Bool("prompt"), c.Bool("show-input"), c.Bool("skip-tty-check")
		o.In, o.Out, o.Err = os.Stdin, os.Stdout, os.Stderr
		return app.VaultActions[name](c.Context, *o)
	}}
}
