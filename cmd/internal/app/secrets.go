package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/parser/vault"
)

// vaultSources are the places of vault passwords that a command line names.
type vaultSources struct {
	IDs, Files []string
	Ask        bool
	// New is a password that gets into use now: it is asked for twice.
	New bool
	// Needed has the password asked for where no place is named.
	Needed bool
}

// vaultSecrets gathers the vault passwords of the command line and the
// configuration, in the reference's order. One that cannot be had is a
// warning as long as another can.
func vaultSecrets(ctx context.Context, from vaultSources, s *config.Settings, t *terminal, warn func(string)) (*vault.Secrets, error) {
	from.IDs = append(s.List("DEFAULT_VAULT_IDENTITY_LIST"), from.IDs...)
	if f := s.Str("DEFAULT_VAULT_PASSWORD_FILE"); f != "" {
		from.Files = append(slices.Clip(from.Files), f)
	}
	from.Ask = from.Ask || s.Bool("DEFAULT_ASK_VAULT_PASS")
	return namedSecrets(ctx, from, s, t, warn)
}

// namedSecrets is vaultSecrets of the command line alone.
func namedSecrets(ctx context.Context, from vaultSources, s *config.Settings, t *terminal, warn func(string)) (*vault.Secrets, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	id := s.Str("DEFAULT_VAULT_IDENTITY")
	specs := slices.Clone(from.IDs)
	for _, f := range from.Files {
		specs = append(specs, id+"@"+f)
	}
	if from.Ask || from.Needed && len(specs) == 0 {
		specs = append(specs, id+"@prompt_ask_vault_pass")
	}
	secrets := &vault.Secrets{Match: s.Bool("DEFAULT_VAULT_ID_MATCH")}
	var last error
	for _, spec := range specs {
		id, source := vault.Identity(spec, dir, t, from.New)
		if f, ok := source.(vault.File); ok {
			f.Secrets = secrets
			source = f
		}
		password, err := source.Password(ctx)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			last = err
			warn(noSecret(source, id, err))
		default:
			secrets.List = append(secrets.List, vault.Secret{ID: id, Password: password})
		}
	}
	if len(secrets.List) == 0 && last != nil {
		return nil, last
	}
	return secrets, nil
}

// noSecret says which password could not be had, as the reference words it.
func noSecret(source vault.Source, id string, err error) string {
	var missing *vault.MissingFile
	what := "Error in vault password file loading"
	if _, ok := source.(vault.File); !ok {
		what = "Error in vault password prompt"
	} else if errors.As(err, &missing) {
		what = "Error getting vault password file"
	}
	if id == "" {
		id = "None"
	}
	return fmt.Sprintf("%s (%s): %v", what, id, err)
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
		answer, err := t.loginPassword(ctx, "SSH password: ")
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
		answer, err := t.loginPassword(ctx, question+": ")
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
	var missing *vault.MissingFile
	if errors.As(err, &missing) {
		return nil, fmt.Errorf("The password file %s was not found", absolute(path)) //nolint:staticcheck // the reference's words
	}
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
