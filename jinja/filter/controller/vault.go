package controller

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addFilter("vault", "do_vault", encrypt)
	Filters.Add(&expr.Func{Name: "unvault", Py: "do_unvault", Lazy: true, Fn: decrypt})
	addTest("vault_encrypted", "vault_encrypted", true, vaultEncrypted)
	addTest("vaulted_file", "vaulted_file", false, vaultedFile)
}

// Vault is what the vault filters ask of the Env's Controller.
type Vault interface {
	// VaultEncrypt gives the vault text of plain. A nil salt is a random one.
	VaultEncrypt(plain, password []byte, id string, salt []byte) (string, error)
	// VaultDecrypt opens a vault text with one password.
	VaultDecrypt(text string, password []byte, id string) ([]byte, error)
}

const vaultMagic = "$ANSIBLE_VAULT"

// defaultID is the vault id that the two filters give.
const defaultID = "filter_default"

func vaultOf(c *expr.Call) (Vault, error) {
	v, ok := c.Ctx.Env.Controller.(Vault)
	if !ok {
		return nil, errors.New("vault texts can only be handled on the controller")
	}
	return v, nil
}

// secretOf checks the password; aliases of the vault id are deprecated but known.
func secretOf(secret, id, alias value.Value) ([]byte, string, error) {
	s, ok := value.AsText(secret)
	if b, isBytes := secret.(value.Bytes); isBytes {
		s, ok = string(b), true
	}
	if !ok {
		return nil, "", fmt.Errorf("Secret passed is required to be a string, instead we got <class '%s'>.", secret.Type())
	}
	name := defaultID
	for _, v := range []value.Value{id, alias} {
		if given(v) {
			name = value.Text(v)
		}
	}
	return []byte(s), name, nil
}

func encrypt(c *expr.Call) (value.Value, error) {
	var data, secret, salt, id, alias value.Value
	wrap := false
	if err := c.Unpack("data", &data, "secret", &secret, "salt?", &salt, "vault_id?", &id, "wrap_object?", &wrap, "vaultid?", &alias); err != nil {
		return nil, err
	}
	password, name, err := secretOf(secret, id, alias)
	if err != nil {
		return nil, err
	}
	plain, ok := plainText(data)
	if !ok {
		return nil, fmt.Errorf("Can only vault strings, instead we got <class '%s'>.", data.Type())
	}
	vault, err := vaultOf(c)
	if err != nil {
		return nil, err
	}
	var saltBytes []byte
	if given(salt) {
		saltBytes = []byte(value.Text(salt))
	}
	cipher, err := vault.VaultEncrypt([]byte(plain), password, name, saltBytes)
	if err != nil {
		return nil, fmt.Errorf("Unable to encrypt: %w", err)
	}
	if wrap {
		return &encrypted{cipher: cipher, plain: plain}, nil
	}
	return value.Str(cipher), nil
}

func plainText(v value.Value) (string, bool) {
	if b, ok := v.(value.Bytes); ok {
		return string(b), true
	}
	return value.AsText(v)
}

// encrypted is a text together with its cipher: what wrap_object asks for.
type encrypted struct{ cipher, plain string }

func (e *encrypted) Type() string                { return "EncryptedString" }
func (e *encrypted) Force() (value.Value, error) { return value.Str(e.plain), nil }

// Cipher is the vault text.
func (e *encrypted) Cipher() string { return e.cipher }

func decrypt(c *expr.Call) (value.Value, error) {
	var data, secret, id, alias value.Value
	if err := c.Unpack("vault", &data, "secret", &secret, "vault_id?", &id, "vaultid?", &alias); err != nil {
		return nil, err
	}
	if cipher := cipherOf(c.Ctx, data); cipher != "" {
		data = value.Str(cipher)
	}
	for _, v := range []*value.Value{&data, &secret, &id, &alias} {
		if u, undefined := (*v).(*expr.Undefined); undefined {
			return u, nil
		}
		if *v != nil {
			var err error
			if *v, err = value.Deep(*v); err != nil {
				return nil, err
			}
		}
	}
	password, name, err := secretOf(secret, id, alias)
	if err != nil {
		return nil, err
	}
	text, ok := plainText(data)
	if !ok {
		return nil, fmt.Errorf("Vault should be in the form of a string, instead we got <class '%s'>.", data.Type())
	}
	if !strings.HasPrefix(text, vaultMagic) {
		return data, nil
	}
	vault, err := vaultOf(c)
	if err != nil {
		return nil, err
	}
	plain, err := vault.VaultDecrypt(text, password, name)
	if err != nil {
		return nil, fmt.Errorf("Unable to decrypt: %w", err)
	}
	return value.Str(plain), nil
}

// vaultEncrypted is about variables: a text that only looks like a vault is none.
func vaultEncrypted(c *expr.Call) (bool, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return false, err
	}
	if cipherOf(c.Ctx, v) != "" {
		return true, nil
	}
	if f, bad := v.(value.Faulty); bad {
		return false, f.Fault()
	}
	return false, nil
}

// Ciphers may be the Env's Controller: it knows the vault texts in content.
type Ciphers interface {
	// Cipher gives the vault text that plain, this very text, was read from.
	Cipher(plain value.Str) (string, bool)
}

// cipherOf gives the vault text behind a value, empty if it is none.
func cipherOf(ctx *expr.Ctx, v value.Value) string {
	if e, ok := v.(interface{ Cipher() string }); ok {
		return e.Cipher()
	}
	if s, ok := v.(value.Str); ok {
		if known, ok := ctx.Env.Controller.(Ciphers); ok {
			cipher, _ := known.Cipher(s)
			return cipher
		}
	}
	return ""
}

func vaultedFile(c *expr.Call) (bool, error) {
	var v value.Value
	if err := c.Unpack("path", &v); err != nil {
		return false, err
	}
	path := value.Text(v)
	shown := value.Repr(v)
	head, err := readHead(path)
	if err != nil {
		return false, fmt.Errorf("Cannot test if the file %s is a vault: %w", shown, err)
	}
	return head == vaultMagic, nil
}

func readHead(path string) (string, error) {
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		head := make([]byte, len(vaultMagic))
		n, readErr := io.ReadFull(bufio.NewReader(f), head)
		if readErr == nil || errors.Is(readErr, io.EOF) || errors.Is(readErr, io.ErrUnexpectedEOF) {
			return string(head[:n]), nil
		}
		err = readErr
	}
	var no syscall.Errno
	if errors.As(err, &no) {
		text := no.Error()
		return "", fmt.Errorf("[Errno %d] %s: %s", int(no), strings.ToUpper(text[:1])+text[1:], value.Repr(value.Bytes(path)))
	}
	return "", err
}
