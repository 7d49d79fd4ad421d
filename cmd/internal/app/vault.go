package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/term"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/vault"
)

// VaultOptions are the flags of ansible-vault as they were given.
type VaultOptions struct {
	Files              []string // encrypt_string: the texts
	IDs, PasswordFiles []string
	Ask                bool
	EncryptID          string
	Output             string
	Verbosity          int

	NewID, NewPasswordFile string // rekey

	// encrypt_string
	Names             []string
	StdinName         string
	HasStdinName      bool
	Prompt, ShowInput bool

	SkipTTYCheck bool // create

	In       *os.File
	Out, Err io.Writer
}

// VaultActions are what ansible-vault does, by name.
var VaultActions = map[string]func(context.Context, VaultOptions) error{
	"create": vaultCreate, "decrypt": vaultDecrypt, "edit": vaultEdit, "view": vaultView,
	"encrypt": vaultEncrypt, "encrypt_string": vaultEncryptString, "rekey": vaultRekey,
}

// vaultRun is one call of ansible-vault.
type vaultRun struct {
	VaultOptions
	set      *config.Settings
	display  *callback.Display
	terminal *terminal
	secrets  *vault.Secrets
}

// newVaultRun reads the settings and the passwords. isNew is for a password
// that gets into use.
func newVaultRun(ctx context.Context, o VaultOptions, isNew bool) (*vaultRun, error) {
	set, warnings, err := readSettings()
	if err != nil {
		return nil, err
	}
	po := &PlaybookOptions{Out: o.Out, Err: o.Err, Verbosity: o.Verbosity}
	r := &vaultRun{VaultOptions: o, set: set, display: newDisplay(po, set), terminal: &terminal{in: o.In, out: o.Err}}
	for _, w := range warnings {
		r.display.Warning(w)
	}
	sayDeprecated(r.display, set)
	if po.Verbosity > 0 {
		(&session{set: set, display: r.display}).sayConfig()
	}
	from := vaultSources{IDs: o.IDs, Files: o.PasswordFiles, Ask: o.Ask, New: isNew, Needed: true}
	r.secrets, err = vaultSecrets(ctx, from, set, r.terminal, r.display.Warning)
	return r, err
}

// isTerminal reports whether somebody looks at w.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// done says that something worked, to whoever looks.
func (r *vaultRun) done(what string) {
	if isTerminal(r.Out) {
		fmt.Fprintln(r.Err, what+" successful")
	}
}

// secret picks the one to encrypt with.
func (r *vaultRun) secret(from *vault.Secrets) (vault.Secret, error) {
	want := first(r.EncryptID, r.set.Str("DEFAULT_VAULT_ENCRYPT_IDENTITY"))
	ids := make([]string, len(from.List))
	for i, s := range from.List {
		ids[i] = first(s.ID, "default")
		if want != "" && ids[i] == want {
			return s, nil
		}
	}
	switch {
	case want != "":
		return vault.Secret{}, fmt.Errorf("Did not find a match for --encrypt-vault-id=%s in the known vault-ids %s", want, value.Repr(value.Strings(ids...)))
	case len(ids) > 1:
		return vault.Secret{}, &OptionsError{fmt.Errorf("The vault-ids %s are available to encrypt. Specify the vault-id to encrypt with --encrypt-vault-id", strings.Join(ids, ","))}
	case len(ids) == 0:
		return vault.Secret{}, &OptionsError{errors.New("A vault password is required to use Ansible's Vault")}
	}
	return from.List[0], nil
}

// encrypt is vault.Encrypt with the salt that the settings may have.
func (r *vaultRun) encrypt(plain []byte, with vault.Secret) ([]byte, error) {
	if r.set.Set("VAULT_ENCRYPT_SALT") && r.set.Str("VAULT_ENCRYPT_SALT") != "" {
		return vault.EncryptSalted(plain, with, []byte(r.set.Str("VAULT_ENCRYPT_SALT")))
	}
	return vault.Encrypt(plain, with)
}

// open decrypts the text of a file; the error names the file as as.
func (r *vaultRun) open(text []byte, as string) ([]byte, error) {
	plain, err := r.secrets.Decrypt(text)
	if err != nil {
		return nil, fmt.Errorf("%w for %s", err, as)
	}
	return plain, nil
}

