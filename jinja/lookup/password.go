package lookup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/value"
)

func init() { add("password", password).volatile = true }

var passwordOptions = []string{"length", "encrypt", "chars", "ident", "seed"}

// password gives the password in a file, after putting a random one there if
// the file does not exist.
func password(c *Call) ([]value.Value, error) {
	out := make([]value.Value, 0, len(c.Terms))
	given := c.options
	for _, t := range c.Terms {
		s, err := term(t, "split")
		if err != nil {
			return nil, err
		}
		c.options = given
		path, err := c.passwordTerm(s)
		if err != nil {
			return nil, err
		}
		v, err := c.password(path)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// passwordTerm reads "path length=9 chars=digits". Arguments in the term take
// the place of all others, as seen on ansible-core 2.19.
func (c *Call) passwordTerm(s string) (path string, err error) {
	path, rest, found := strings.Cut(s, " ")
	if !found {
		return path, nil
	}
	pairs, words := keyValues(rest)
	if len(words) > 0 {
		path += " " + strings.Join(words, " ")
		if !strings.HasPrefix(s, path) {
			return "", errors.New("Unrecognized value after key=value parameters given to password lookup")
		}
	}
	var unknown []string
	for k := range pairs.All() {
		if name := value.Text(k); !slices.Contains(passwordOptions, name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return "", fmt.Errorf("Unrecognized parameter(s) given to password lookup: %s", strings.Join(unknown, ", "))
	}
	if pairs.Len() > 0 {
		c.options = map[string]value.Value{}
		for k, v := range pairs.All() {
			c.options[value.Text(k)] = v
		}
	}
	return path, nil
}

// stored is the content of a password file: password salt=… ident=…
type stored struct{ plain, salt, ident string }

func (c *Call) password(name string) (value.Value, error) {
	length, _, err := c.number("length", 20)
	if err != nil {
		return nil, err
	}
	chars, err := c.passwordChars()
	if err != nil {
		return nil, err
	}
	path := c.near(name)
	unlock, err := lock(path)
	if err != nil {
		return nil, err
	}
	defer unlock()
	keep := path != os.DevNull
	content, found, changed := stored{}, false, false
	if keep {
		raw, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		if found = err == nil; found {
			content = parseStored(strings.TrimRight(string(raw), space))
		}
	}
	if !found {
		if content.plain, err = randomText(c.option("seed"), chars, length); err != nil {
			return nil, err
		}
		changed = true
	}
	encrypt, ident := c.text("encrypt", ""), c.text("ident", "")
	if content.ident == "" {
		content.ident = ident
	} else if ident != "" && ident != content.ident {
		return nil, fmt.Errorf("The ident parameter provided (%s) does not match the stored one (%s).", ident, content.ident)
	}
	result := value.Value(value.Str(content.plain))
	if encrypt != "" {
		if content.salt == "" {
			changed = true
			if content.salt, err = randomText(nil, saltChars, saltSize(encrypt)); err != nil {
				return nil, err
			}
		}
		if content.ident == "" && encrypt == "bcrypt" {
			content.ident = "2b"
		}
		if result, err = c.hash(encrypt, content); err != nil {
			return nil, err
		}
	}
	if changed && keep {
		return result, writeStored(path, content, encrypt != "")
	}
	return result, nil
}

const saltChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./"

// saltSize is passlib's for an algorithm.
func saltSize(algorithm string) int64 {
	switch algorithm {
	case "bcrypt":
		return 22
	case "sha256_crypt", "sha512_crypt":
		return 16
	}
	return 8
}

func (c *Call) hash(algorithm string, s stored) (value.Value, error) {
	kw := value.DictOf("salt", value.Str(s.salt))
	if s.ident != "" {
		kw.SetStr("ident", value.Str(s.ident))
	}
	v, err := c.Ctx.CallFilter("password_hash", []value.Value{value.Str(s.plain), value.Str(algorithm)}, kw)
	if err != nil && strings.Contains(err.Error(), "is not in the list of supported") {
		return nil, fmt.Errorf("Installed passlib version 1.7.4 does not support the '%s' algorithm.", algorithm)
	}
	if cause := errors.Unwrap(err); cause != nil {
		err = cause
	}
	return v, err
}

// charSets are the names that the option chars knows: Python's string module.
var charSets = map[string]string{
	"ascii_lowercase": "abcdefghijklmnopqrstuvwxyz",
	"ascii_uppercase": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"ascii_letters":   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"digits":          "0123456789",
	"hexdigits":       "0123456789abcdefABCDEF",
	"octdigits":       "01234567",
	"punctuation":     "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
	"whitespace":      " \t\n\r\v\f",
	"printable":       "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\v\f",
}

// passwordChars gives the characters to choose from.
func (c *Call) passwordChars() (string, error) {
	names := []string{"ascii_letters", "digits", ".,:-_"}
	if v := c.option("chars"); v != nil {
		names = nil
		if s, ok := value.AsText(v); ok {
			if strings.Contains(s, ",,") { // two commas stand for one to choose
				names = append(names, ",")
			}
			for n := range strings.SplitSeq(strings.ReplaceAll(s, ",,", ","), ",") {
				if n != "" {
					names = append(names, n)
				}
			}
		} else {
			items, err := c.list("chars")
			if err != nil {
				return "", err
			}
			for _, item := range items {
				names = append(names, value.Text(item))
			}
		}
	}
	var b strings.Builder
	for _, n := range names {
		if set, ok := charSets[n]; ok {
			n = set
		}
		b.WriteString(n)
	}
	return strings.NewReplacer(`"`, "", "'", "").Replace(b.String()), nil
}

func randomText(seed value.Value, chars string, n int64) (string, error) {
	set := []rune(chars)
	picks, err := filter.Picks(seed, len(set), int(n))
	if err != nil {
		return "", err
	}
	out := make([]rune, n)
	for i, p := range picks {
		out[i] = set[p]
	}
	return string(out), nil
}

func parseStored(s string) stored {
	out := stored{plain: s}
	if plain, salt, ok := cutLast(s, " salt="); ok {
		out.plain = plain
		out.salt = salt
		if salt, ident, ok := cutLast(salt, " ident="); ok {
			out.salt, out.ident = salt, ident
		}
	}
	return out
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func writeStored(path string, s stored, encrypted bool) error {
	text := s.plain
	if encrypted {
		text += " salt=" + s.salt
		if s.ident != "" {
			text += " ident=" + s.ident
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err = f.Chmod(0o600); err == nil {
		_, err = f.WriteString(text + "\n")
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// lock keeps others, also other processes, from making the password of path
// at the same time.
func lock(path string) (unlock func(), err error) {
	if path == os.DevNull {
		return func() {}, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	for range 70 {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			return func() { _ = f.Close() }, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	_ = f.Close()
	return nil, errors.New("Password lookup cannot get the lock in 7 seconds, abort...This may caused by un-removed lockfile")
}
