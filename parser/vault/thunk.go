package vault

import (
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Text is a vaulted scalar: it is decrypted when first read, since decrypting
// costs milliseconds and most secrets are read by few tasks. Safe for
// concurrent use.
type Text struct {
	cipher string
	pos    source.Pos
	force  func() (value.Value, error)
	plain  atomic.Pointer[value.Str] // what force gave
}

// NewText gives the value of a scalar that holds vault text.
func NewText(cipher string, pos source.Pos, secrets *Secrets) *Text {
	t := &Text{cipher: cipher, pos: pos}
	t.force = sync.OnceValues(func() (value.Value, error) {
		plain, err := secrets.Decrypt([]byte(cipher))
		if err != nil {
			return nil, &source.Error{Pos: pos, Msg: fmt.Sprintf("Attempt to use undecryptable variable: %s", err), Err: err}
		}
		text := value.Str(plain)
		t.plain.Store(&text)
		return text, nil
	})
	return t
}

// Type is the type's name as the reference has it.
func (t *Text) Type() string { return "EncryptedString" }

// Force decrypts, once.
func (t *Text) Force() (value.Value, error) { return t.force() }

// Cipher is the encrypted text, for those who write it out again.
func (t *Text) Cipher() string { return t.cipher }

// Position is where the scalar stands.
func (t *Text) Position() source.Pos { return t.pos }

// Is reports whether s is what t came to when it was read: this very text.
func (t *Text) Is(s value.Str) bool {
	plain := t.plain.Load()
	return plain != nil && len(s) > 0 && len(*plain) == len(s) && unsafe.StringData(string(*plain)) == unsafe.StringData(string(s))
}
