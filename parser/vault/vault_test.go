package vault

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

var secret = Secret{Password: []byte("secret")}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecryptWhatAnsibleVaultWrote(t *testing.T) {
	for _, name := range []string{"hello", "empty", "long", "binary"} {
		for _, format := range []string{"11", "12"} {
			s := &Secrets{List: []Secret{{Password: []byte("wrong")}, {ID: "dev", Password: []byte("secret")}}}
			got, by, err := s.Open(read(t, name+"."+format))
			if err != nil {
				t.Errorf("%s.%s: %v", name, format, err)
			}
			if !bytes.Equal(got, read(t, name+".plain")) || by.ID != "dev" {
				t.Errorf("%s.%s: got %q by %q", name, format, got, by.ID)
			}
		}
	}
}

func TestEncryptIsByteCompatible(t *testing.T) {
	for _, name := range []string{"hello.11", "long.12"} {
		want := read(t, name)
		e, err := parse(want)
		if err != nil {
			t.Fatal(err)
		}
		plain := read(t, strings.TrimSuffix(name, filepath.Ext(name))+".plain")
		got, err := EncryptSalted(plain, Secret{ID: e.id, Password: secret.Password}, e.salt)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: with the same salt got\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestEncryptSalts(t *testing.T) {
	a, _ := Encrypt([]byte("x"), secret)
	b, _ := Encrypt([]byte("x"), secret)
	if bytes.Equal(a, b) {
		t.Error("two encryptions are equal")
	}
}

func TestMatch(t *testing.T) {
	s := &Secrets{Match: true, List: []Secret{{ID: "prod", Password: []byte("secret")}}}
	if _, err := s.Decrypt(read(t, "hello.12")); err != ErrDecrypt {
		t.Errorf("with id match: %v", err)
	}
	s.Match = false
	if _, err := s.Decrypt(read(t, "hello.12")); err != nil {
		t.Errorf("without id match: %v", err)
	}
}

// The messages were seen on ansible-core 2.19.
func TestErrors(t *testing.T) {
	one := &Secrets{List: []Secret{secret}}
	for _, c := range []struct {
		secrets *Secrets
		text    string
		want    string
	}{
		{one, "plain\n", "Input is not vault encrypted data."},
		{nil, "$ANSIBLE_VAULT;1.1;AES256\n6161\n", "Attempting to decrypt but no vault secrets found."},
		{one, "$ANSIBLE_VAULT;1.3;AES256\n6161\n", "Vault vaulttext format error: not enough values to unpack (expected 3, got 1)"},
		{one, "$ANSIBLE_VAULT;1.1;AES\n6161\n", "Cipher 'AES' could not be found."},
		{one, "$ANSIBLE_VAULT;1.1;AES256\nzz\n", "Vault format unhexlify error: Non-hexadecimal digit found"},
		{one, "$ANSIBLE_VAULT;1.1;AES256\n610a620a63\n", "Vault format unhexlify error: Odd-length string"},
		{one, "$ANSIBLE_VAULT;1.1\n610a620a63\n", "Vault envelope format error: list index out of range"},
		{one, "$ANSIBLE_VAULT;1.1;AES256\n", "Vault vaulttext format error: not enough values to unpack (expected 3, got 1)"},
		{&Secrets{List: []Secret{{Password: []byte("no")}}}, string(read(t, "hello.11")), "Decryption failed (no vault secrets were found that could decrypt)."},
	} {
		_, err := c.secrets.Decrypt([]byte(c.text))
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestSources(t *testing.T) {
	dir := t.TempDir()
	script := func(name, body string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return name
	}
	file := func(name, body string) string {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, c := range []struct{ spec, id, want, err string }{
		{file("pw", " secret \n"), "", "secret", ""},
		{"dev@" + file("pw2", "x"), "dev", "x", ""},
		{file("none", "\n"), "", "", "Invalid vault password was provided from file (DIR/none)"},
		{"missing", "", "", "The vault password file DIR/missing was not found"},
		{script("s", "echo ' pw '"), "", " pw ", ""},
		{script("bad", "exit 3"), "", "", "Vault password script DIR/bad returned non-zero (3): None"},
		{"q@" + script("keys-client.sh", `echo "$1=$2"`), "q", "--vault-id=q", ""},
		{"q@" + script("no-client", `echo "$@" >&2; exit 2`), "q", "", "Vault password client script DIR/no-client did not find a secret for vault-id=q: b'--vault-id q\\n'"},
		{script("n-client", `echo "$#"; exit 3`), "", "", "Vault password client script DIR/n-client returned non-zero (3) when getting secret for vault-id=None: b''"},
		{script("quiet", ""), "", "", "Invalid vault password was provided from script (DIR/quiet)"},
		{"d@.", "d", "", "The vault password file provided 'DIR' can not be a directory"},
		{"b@c@d", "b", "", "The vault password file DIR/c@d was not found"},
		{"prompt_ask_vault_pass", "", "Vault password: ", ""},
		{"a@prompt", "a", "Vault password (a): ", ""},
	} {
		id, from := Identity(c.spec, dir, echo{}, false)
		got, err := from.Password(context.Background())
		if id != c.id || string(got) != strings.TrimSpace(c.want) && string(got) != c.want {
			t.Errorf("%s: %q %q, want %q %q", c.spec, id, got, c.id, c.want)
		}
		if want := strings.ReplaceAll(c.err, "DIR", dir); (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %s", c.spec, err, want)
		}
	}
}

type echo struct{}

func (echo) Password(_ context.Context, prompt string) ([]byte, error) { return []byte(prompt), nil }

func TestTextDecryptsWhenForced(t *testing.T) {
	text := NewText(string(read(t, "hello.11")), source.Pos{File: "f.yml", Line: 1, Col: 4}, &Secrets{List: []Secret{secret}})
	v, err := value.Force(text)
	if err != nil || v != value.Str("hello: world\n") {
		t.Errorf("got %v, %v", v, err)
	}
	_, err = NewText("$ANSIBLE_VAULT;1.1;AES256\n61\n", source.Pos{File: "f.yml", Line: 1, Col: 4}, nil).Force()
	if err == nil || err.Error() != "f.yml:1:4: Attempt to use undecryptable variable: Attempting to decrypt but no vault secrets found." {
		t.Error(err)
	}
}

// TestAnsibleVaultReadsOurs runs where ansible-vault is.
func TestAnsibleVaultReadsOurs(t *testing.T) {
	bin, err := exec.LookPath("ansible-vault")
	if err != nil {
		t.Skip("no ansible-vault on the PATH")
	}
	text, err := Encrypt([]byte("été\n"), Secret{ID: "dev", Password: []byte("secret")})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "v")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(bin, "view", "--vault-password-file", "testdata/password", file).CombinedOutput()
	if err != nil || string(out) != "été\n" {
		t.Errorf("%q, %v", out, err)
	}
}

func FuzzDecrypt(f *testing.F) {
	f.Add([]byte("$ANSIBLE_VAULT;1.1;AES256\n610a620a63\n"))
	f.Add([]byte("$ANSIBLE_VAULT;1.2;AES256;x\n36310a36320a3633\n"))
	s := &Secrets{List: []Secret{secret}}
	f.Fuzz(func(t *testing.T, text []byte) { _, _ = s.Decrypt(text) })
}
