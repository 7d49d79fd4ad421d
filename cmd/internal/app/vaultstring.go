package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/churten/churten/parser/vault"
)

// vaultText is one text that encrypt_string encrypts.
type vaultText struct {
	text []byte
	from string // "the command line args"
	name string // of the variable, "" for none
}

func vaultEncryptString(ctx context.Context, o VaultOptions) error {
	fromStdin := o.HasStdinName || slices.Contains(o.Files, "-") || len(o.Files) == 0 && !o.Prompt
	if o.Prompt && fromStdin {
		return &OptionsError{errors.New("The --prompt option is not supported if also reading input from stdin")}
	}
	r, err := newVaultRun(ctx, o, true)
	if err != nil {
		return err
	}
	with, err := r.secret(r.secrets)
	if err != nil {
		return err
	}
	var texts []vaultText
	if o.Prompt {
		t, err := r.promptText(ctx)
		if err != nil {
			return err
		}
		texts = append(texts, t)
	}
	if fromStdin {
		t, err := r.stdinText()
		if err != nil {
			return err
		}
		texts = append(texts, t)
	}
	args, err := r.argTexts()
	if err != nil {
		return err
	}
	return r.encryptTexts(append(texts, args...), with)
}

func emptyText(what string) error {
	return &OptionsError{errors.New(what + " was empty, not encrypting")}
}

func (r *vaultRun) promptText(ctx context.Context) (vaultText, error) {
	name, err := r.terminal.orNothing(ctx, "Variable name (enter for no name): ", true)
	if err != nil {
		return vaultText{}, err
	}
	var text []byte
	if r.ShowInput {
		var answer string
		answer, err = r.terminal.orNothing(ctx, "String to encrypt: ", true)
		text = []byte(answer)
	} else {
		text, err = r.terminal.Password(ctx, "String to encrypt (hidden): ")
	}
	switch {
	case err != nil:
		return vaultText{}, err
	case len(text) == 0:
		return vaultText{}, emptyText("The plaintext provided from the prompt")
	}
	return vaultText{text, "the interactive prompt", name}, nil
}

func (r *vaultRun) stdinText() (vaultText, error) {
	if isTerminal(r.In) {
		fmt.Fprintln(r.Err, "Reading plaintext input from stdin. (ctrl-d to end input, twice if your content does not already have a newline)")
	}
	text, err := io.ReadAll(r.In)
	switch {
	case err != nil:
		return vaultText{}, err
	case len(text) == 0:
		return vaultText{}, emptyText("stdin")
	}
	if isTerminal(r.In) && !bytes.HasSuffix(text, []byte("\n")) {
		fmt.Fprintln(r.Err)
	}
	return vaultText{text, "stdin", r.StdinName}, nil
}

// argTexts are the texts of the command line, the first ones named.
func (r *vaultRun) argTexts() ([]vaultText, error) {
	args := slices.DeleteFunc(slices.Clone(r.Files), func(a string) bool { return a == "-" })
	var texts []vaultText
	for i, a := range args {
		if a == "" {
			return nil, emptyText("The plaintext provided from the command line args")
		}
		t := vaultText{text: []byte(a), from: "the command line args"}
		if i < len(r.Names) {
			t.name = r.Names[i]
		}
		texts = append(texts, t)
	}
	if n := len(r.Names); n > 0 && n < len(texts) {
		fmt.Fprintf(r.Err, "The number of --name options do not match the number of args.\nThe last named variable will be \"%s\". The rest will not have names.\n", r.Names[n-1])
	}
	return texts, nil
}

func (r *vaultRun) encryptTexts(texts []vaultText, with vault.Secret) error {
	var out strings.Builder
	for i, t := range texts {
		cipher, err := r.encrypt(t.text, with)
		if err != nil {
			return err
		}
		if len(texts) > 1 {
			what := fmt.Sprintf("the string #%d from %s.)", i+1, t.from)
			if t.name != "" {
				what = fmt.Sprintf("variable (\"%s\", the string #%d from %s).", t.name, i+1, t.from)
			}
			fmt.Fprintf(r.Err, "# The encrypted version of %s\n", what)
		}
		if t.name != "" {
			out.WriteString(t.name + ": ")
		}
		out.WriteString("!vault |\n")
		for line := range strings.Lines(string(cipher)) {
			out.WriteString("          " + line)
		}
	}
	if err := r.write(first(r.Output, "-"), []byte(out.String()), nil); err != nil {
		return err
	}
	r.done("Encryption")
	return nil
}
