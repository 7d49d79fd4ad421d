package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/parser/vault"
)

func vaultCreate(ctx context.Context, o VaultOptions) error {
	if len(o.Files) != 1 {
		return &OptionsError{errors.New("ansible-vault create can take only one filename argument")}
	}
	r, err := newVaultRun(ctx, o, true)
	if err != nil {
		return err
	}
	with, err := r.secret(r.secrets)
	if err != nil {
		return err
	}
	if !isTerminal(r.Out) && !o.SkipTTYCheck {
		return &OptionsError{errors.New("not a tty, editor cannot be opened")}
	}
	name := o.Files[0]
	if exists(name) {
		return fmt.Errorf("%s exists, please use 'edit' instead", name)
	}
	if dir := filepath.Dir(name); !exists(dir) {
		r.display.Warning(dir + " does not exist, creating...")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	plain, err := r.edit(ctx, filepath.Ext(name), nil)
	if err != nil {
		return err
	}
	text, err := r.encrypt(plain, with)
	if err != nil {
		return err
	}
	return r.write(name, text, nil)
}

func vaultEdit(ctx context.Context, o VaultOptions) error {
	r, err := newVaultRun(ctx, o, false)
	if err != nil {
		return err
	}
	for _, name := range o.Files {
		if err := r.editFile(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// editFile lets the user change a vault, which keeps its password, vault id,
// owner and mode.
func (r *vaultRun) editFile(ctx context.Context, name string) error {
	text, path, err := r.read(name)
	if err != nil {
		return err
	}
	plain, with, err := r.secrets.Open(text)
	if err != nil {
		return fmt.Errorf("%w for %s", err, path)
	}
	changed, err := r.edit(ctx, filepath.Ext(path), plain)
	if err != nil || bytes.Equal(plain, changed) {
		return err
	}
	var was *owned
	if path != "-" {
		if was, err = statVault(path); err != nil {
			return err
		}
	}
	with.ID = vault.ID(text)
	if text, err = r.encrypt(changed, with); err != nil {
		return err
	}
	return r.write(path, text, was)
}

// edit shows plain in the user's editor and gives what it became. The plain
// text lies in a directory of its own that nobody else can enter, and is
// overwritten and removed however this ends, signals included.
func (r *vaultRun) edit(ctx context.Context, ext string, plain []byte) (changed []byte, err error) {
	ctx, stop := untilSignal(ctx)
	defer stop()
	base := r.set.Str("DEFAULT_LOCAL_TMP")
	if err := os.MkdirAll(base, 0o700); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(base, fmt.Sprintf("ansible-local-%d", os.Getpid())) // 0700
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "tmp"+filepath.Base(dir)[len("ansible-local-"):]+ext)
	defer func() {
		err = errors.Join(err, shredAll(dir))
	}()
	if err := os.WriteFile(path, plain, 0o600); err != nil {
		return nil, err
	}
	if err := r.runEditor(ctx, path); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	changed, err = os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("what the editor left: %w", err)
	}
	return changed, nil
}

func (r *vaultRun) runEditor(ctx context.Context, path string) error {
	words, err := process.Split(r.set.Str("EDITOR"))
	if err != nil || len(words) == 0 {
		return fmt.Errorf("the editor '%s' (EDITOR) is no command: %w", r.set.Str("EDITOR"), err)
	}
	words = append(words, path)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = r.In, r.Out, r.Err
	// The editor is asked to go, so that it can put the terminal in order.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 3 * time.Second
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err == nil || errors.As(err, &exit): // its status means nothing to the reference
		return nil
	}
	if errors.Is(err, exec.ErrNotFound) {
		err = syscall.ENOENT
	}
	return fmt.Errorf("Unable to execute the command \"%s\": %s: '%s'", strings.Join(words, " "), file.PyError(err, ""), words[0])
}

// untilSignal ends the context on the signals, too, that end the program
// otherwise and that the command does not look after anyway.
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGQUIT, syscall.SIGPIPE, syscall.SIGALRM, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		if s, ok := <-signals; ok {
			cancel(fmt.Errorf("ended by signal: %s", s))
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}

// shredAll overwrites and removes all files of a directory, and it: editors
// leave copies beside the file.
func shredAll(dir string) error {
	var errs []error
	entries, err := os.ReadDir(dir)
	errs = append(errs, err)
	for _, e := range entries {
		if e.Type().IsRegular() {
			errs = append(errs, shred(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(append(errs, os.RemoveAll(dir))...)
}
