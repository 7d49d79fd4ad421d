package htpasswd

import (
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/GehirnInc/crypt"
	"github.com/GehirnInc/crypt/apr1_crypt"
	"github.com/GehirnInc/crypt/md5_crypt"
	"github.com/GehirnInc/crypt/sha256_crypt"
	"github.com/GehirnInc/crypt/sha512_crypt"
	"golang.org/x/crypto/bcrypt"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// scheme is a way to hash passwords, with the rounds that passlib takes.
type scheme struct {
	name   string
	prefix []string // by which its hashes are known
	size   int      // of its salts
	rounds string   // in the settings of a new hash
	// make hashes with settings: those of a hash, or prefix, rounds and salt.
	make func(password, settings string) (string, error)
	// apache: web servers read it. Where another scheme is asked for, hashes of
	// late schemes are not known.
	apache, late bool
}

// schemes stand in the order in which a hash is looked at.
var schemes = []scheme{
	{name: "bcrypt", prefix: []string{"$2a$", "$2b$", "$2y$"}, make: bcryptHash, apache: true, late: true},
	{name: "sha512_crypt", prefix: []string{"$6$"}, size: 16, rounds: "rounds=656000$", make: by(sha512_crypt.New), apache: true, late: true},
	{name: "sha256_crypt", prefix: []string{"$5$"}, size: 16, rounds: "rounds=535000$", make: by(sha256_crypt.New), apache: true, late: true},
	{name: "apr_md5_crypt", prefix: []string{"$apr1$"}, size: 8, make: by(apr1_crypt.New), apache: true},
	{name: "md5_crypt", prefix: []string{"$1$"}, size: 8, make: by(md5_crypt.New)},
	{name: "ldap_sha1", prefix: []string{"{SHA}"}, make: ldapSHA1, apache: true},
	{name: "des_crypt", size: 2, make: desCrypt, apache: true},
	{name: "plaintext", make: func(password, _ string) (string, error) { return password, nil }, apache: true},
}

// others are schemes of passlib's that no web server reads.
const others = " argon2 atlassian_pbkdf2_sha1 bcrypt_sha256 bigcrypt bsd_nthash bsdi_crypt cisco_asa cisco_pix cisco_type7 crypt16 cta_pbkdf2_sha1 " +
	"dlitz_pbkdf2_sha1 fshp grub_pbkdf2_sha512 hex_md4 hex_md5 hex_sha1 hex_sha256 hex_sha512 htdigest ldap_md5 ldap_plaintext ldap_salted_md5 " +
	"ldap_salted_sha1 ldap_salted_sha256 ldap_salted_sha512 lmhash mssql2000 mssql2005 mysql323 mysql41 nthash oracle11 pbkdf2_sha1 pbkdf2_sha256 " +
	"pbkdf2_sha512 phpass roundup_plaintext scram scrypt sha1_crypt sun_md5_crypt unix_disabled "

func schemeNamed(name string) (*scheme, error) {
	for i := range schemes {
		if schemes[i].name == name {
			return &schemes[i], nil
		}
	}
	if strings.Contains(others, " "+name+" ") || strings.HasPrefix(name, "django_") {
		return nil, module.Failf("hash_scheme %s is not among those that can be written here: apr_md5_crypt, bcrypt, des_crypt, ldap_sha1, md5_crypt, plaintext, sha256_crypt, sha512_crypt", name)
	}
	return nil, module.Failf(`"no crypt handler found for algorithm: %s"`, value.Repr(value.Str(name)))
}

// hash hashes a new password.
func (s *scheme) hash(password string) (string, error) {
	if s.prefix != nil && strings.Contains(password, "\x00") {
		return "", module.Failf("%s does not allow NULL bytes in secret", s.name)
	}
	settings := s.rounds + salt(s.size)
	if len(s.prefix) > 0 {
		settings = s.prefix[0] + settings
	}
	return s.make(password, settings)
}

// verify reports whether a hash is that of a password. Which schemes it may be
// of depends on the one that is asked for, as in the reference.
func (s *scheme) verify(password, hash string) (bool, error) {
	for i := range schemes {
		k := &schemes[i]
		if k != s && (!k.apache || k.late && !s.apache) || !k.knows(hash) {
			continue
		}
		again, err := k.make(password, hash)
		if err != nil {
			return false, &module.Failure{Msg: "the entry's hash is malformed: " + err.Error(), Err: err}
		}
		return subtle.ConstantTimeCompare([]byte(again), []byte(hash)) == 1, nil
	}
	return false, nil
}

func (s *scheme) knows(hash string) bool {
	switch s.name {
	case "plaintext":
		return true
	case "des_crypt":
		return len(hash) == 13 && strings.Trim(hash, saltChars) == ""
	case "ldap_sha1":
		return len(hash) == len("{SHA}")+28 && strings.HasPrefix(hash, "{SHA}") && strings.HasSuffix(hash, "=")
	}
	return slices.ContainsFunc(s.prefix, func(p string) bool { return strings.HasPrefix(hash, p) })
}

const saltChars = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// salt gives random characters; there are 64, so that none is likelier.
func salt(size int) string {
	b := make([]byte, size)
	_, _ = rand.Read(b) // it never fails
	for i := range b {
		b[i] = saltChars[b[i]&63]
	}
	return string(b)
}

// by hashes as crypt(3) does.
func by(crypter func() crypt.Crypter) func(password, settings string) (string, error) {
	return func(password, settings string) (string, error) {
		return crypter().Generate([]byte(password), []byte(settings))
	}
}

func ldapSHA1(password, _ string) (string, error) {
	sum := sha1.Sum([]byte(password))
	return "{SHA}" + base64.StdEncoding.EncodeToString(sum[:]), nil
}

// bcryptCost is passlib's.
const bcryptCost = 12

// bcryptHash hashes anew where the settings are no hash; else it gives the hash
// again if the password is its.
func bcryptHash(password, settings string) (string, error) {
	if len(settings) < 60 {
		hash, err := bcrypt.GenerateFromPassword([]byte(password), bcryptCost)
		if err != nil {
			return "", err
		}
		return "$2b$" + strings.TrimPrefix(string(hash), "$2a$"), nil
	}
	err := bcrypt.CompareHashAndPassword([]byte(settings), []byte(password))
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return "", nil
	}
	return settings, err
}
