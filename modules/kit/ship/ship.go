// Package ship makes the blobs that actions send along with a call of a
// module: content made in memory, or a file of the controller.
package ship

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"syscall"

	"github.com/churten/churten/modules/kit/module"
)

// Bytes makes a blob of data.
func Bytes(name string, data []byte) module.Blob {
	s1, s256 := sha1.Sum(data), sha256.Sum256(data)
	return module.Blob{Name: name, SHA1: hex.EncodeToString(s1[:]), SHA256: hex.EncodeToString(s256[:]), Size: int64(len(data)), Mode: 0o600,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// vaultHeader is how an encrypted file begins.
const vaultHeader = "$ANSIBLE_VAULT"

// File makes a blob of a local file. It is read once now, for its checksums,
// and again when it is sent: a file that changes meanwhile fails there. One
// encrypted with vault is opened, unless decrypt is false.
func File(c module.ControllerAPI, name, path string, decrypt bool) (module.Blob, error) {
	f, err := os.Open(path)
	if err != nil {
		return module.Blob{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return module.Blob{}, err
	}
	mode := info.Sys().(*syscall.Stat_t).Mode & 0o7777
	if decrypt {
		head := make([]byte, len(vaultHeader))
		if _, err := io.ReadFull(f, head); err == nil && string(head) == vaultHeader {
			data, err := c.ReadFile(path, true)
			b := Bytes(name, data)
			b.Mode = mode
			return b, err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return module.Blob{}, err
		}
	}
	h1, h256 := sha1.New(), sha256.New()
	size, err := io.Copy(io.MultiWriter(h1, h256), f)
	if err != nil {
		return module.Blob{}, err
	}
	return module.Blob{Name: name, SHA1: hex.EncodeToString(h1.Sum(nil)), SHA256: hex.EncodeToString(h256.Sum(nil)), Size: size, Mode: mode,
		Open: func() (io.ReadCloser, error) { return os.Open(path) }}, nil
}
