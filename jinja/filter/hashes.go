package filter

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/blake2s"
	"golang.org/x/crypto/ripemd160" //nolint:staticcheck // users ask for it by name

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("hash", "get_hash", getHash)
	add("md5", "md5s", func(c *expr.Call) (value.Value, error) {
		var v value.Value
		if err := c.Unpack("data", &v); err != nil {
			return nil, err
		}
		return digest(md5.New(), v), nil
	})
	add("sha1", "secure_hash_s", secureHash)
	add("checksum", "secure_hash_s", secureHash)
	add("b64encode", "b64encode", b64Encode)
	add("b64decode", "b64decode", b64Decode)
	add("to_uuid", "to_uuid", toUUID)
}

// hashes are the functions behind the filter hash, by Python's names for them.
var hashes = map[string]func() hash.Hash{
	"md5":        md5.New,
	"sha1":       sha1.New,
	"sha224":     sha256.New224,
	"sha256":     sha256.New,
	"sha384":     sha512.New384,
	"sha512":     sha512.New,
	"sha512_224": sha512.New512_224,
	"sha512_256": sha512.New512_256,
	"blake2b":    keyless(blake2b.New512),
	"blake2s":    keyless(blake2s.New256),
	"ripemd160":  ripemd160.New,
	"sha3_224":   func() hash.Hash { return sha3.New224() },
	"sha3_256":   func() hash.Hash { return sha3.New256() },
	"sha3_384":   func() hash.Hash { return sha3.New384() },
	"sha3_512":   func() hash.Hash { return sha3.New512() },
}

// keyless makes a hash of one that can have a key.
func keyless(fn func(key []byte) (hash.Hash, error)) func() hash.Hash {
	return func() hash.Hash {
		h, err := fn(nil)
		if err != nil {
			panic("filter: a hash without key failed: " + err.Error()) // it cannot
		}
		return h
	}
}

func digest(h hash.Hash, v value.Value) value.Value {
	h.Write([]byte(rawText(v)))
	return value.Str(hex.EncodeToString(h.Sum(nil)))
}

// rawText is the text of v, or its bytes.
func rawText(v value.Value) string {
	if b, ok := v.(value.Bytes); ok {
		return string(b)
	}
	return value.Text(v)
}

func getHash(c *expr.Call) (value.Value, error) {
	var v value.Value
	var kind value.Value = value.Str("sha1")
	if err := c.Unpack("data", &v, "hashtype?", &kind); err != nil {
		return nil, err
	}
	name, ok := value.AsText(kind)
	if !ok {
		return nil, errors.New("name must be a string")
	}
	if name == "shake_128" || name == "shake_256" {
		return nil, errors.New("hexdigest() missing required argument 'length' (pos 1)")
	}
	h, ok := hashes[strings.ReplaceAll(strings.ToLower(name), "-", "_")]
	if !ok {
		return nil, fmt.Errorf("unsupported hash type %s", name)
	}
	return digest(h(), v), nil
}

func secureHash(c *expr.Call) (value.Value, error) {
	var v, fn value.Value
	if err := c.Unpack("data", &v, "hash_func?", &fn); err != nil {
		return nil, err
	}
	if fn != nil {
		return nil, fmt.Errorf("'%s' object is not callable", fn.Type())
	}
	return digest(sha1.New(), v), nil
}

func b64Encode(c *expr.Call) (value.Value, error) {
	var v value.Value
	encoding, urlSafe := "utf-8", false
	if err := c.Unpack("string", &v, "encoding?", &encoding, "urlsafe?", &urlSafe); err != nil {
		return nil, err
	}
	raw, isBytes := v.(value.Bytes)
	if !isBytes {
		s, err := value.EncodeText(value.Text(v), encoding, "strict")
		if err != nil {
			return nil, err
		}
		raw = value.Bytes(s)
	}
	enc := base64.StdEncoding
	if urlSafe {
		enc = base64.URLEncoding
	}
	return value.Str(enc.EncodeToString([]byte(raw))), nil
}

func b64Decode(c *expr.Call) (value.Value, error) {
	var v value.Value
	encoding, urlSafe := "utf-8", false
	if err := c.Unpack("string", &v, "encoding?", &encoding, "urlsafe?", &urlSafe); err != nil {
		return nil, err
	}
	raw, err := looseBase64(rawText(v), urlSafe)
	if err != nil {
		return nil, err
	}
	if isUTF8(encoding) {
		return value.Str(raw), nil // bytes that are no text travel unchanged
	}
	s, err := value.DecodeText(raw, encoding, "surrogateescape")
	return value.Str(s), err
}

func isUTF8(encoding string) bool {
	e := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(encoding))
	return e == "utf8"
}

// looseBase64 decodes as binascii does: it skips what is not of the alphabet
// and ends at the padding.
func looseBase64(s string, urlSafe bool) (string, error) {
	if urlSafe {
		s = strings.NewReplacer("-", "+", "_", "/").Replace(s)
	}
	var digits []byte
	pad := 0
scan:
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '=':
			if len(digits)%4 >= 2 {
				if pad++; len(digits)%4+pad == 4 {
					break scan
				}
			}
		case isDigit(c) || c == '+' || c == '/' || c|0x20 >= 'a' && c|0x20 <= 'z':
			digits, pad = append(digits, c), 0
		}
	}
	switch rest := len(digits) % 4; {
	case rest == 1:
		return "", fmt.Errorf("Invalid base64-encoded string: number of data characters (%d) cannot be 1 more than a multiple of 4", len(digits))
	case rest != 0 && rest+pad < 4:
		return "", errors.New("Incorrect padding")
	}
	out, err := base64.RawStdEncoding.DecodeString(string(digits))
	return string(out), err
}

// namespace is ansible's own for to_uuid: 361E6D51-FAEC-444A-9079-341386DA8E2E.
const namespace = "361E6D51-FAEC-444A-9079-341386DA8E2E"

func toUUID(c *expr.Call) (value.Value, error) {
	var v value.Value
	var space value.Value = value.Str(namespace)
	if err := c.Unpack("string", &v, "namespace?", &space); err != nil {
		return nil, err
	}
	s, ok := value.AsText(space)
	if !ok {
		return nil, fmt.Errorf("Invalid value '%s' for 'namespace': '%s' object has no attribute 'replace'", value.Text(space), space.Type())
	}
	digits := strings.NewReplacer("urn:", "", "uuid:", "", "-", "").Replace(s)
	raw, err := hex.DecodeString(strings.Trim(digits, "{}"))
	if err != nil || len(raw) != 16 {
		return nil, fmt.Errorf("Invalid value '%s' for 'namespace': badly formed hexadecimal UUID string", value.Text(space))
	}
	h := sha1.New()
	h.Write(raw)
	h.Write([]byte(value.Text(v)))
	sum := h.Sum(nil)[:16]
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	return value.Str(fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:])), nil
}