// files are those to work on: those named, else the input.
func (r *vaultRun) files(what string) []string {
	if len(r.Files) > 0 {
		return r.Files
	}
	if isTerminal(r.In) {
		fmt.Fprintf(r.Err, "Reading %s input from stdin\n", what)
	}
	return []string{"-"}
}

func vaultOutputs(o VaultOptions) error {
	if o.Output != "" && len(o.Files) > 1 {
		return &OptionsError{errors.New("At most one input file may be used with the --output option")}
	}
	return nil
}

func vaultEncrypt(ctx context.Context, o VaultOptions) error {
	if err := vaultOutputs(o); err != nil {
		return err
	}
	r, err := newVaultRun(ctx, o, true)
	if err != nil {
		return err
	}
	with, err := r.secret(r.secrets)
	if err != nil {
		return err
	}
	for _, name := range r.files("plaintext") {
		plain, path, err := r.read(name)
		if err != nil {
			return err
		}
		if vault.Encrypted(plain) {
			return errors.New("input is already encrypted")
		}
		text, err := r.encrypt(plain, with)
		if err != nil {
			return err
		}
		if err := r.write(first(r.Output, path), text, nil); err != nil {
			return err
		}
	}
	r.done("Encryption")
	return nil
}

func vaultDecrypt(ctx context.Context, o VaultOptions) error {
	if err := vaultOutputs(o); err != nil {
		return err
	}
	r, err := newVaultRun(ctx, o, false)
	if err != nil {
		return err
	}
	for _, name := range r.files("ciphertext") {
		text, path, err := r.read(name)
		if err != nil {
			return err
		}
		plain, err := r.open(text, path)
		if err != nil {
			return err
		}
		if err := r.write(first(r.Output, path), plain, nil); err != nil {
			return err
		}
	}
	r.done("Decryption")
	return nil
}

func vaultView(ctx context.Context, o VaultOptions) error {
	r, err := newVaultRun(ctx, o, false)
	if err != nil {
		return err
	}
	for _, name := range r.Files {
		text, _, err := r.read(name)
		if err != nil {
			return err
		}
		plain, err := r.open(text, name)
		if err != nil {
			return err
		}
		if err := page(ctx, plain, r.set.Str("PAGER"), r.Out, r.Err); err != nil {
			return err
		}
	}
	return nil
}

// page shows a text: through the pager where somebody looks.
func page(ctx context.Context, text []byte, pager string, out, errOut io.Writer) error {
	if !isTerminal(out) || pager == "" {
		if len(text) == 0 || text[len(text)-1] != '\n' {
			text = append(text, '\n')
		}
		_, err := out.Write(text)
		return err
	}
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", pager)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(string(text)), out, errOut
	if _, ok := os.LookupEnv("LESS"); !ok {
		cmd.Env = append(os.Environ(), "LESS=FRSX")
	}
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) { // left early: nobody's mistake
		return fmt.Errorf("the pager %s: %w", pager, err)
	}
	return nil
}

func vaultRekey(ctx context.Context, o VaultOptions) error {
	r, err := newVaultRun(ctx, o, false)
	if err != nil {
		return err
	}
	from := vaultSources{New: true, Needed: true}
	if o.NewID != "" {
		from.IDs = []string{o.NewID}
	}
	if o.NewPasswordFile != "" {
		from.Files = []string{o.NewPasswordFile}
	}
	fresh, err := namedSecrets(ctx, from, r.set, r.terminal, r.display.Warning)
	if err != nil {
		return err
	}
	with, err := r.secret(fresh)
	if err != nil {
		return err
	}
	for _, name := range r.Files {
		text, path, err := r.read(name)
		if err != nil {
			return err
		}
		plain, err := r.open(text, path)
		if err != nil {
			return err
		}
		was, err := statVault(path)
		if err != nil {
			return err
		}
		if text, err = r.encrypt(plain, with); err != nil {
			return err
		}
		if err := r.write(path, text, was); err != nil {
			return err
		}
	}
	fmt.Fprintln(r.Err, "Rekey successful")
	return nil
}
