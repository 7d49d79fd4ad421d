package main

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// The layout is argparse's, seen on ansible-vault rekey --help with COLUMNS
// 200, 80, 40 and 20.
func TestUsage(t *testing.T) {
	c := &cli.Command{Name: "rekey", ArgsUsage: "[file_name ...]", Flags: []cli.Flag{
		&cli.StringSliceFlag{Name: "vault-id", Usage: "`VAULT_IDS`"},
		&cli.BoolFlag{Name: "ask-vault-password", Aliases: []string{"J"}},
		&cli.StringSliceFlag{Name: "vault-password-file", Usage: "`VAULT_PASSWORD_FILES`"},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}},
		&cli.StringFlag{Name: "encrypt-vault-id"},
		&cli.StringFlag{Name: "new-vault-password-file"},
		&cli.StringFlag{Name: "new-vault-id"},
	}}
	for width, want := range map[int]string{
		200: `
usage: ansible-vault rekey [-h] [--vault-id VAULT_IDS] [-J | --vault-password-file VAULT_PASSWORD_FILES] [-v] [--encrypt-vault-id ENCRYPT_VAULT_ID]
                           [--new-vault-password-file NEW_VAULT_PASSWORD_FILE | --new-vault-id NEW_VAULT_ID]
                           [file_name ...]
`,
		80: `
usage: ansible-vault rekey [-h] [--vault-id VAULT_IDS]
                           [-J | --vault-password-file VAULT_PASSWORD_FILES]
                           [-v] [--encrypt-vault-id ENCRYPT_VAULT_ID]
                           [--new-vault-password-file NEW_VAULT_PASSWORD_FILE | --new-vault-id NEW_VAULT_ID]
                           [file_name ...]
`,
		40: `
usage: ansible-vault rekey [-h]
                           [--vault-id VAULT_IDS]
                           [-J | --vault-password-file VAULT_PASSWORD_FILES]
                           [-v]
                           [--encrypt-vault-id ENCRYPT_VAULT_ID]
                           [--new-vault-password-file NEW_VAULT_PASSWORD_FILE | --new-vault-id NEW_VAULT_ID]
                           [file_name ...]
`,
		20: `
usage: ansible-vault rekey
       [-h]
       [--vault-id VAULT_IDS]
       [-J | --vault-password-file VAULT_PASSWORD_FILES]
       [-v]
       [--encrypt-vault-id ENCRYPT_VAULT_ID]
       [--new-vault-password-file NEW_VAULT_PASSWORD_FILE | --new-vault-id NEW_VAULT_ID]
       [file_name ...]
`,
	} {
		if got := (page{"ansible-vault rekey", c, width - 2}).usage(); got != want[1:] {
			t.Errorf("%d columns:\n%s", width, got)
		}
	}
}

// Every option of every command has a text of its own, and lines that fit.
func TestHelpPages(t *testing.T) {
	var walk func(prog string, c *cli.Command)
	walk = func(prog string, c *cli.Command) {
		help := page{prog, c, 78}.help()
		for _, line := range strings.Split(help, "\n") {
			if len([]rune(line)) > 80 && strings.HasPrefix(line, strings.Repeat(" ", column)) && !strings.Contains(line, "[") {
				t.Errorf("%s: a line too long: %s", prog, line)
			}
		}
		for _, f := range c.Flags {
			if _, text := described(f); text == "" && !hidden(f) {
				t.Errorf("%s: --%s has no text", prog, f.Names()[0])
			}
		}
		for _, s := range c.Subcommands {
			if s.Usage == "" {
				t.Errorf("%s %s has no text", prog, s.Name)
			}
			walk(prog+" "+s.Name, s)
		}
	}
	walk("churten", &cli.Command{Name: "churten", Usage: "runs", Subcommands: commands(nil)})
}
