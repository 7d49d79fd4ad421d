// Package vault turns the encrypted text of ansible-vault into plain text and
// back: formats 1.1 and 1.2, cipher AES256 (PBKDF2-SHA256, AES-CTR,
// HMAC-SHA256). Secrets holds the passwords of one run; where those come from
// (files, scripts, prompts) stands in secrets.go. Messages are those seen on
// ansible-core 2.19.
package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	magic      = "$ANSIBLE_VAULT"
	defaultID  = "default"
	lineChars  = 80 // of the body
	saltBytes  = 32
	iterations = 10000
	keyBytes   = 32 // of the cipher's key and of the MAC's
)

// Errors that callers tell apart.
var (
	ErrNoSecrets    = errors.New("Attempting to decrypt but no vault secrets found.")
	ErrDecrypt      = errors.New("Decryption failed (no vault secrets were found that could decrypt).")
	ErrNotEncrypted = errors.New("Input is not vault encrypted data.")
)

// Encrypted reports whether text is vault encrypted.
func Encrypted(text []byte) bool {
	if !bytes.HasPrefix(text, []byte(magic)) {
		return false
	}
	for _, c := range text {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// ID is the vault id that stands in a vault's text; "default" in format 1.1
// and where there is none.
func ID(text []byte) string {
	head, _, _ := strings.Cut(string(text), "\n")
	if parts := strings.Split(strings.TrimSpace(head), ";"); len(parts) > 3 && strings.TrimSpace(parts[1]) == "1.2" {
		return strings.TrimSpace(parts[3])
	}
	return defaultID
}

// envelope is the text of a vault, opened but not decrypted.
type envelope struct {
	id               string
	salt, mac, crypt []byte
}

func parse(text []byte) (*envelope, error) {
	if !Encrypted(text) {
		return nil, ErrNotEncrypted
	}
	head, body, _ := strings.Cut(string(text), "\n")
	parts := strings.Split(strings.TrimSpace(head), ";")
	if len(parts) < 3 {
		return nil, errors.New("Vault envelope format error: list index out of range")
	}
	e := &envelope{id: ID(text)}
	if name := strings.TrimSpace(parts[2]); name != "AES256" {
		return nil, fmt.Errorf("Cipher '%s' could not be found.", name)
	}
	inner, err := unhex(strings.Join(strings.Fields(body), ""))
	if err != nil {
		return nil, err
	}
	fields := strings.SplitN(string(inner), "\n", 3)
	if len(fields) < 3 {
		return nil, fmt.Errorf("Vault vaulttext format error: not enough values to unpack (expected 3, got %d)", len(fields))
	}
	for i, into := range []*[]byte{&e.salt, &e.mac, &e.crypt} {
		if *into, err = unhex(fields[i]); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func unhex(s string) ([]byte, error) {
	if len(s)%2 != 0 {
		return nil, errors.New("Vault format unhexlify error: Odd-length string")
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, errors.New("Vault format unhexlify error: Non-hexadecimal digit found")
	}
	return b, nil
}

// keys derives the cipher's key and start, and the MAC's key.
func keys(password, salt []byte) (cipherKey, macKey, iv []byte, err error) {
	k, err := pbkdf2.Key(sha256.New, string(password), salt, iterations, 2*keyBytes+aes.BlockSize)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("derive vault keys: %w", err)
	}
	return k[:keyBytes], k[keyBytes : 2*keyBytes], k[2*keyBytes:], nil
}

// open decrypts e; ok is false when the password is not the right one.
func (e *envelope) open(password []byte) (plain []byte, ok bool, err error) {
	key, macKey, iv, err := keys(password, e.salt)
	if err != nil {
		return nil, false, err
	}
	if !hmac.Equal(sum(macKey, e.crypt), e.mac) {
		return nil, false, nil
	}
	plain, err = crypt(key, iv, e.crypt)
	if err != nil {
		return nil, false, err
	}
	if len(plain) == 0 {
		return nil, false, errors.New("Vault format error: no padding")
	}
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > aes.BlockSize || pad > len(plain) {
		return nil, false, errors.New("Vault format error: invalid padding")
	}
	return plain[:len(plain)-pad], true, nil
}

func sum(key, text []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(text)
	return m.Sum(nil)
}

func crypt(key, iv, text []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("vault cipher: %w", err)
	}
	out := make([]byte, len(text))
	cipher.NewCTR(block, iv).XORKeyStream(out, text)
	return out, nil
}

// Encrypt gives the vault text of plain under secret: format 1.2 when the
// secret has an id of its own, else 1.1.
func Encrypt(plain []byte, secret Secret) ([]byte, error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(rand.Reader, salt); err != nil {
		return nil, fmt.Errorf("vault salt: %w", err)
	}
	return encrypt(plain, secret, salt)
}

// EncryptSalted is Encrypt with a salt of the caller's, as the vault filter
// allows: equal input gives equal text.
func EncryptSalted(plain []byte, secret Secret, salt []byte) ([]byte, error) {
	if len(salt) == 0 {
		return nil, errors.New("Empty or invalid configured vault encrypt salt")
	}
	return encrypt(plain, secret, salt)
}

func encrypt(plain []byte, secret Secret, salt []byte) ([]byte, error) {
	key, macKey, iv, err := keys(secret.Password, salt)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	text, err := crypt(key, iv, append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...))
	if err != nil {
		return nil, err
	}
	inner := strings.Join([]string{hex.EncodeToString(salt), hex.EncodeToString(sum(macKey, text)), hex.EncodeToString(text)}, "\n")
	var out bytes.Buffer
	out.WriteString(magic)
	if secret.ID == "" || secret.ID == defaultID {
		out.WriteString(";1.1;AES256\n")
	} else {
		out.WriteString(";1.2;AES256;" + secret.ID + "\n")
	}
	for body := hex.EncodeToString([]byte(inner)); body != ""; {
		n := min(lineChars, len(body))
		out.WriteString(body[:n] + "\n")
		body = body[n:]
	}
	return out.Bytes(), nil
}
