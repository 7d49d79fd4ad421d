package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/file"
)

// Secret is a password and the vault id it goes by ("" is "default").
type Secret struct {
	ID       string
	Password []byte
}

// Secrets are the passwords of one run, in the order of the command line. The
// nil Secrets holds none. Safe for concurrent use once filled.
type Secrets struct {
	List []Secret
	// Match is DEFAULT_VAULT_ID_MATCH: only secrets with the vault's own id are tried.
	Match bool
	// Opened hears of what was decrypted, which is nobody's to keep; may be nil.
	// It may be called from several goroutines.
	Opened func(plain []byte)
}

// Decrypt opens a vault text with the secret of its id or else with any.
func (s *Secrets) Decrypt(text []byte) ([]byte, error) {
	plain, _, err := s.Open(text)
	if err == nil && s.Opened != nil {
		s.Opened(plain)
	}
	return plain, err
}

// Open is Decrypt and tells which secret did it.
func (s *Secrets) Open(text []byte) ([]byte, Secret, error) {
	if !Encrypted(text) {
		return nil, Secret{}, ErrNotEncrypted
	}
	if s == nil || len(s.List) == 0 {
		return nil, Secret{}, ErrNoSecrets
	}
	e, err := parse(text)
	if err != nil {
		return nil, Secret{}, err
	}
	for _, secret := range s.order(e.id) {
		plain, ok, err := e.open(secret.Password)
		if err != nil {
			return nil, Secret{}, err
		}
		if ok {
			return plain, secret, nil
		}
	}
	return nil, Secret{}, ErrDecrypt
}

// order puts the secrets with the vault's id first.
func (s *Secrets) order(id string) []Secret {
	var same, other []Secret
	for _, secret := range s.List {
		if secret.ID == id || secret.ID == "" && id == defaultID {
			same = append(same, secret)
		} else {
			other = append(other, secret)
		}
	}
	if s.Match {
		return same
	}
	return append(same, other...)
}

// Source is a place that a password comes from.
type Source interface {
	Password(ctx context.Context) ([]byte, error)
}

// Prompter asks the user; the text is never shown while typed.
type Prompter interface {
	Password(ctx context.Context, prompt string) ([]byte, error)
}

// Identity reads what --vault-id and DEFAULT_VAULT_IDENTITY_LIST hold:
// "id@source" or "source", where source is "prompt", "prompt_ask_vault_pass",
// a file or a script. Files are looked for under dir. A new password is asked
// for twice. The id is "" where none was given.
func Identity(spec, dir string, ask Prompter, isNew bool) (id string, from Source) {
	id, name, ok := strings.Cut(spec, "@")
	if !ok {
		id, name = "", spec
	}
	switch name {
	case "prompt":
		prompt := "ault password (" + named(id) + "): "
		if isNew {
			return id, asked{ask, []string{"New v" + prompt, "Confirm new v" + prompt}}
		}
		return id, asked{ask, []string{"V" + prompt}}
	case "prompt_ask_vault_pass":
		if isNew {
			return id, asked{ask, []string{"New Vault password: ", "Confirm New Vault password: "}}
		}
		return id, asked{ask, []string{"Vault password: "}}
	}
	return id, File{Path: expand(name, dir), ID: id}
}

// named is an id as messages have it.
func named(id string) string {
	if id == "" {
		return defaultID
	}
	return id
}

func expand(path, dir string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, rest)
		}
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	return filepath.Clean(path)
}

type asked struct {
	by      Prompter
	prompts []string // the answers must be the same
}

func (a asked) Password(ctx context.Context) ([]byte, error) {
	if a.by == nil {
		return nil, errors.New("no terminal to ask for the vault password on; use --vault-password-file")
	}
	var password []byte
	for i, prompt := range a.prompts {
		p, err := a.by.Password(ctx, prompt)
		switch {
		case err != nil:
			return nil, err
		case i > 0 && !bytes.Equal(p, password):
			return nil, errors.New("Passwords do not match")
		}
		password = p
	}
	password = bytes.TrimSpace(password)
	if len(password) == 0 {
		return nil, errors.New("Invalid vault password was provided")
	}
	return password, nil
}

// MissingFile is a password file that is not there, or a directory.
type MissingFile struct{ msg string }

func (e *MissingFile) Error() string { return e.msg }

// File is a password in a file, or printed by it when it is executable. A
// script whose name ends in -client is told the vault id.
type File struct {
	Path string
	ID   string
	// Secrets open a password file that is a vault itself.
	Secrets *Secrets
}

// Password reads the file or runs the script.
func (f File) Password(ctx context.Context) ([]byte, error) {
	st, err := os.Stat(f.Path)
	if err != nil {
		if os.IsNotExist(err) {
			return nil, &MissingFile{fmt.Sprintf("The vault password file %s was not found", f.Path)}
		}
		return nil, f.unreadable(err)
	}
	if st.IsDir() {
		return nil, &MissingFile{fmt.Sprintf("The vault password file provided '%s' can not be a directory", f.Path)}
	}
	if st.Mode()&0o111 != 0 {
		return f.run(ctx)
	}
	text, err := os.ReadFile(f.Path)
	if err != nil {
		return nil, f.unreadable(err)
	}
	if Encrypted(text) {
		if f.Secrets == nil || len(f.Secrets.List) == 0 {
			return nil, errors.New("A vault password must be specified to decrypt data.")
		}
		if text, err = f.Secrets.Decrypt(text); err != nil {
			return nil, err
		}
	}
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil, fmt.Errorf("Invalid vault password was provided from file (%s)", f.Path)
	}
	return text, nil
}

func (f File) unreadable(err error) error {
	return fmt.Errorf("Could not read vault password file %s: %s: '%s'", f.Path, file.PyError(err, ""), f.Path)
}

// noSecretStatus is the exit status by which a client says it has no secret for the id.
const noSecretStatus = 2

func (f File) run(ctx context.Context) ([]byte, error) {
	base := filepath.Base(f.Path)
	client := strings.HasSuffix(strings.TrimSuffix(base, filepath.Ext(base)), "-client")
	cmd, what := exec.CommandContext(ctx, f.Path), "script"
	if client {
		what = "client script"
		if f.ID != "" {
			cmd.Args = append(cmd.Args, "--vault-id", f.ID)
		}
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout = os.Stdin, &stdout // a script may ask on the terminal
	if client {
		cmd.Stderr = &stderr
	} else {
		cmd.Stderr = os.Stderr
	}
	err := cmd.Run()
	id := f.ID
	if id == "" {
		id = "None"
	}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && client && exit.ExitCode() == noSecretStatus:
		return nil, fmt.Errorf("Vault password client script %s did not find a secret for vault-id=%s: b%s", f.Path, id, value.QuoteRepr(stderr.String()))
	case errors.As(err, &exit) && client:
		return nil, fmt.Errorf("Vault password client script %s returned non-zero (%d) when getting secret for vault-id=%s: b%s", f.Path, exit.ExitCode(), id, value.QuoteRepr(stderr.String()))
	case errors.As(err, &exit):
		return nil, fmt.Errorf("Vault password script %s returned non-zero (%d): None", f.Path, exit.ExitCode())
	case err != nil:
		return nil, fmt.Errorf("Problem running vault password %s %s (%s: '%s'). If this is not a script, remove the executable bit from the file.", what, f.Path, file.PyError(err, ""), f.Path)
	}
	text := bytes.Trim(stdout.Bytes(), "\r\n")
	if len(text) == 0 {
		return nil, fmt.Errorf("Invalid vault password was provided from script (%s)", f.Path)
	}
	return text, nil
}
