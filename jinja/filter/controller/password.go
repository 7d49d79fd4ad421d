package controller

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/GehirnInc/crypt"
	"github.com/GehirnInc/crypt/md5_crypt"
	"github.com/GehirnInc/crypt/sha256_crypt"
	"github.com/GehirnInc/crypt/sha512_crypt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() { addFilter("password_hash", "get_encrypted_password", passwordHash) }

// algorithm is a way to hash passwords, with passlib's limits and defaults,
// which the reference uses.
type algorithm struct {
	name             string // passlib's
	prefix           string
	saltSize         int
	rounds, min, max int64 // rounds 0: it has none
	implicit         int64 // the rounds that are not written down
	new              func() crypt.Crypter
}

var algorithms = map[string]*algorithm{
	"md5":      {name: "md5_crypt", prefix: "$1$", saltSize: 8, new: md5_crypt.New},
	"blowfish": {name: "bcrypt", prefix: "$2b$", saltSize: 22, rounds: 12, min: 4, max: 31},
	"sha256":   {name: "sha256_crypt", prefix: "$5$", saltSize: 16, rounds: 535000, min: 1000, max: 999999999, implicit: 5000, new: sha256_crypt.New},
	"sha512":   {name: "sha512_crypt", prefix: "$6$", saltSize: 16, rounds: 656000, min: 1000, max: 999999999, implicit: 5000, new: sha512_crypt.New},
}

func algorithmOf(v value.Value) (*algorithm, error) {
	name := value.Text(v)
	if a, ok := algorithms[name]; ok {
		return a, nil
	}
	for _, a := range algorithms {
		if a.name == name {
			return a, nil
		}
	}
	return nil, fmt.Errorf("%s is not in the list of supported passlib algorithms: md5, blowfish, sha256, sha512", name)
}

// saltChars are those that a salt may be made of; bcrypt reads them as digits in this order too.
const saltChars = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func passwordHash(c *expr.Call) (value.Value, error) {
	var secret, salt, saltSize, rounds, ident value.Value
	var kind value.Value = value.Str("sha512")
	if err := c.Unpack("password", &secret, "hashtype?", &kind, "salt?", &salt, "salt_size?", &saltSize, "rounds?", &rounds, "ident?", &ident); err != nil {
		return nil, err
	}
	a, err := algorithmOf(kind)
	if err != nil {
		return nil, err
	}
	password, ok := plainText(secret)
	if !ok {
		name := secret.Type()
		if secret == value.None {
			name = "None"
		}
		return nil, fmt.Errorf("secret must be unicode or bytes, not %s", name)
	}
	if strings.ContainsRune(password, 0) {
		return nil, errors.New("Could not hash the secret: null character in secret")
	}
	text, err := a.salt(salt, saltSize)
	if err != nil {
		return nil, err
	}
	n, err := a.roundsOf(rounds)
	if err != nil {
		return nil, err
	}
	if a.name == "bcrypt" {
		return bcryptHash(password, text, n, ident)
	}
	setting := a.prefix + text
	if n != 0 && n != a.implicit {
		setting = fmt.Sprintf("%srounds=%d$%s", a.prefix, n, text)
	}
	s, err := hashes.get(password, setting, func() (string, error) {
		return a.new().Generate([]byte(password), []byte(setting))
	})
	return value.Str(s), err
}

func (a *algorithm) salt(salt, size value.Value) (string, error) {
	if given(salt) && value.Truth(salt) {
		s := value.Text(salt)
		if strings.Trim(s, saltChars) != "" {
			return "", fmt.Errorf("Could not hash the secret: invalid characters in %s salt", a.name)
		}
		for i := range len(s) {
			if strings.IndexByte(saltChars, s[i]) < 0 {
				return "", fmt.Errorf("Could not hash the secret: invalid characters in %s salt", a.name)
			}
		}
		if a.name != "bcrypt" && len(s) > a.saltSize {
			return "", fmt.Errorf("Could not hash the secret: salt too large (%s requires <= %d chars)", a.name, a.saltSize)
		}
		return s, nil
	}
	n := a.saltSize
	if given(size) {
		asked, err := value.Index(size)
		switch {
		case err != nil:
			return "", errors.New("salt_size must be an integer")
		case asked < 0:
			return "", fmt.Errorf("Could not hash the secret: %s: salt_size (%d) below min_salt_size (0)", a.name, asked)
		case asked > int64(a.saltSize):
			return "", fmt.Errorf("Could not hash the secret: %s: salt_size (%d) above max_salt_size (%d)", a.name, asked, a.saltSize)
		}
		n = int(asked)
	}
	return randomSalt(n)
}

func randomSalt(n int) (string, error) {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	for i, c := range b {
		b[i] = saltChars[c%byte(len(saltChars))] // 64 of them: no bias
	}
	return string(b), nil
}

func (a *algorithm) roundsOf(v value.Value) (int64, error) {
	if !given(v) || !value.Truth(v) {
		return a.rounds, nil
	}
	n, err := value.Index(v)
	switch {
	case err != nil:
		return 0, fmt.Errorf("Could not hash the secret: invalid literal for int() with base 10: %s", value.Repr(v))
	case a.rounds == 0:
		return 0, errors.New("MinimalHandler.using() got an unexpected keyword argument 'rounds'")
	case n < a.min:
		return 0, fmt.Errorf("Could not hash the secret: %s: min_desired_rounds (%d) is too low, must be at least %d", a.name, n, a.min)
	case n > a.max:
		return 0, fmt.Errorf("Could not hash the secret: %s: min_desired_rounds (%d) is too large, cannot be more than %d", a.name, n, a.max)
	}
	return n, nil
}
