package controller

import (
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/blowfish" //nolint:staticcheck // bcrypt is made of it

	"github.com/churten/churten/jinja/value"
)

// bcrypt with a salt of the user's: golang.org/x/crypto/bcrypt knows random ones only.
//
// Source: Provos and Mazières, "A Future-Adaptable Password Scheme", 1999.

var bcryptBase64 = base64.NewEncoding(saltChars).WithPadding(base64.NoPadding)

const (
	bcryptSaltBytes = 16
	bcryptMaxKey    = 72
	bcryptText      = "OrpheanBeholderScryDoubt"
)

func bcryptHash(password, salt string, cost int64, ident value.Value) (value.Value, error) {
	kind := "2b"
	if given(ident) && value.Truth(ident) {
		kind = value.Text(ident)
	}
	switch kind {
	case "2", "2a", "2b", "2y":
	default:
		return nil, fmt.Errorf("Could not hash the secret: invalid ident: %s", value.QuoteRepr(kind))
	}
	if len(salt)%4 == 1 {
		return nil, errors.New("source length must != 1 mod 4")
	}
	if len(salt) != 22 {
		how := "small"
		if len(salt) > 22 {
			how = "large"
		}
		return nil, fmt.Errorf("Could not hash the secret: salt too %s (bcrypt requires exactly 22 chars)", how)
	}
	raw, err := bcryptBase64.DecodeString(salt)
	if err != nil {
		return nil, err
	}
	sum, err := bcryptSum([]byte(password), raw[:bcryptSaltBytes], uint(cost), kind != "2")
	if err != nil {
		return nil, err
	}
	// The salt is written again: its last digit has bits that do not count.
	return value.Str(fmt.Sprintf("$%s$%02d$%s%s", kind, cost, bcryptBase64.EncodeToString(raw[:bcryptSaltBytes]), bcryptBase64.EncodeToString(sum))), nil
}

func bcryptSum(key, salt []byte, cost uint, terminated bool) ([]byte, error) {
	if terminated {
		key = append(append([]byte(nil), key...), 0)
	}
	key = key[:min(len(key), bcryptMaxKey)]
	c, err := blowfish.NewSaltedCipher(key, salt)
	if err != nil {
		return nil, err
	}
	for range uint64(1) << cost {
		blowfish.ExpandKey(key, c)
		blowfish.ExpandKey(salt, c)
	}
	out := []byte(bcryptText)
	for i := 0; i < len(out); i += blowfish.BlockSize {
		for range 64 {
			c.Encrypt(out[i:i+blowfish.BlockSize], out[i:i+blowfish.BlockSize])
		}
	}
	return out[:len(out)-1], nil
}
