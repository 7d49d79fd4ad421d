package app

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/parser/vault"
)

// vaultSecrets gathers the vault passwords of the command line and the
// configuration, in the reference's order.
func vaultSecrets(ctx context.Context, o *PlaybookOptions, s *config.Settings, t *terminal, warn func(string)) (*vault.Secrets, error) {
	specs := append(s.List("DEFAULT_VAULT_IDENTITY_LIST"), o.VaultIDs...)
	specs = append(specs, o.VaultFiles...)
	if f := s.Str("DEFAULT_VAULT_PASSWORD_FILE"); f != "" && len(o.VaultFiles) == 0 {
		specs = append(specs, f)
	}
	if o.AskVault || s.Bool("DEFAULT_ASK_VAULT_PASS") {
		specs = append(specs, "default@prompt_ask_vault_pass")
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	secrets := &vault.Secrets{}
	for _, spec := range specs {
		id, from := vault.Identity(spec, dir, t)
		password, err := from.Password(ctx)
		if err != nil {
			if _, isFile := from.(vault.File); isFile {
				warn(fmt.Sprintf("Error getting vault password file (%s): %v", id, err))
			}
			return nil, err
		}
		secrets.List = append(secrets.List, vault.Secret{ID: id, Password: password})
	}
	return secrets, nil
}

// passwords gives those for connecting and becoming: files, then questions.
func passwords(ctx context.Context, o *PlaybookOptions, s *config.Settings, t *terminal) (ssh, become *string, err error) {
	sshFile := first(o.PasswordFile, s.Str("CONNECTION_PASSWORD_FILE"))
	becomeFile := first(o.BecomePasswordFile, s.Str("BECOME_PASSWORD_FILE"))
	if ssh, err = passwordFile(ctx, sshFile); err != nil {
		return nil, nil, err
	}
	if become, err = passwordFile(ctx, becomeFile); err != nil {
		return nil, nil, err
	}
	if ssh == nil && (o.AskPass || s.Bool("DEFAULT_ASK_PASS")) {
		answer, _, err := t.Ask(ctx, "SSH password: ", false)
		if err != nil {
			return nil, nil, err
		}
		ssh = &answer
	}
	if become == nil && (o.AskBecomePass || s.Bool("DEFAULT_BECOME_ASK_PASS")) {
		question := "BECOME password"
		if ssh != nil {
			question += "[defaults to SSH password]"
		}
		answer, _, err := t.Ask(ctx, question+": ", false)
		if err != nil {
			return nil, nil, err
		}
		become = &answer
		if answer == "" && ssh != nil {
			become = ssh
		}
	}
	return ssh, become, nil
}

// passwordFile reads a password file, or runs it when it can be executed.
func passwordFile(ctx context.Context, path string) (*string, error) {
	if path == "" {
		return nil, nil
	}
	b, err := vault.File{Path: absolute(path)}.Password(ctx)
	if err != nil {
		return nil, fmt.Errorf("the password file %s was not read: %w", path, err)
	}
	p := strings.TrimRight(string(b), "\r\n")
	return &p, nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
