package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/crypto/ssh"
)

// keyFiles are the private keys that were read, for all hosts of a run, so that
// a passphrase is asked for once. Safe for concurrent use.
type keyFiles struct {
	mu    sync.Mutex // guards files
	files map[string]*keyFile
}

// errHardware is a key whose secret is in a device (FIDO), which only the ssh
// program can ask, or an agent.
var errHardware = errors.New("a security key")

// keyFile is one private key. Its public half may be known while the private
// one is still locked.
type keyFile struct {
	name string
	pem  []byte
	pub  ssh.PublicKey
	cert *ssh.Certificate // of name-cert.pub
	err  error            // why there is no key

	mu     sync.Mutex // held while the key is being unlocked
	signer ssh.Signer
	refuse error // the passphrase was not to be had
}

// load returns the key of a file; its err says when there is none.
func (k *keyFiles) load(name string, uid int) *keyFile {
	k.mu.Lock()
	defer k.mu.Unlock()
	if f, ok := k.files[name]; ok {
		return f
	}
	f := readKey(name, uid)
	if k.files == nil {
		k.files = map[string]*keyFile{}
	}
	k.files[name] = f
	return f
}

// readKey reads a private key, its certificate, and its public half from
// beside it when it is locked so that it does not tell.
func readKey(name string, uid int) *keyFile {
	f := &keyFile{name: name}
	if cert, ok := readPublic(name + "-cert.pub").(*ssh.Certificate); ok {
		f.cert = cert
	}
	info, err := os.Stat(name)
	if err != nil {
		f.err = err
		// Only the public half, the private one being in the agent.
		f.pub = readPublic(name + ".pub")
		return f
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) == uid && info.Mode().Perm()&0o077 != 0 {
		f.err = &openKeyError{name, info.Mode().Perm()}
		if f.pub = readPublic(name); f.pub != nil { // nothing in it is private
			f.err = onlyPublic(name)
			return f
		}
		f.pub = readPublic(name + ".pub")
		return f
	}
	if f.pem, err = os.ReadFile(name); err != nil {
		f.err = err
		return f
	}
	signer, err := ssh.ParsePrivateKey(f.pem)
	var locked *ssh.PassphraseMissingError
	pub := readPublic(name + ".pub")
	if errors.As(err, &locked) && locked.PublicKey != nil {
		pub = locked.PublicKey
	}
	switch {
	case err != nil && pub != nil && strings.HasPrefix(pub.Type(), "sk-"):
		f.pub, f.err = pub, errHardware
	case err == nil:
		f.signer, f.pub = signer, signer.PublicKey()
	case errors.As(err, &locked):
		if f.pub = locked.PublicKey; f.pub == nil {
			f.pub = readPublic(name + ".pub")
		}
	default:
		// IdentityFile may name a public key whose private half the agent has.
		if f.pub, _, _, _, err = ssh.ParseAuthorizedKey(f.pem); err != nil {
			why := "error in libcrypto"
			if bytes.Contains(f.pem, []byte("BEGIN OPENSSH PRIVATE KEY")) {
				why = "invalid format"
			}
			f.err = fmt.Errorf("Load key \"%s\": %s", name, why) //nolint:staticcheck // OpenSSH's words
		} else {
			f.err = onlyPublic(name)
		}
	}
	return f
}

// onlyPublic is for a file that IdentityFile may name when the agent has the
// private half.
func onlyPublic(name string) error {
	return fmt.Errorf("%s holds only a public key, and the agent does not have it", name)
}

func readPublic(name string) ssh.PublicKey {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return nil
	}
	return key
}

// openKeyError is a private key that others may read.
type openKeyError struct {
	name string
	mode fs.FileMode
}

func (e *openKeyError) Error() string {
	return atSigns + "\r\n" +
		"@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\r\n" + atSigns + "\r\n" +
		fmt.Sprintf("Permissions 0%3.3o for '%s' are too open.\r\n", e.mode, e.name) +
		"It is required that your private key files are NOT accessible by others.\r\n" +
		"This private key will be ignored.\r\n" +
		fmt.Sprintf("Load key \"%s\": bad permissions", e.name)
}

// unlocker gets passphrases for one host's handshake.
type unlocker struct {
	ctx   context.Context
	given string // ansible_private_key_passphrase
	ask   func(ctx context.Context, text string) (string, error)
}

// passphraseTries is how often a person may mistype one, as in OpenSSH.
const passphraseTries = 3

// unlock returns the private key, asking for its passphrase if it must. Hosts
// that want the same key wait here for the first to have it.
func (f *keyFile) unlock(u *unlocker) (ssh.Signer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	if f.signer != nil {
		return f.signer, nil
	}
	if u.given != "" {
		if s, err := ssh.ParsePrivateKeyWithPassphrase(f.pem, []byte(u.given)); err == nil {
			f.signer = s
			return s, nil
		}
	}
	if f.refuse != nil {
		return nil, f.refuse
	}
	for range passphraseTries {
		phrase, err := u.ask(u.ctx, fmt.Sprintf("Enter passphrase for key '%s': ", f.name))
		if err != nil {
			if u.ctx.Err() != nil {
				return nil, u.ctx.Err()
			}
			f.refuse = fmt.Errorf("key %s is locked: %w", f.name, err)
			return nil, f.refuse
		}
		if phrase == "" { // as OpenSSH: leave this key
			break
		}
		if s, err := ssh.ParsePrivateKeyWithPassphrase(f.pem, []byte(phrase)); err == nil {
			f.signer = s
			return s, nil
		}
	}
	f.refuse = fmt.Errorf("key %s is locked: no right passphrase was given", f.name)
	return nil, f.refuse
}

// lazySigner signs with a key that is unlocked when the host has said that it
// would do.
type lazySigner struct {
	f *keyFile
	u *unlocker
}

func (s lazySigner) PublicKey() ssh.PublicKey { return s.f.pub }

func (s lazySigner) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return s.SignWithAlgorithm(rand, data, "")
}

func (s lazySigner) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	k, err := s.f.unlock(s.u)
	if err != nil {
		return nil, err
	}
	if a, ok := k.(ssh.AlgorithmSigner); ok && algorithm != "" {
		return a.SignWithAlgorithm(rand, data, algorithm)
	}
	return k.Sign(rand, data)
}
