package htpasswd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"no password": "check mode says so too", "no password and new": "check mode says so too",
	}})
}

// Hashes of "secret" by passlib 1.7.4, and one of crypt(3) for a long password.
var hashes = map[string]string{
	"apr_md5_crypt": "$apr1$sZk20Kyt$QDF/hxYMz5eIFSXdvReDS/",
	"md5_crypt":     "$1$O9DieeyZ$5UUi6uxUwiKG7J7BvVqKk1",
	"sha256_crypt":  "$5$rounds=535000$QQ0Zw3tPNaAPrOb2$9FAKLGzsDvyAPvcj3mYtUa//lctKR5DyfI63lvyv5C0",
	"sha512_crypt":  "$6$rounds=656000$naR0zIgBQPiPPV59$vKTB1q/Q.mDdkP6XZ/b5.CpqCpNXkb3unID.VFmulzrk7bp9pm7Wrdtas7jts1t5aDafEuufqcQaRkkeWrKmq/",
	"bcrypt":        "$2b$12$4FZ4s..WjBnZDYEF8aYfZueieC4D5jACUo1y/bxNhKx9uKqGUL.Q2",
	"des_crypt":     "CyRMwi1jicI/Y",
	"ldap_sha1":     "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
	"plaintext":     "secret",
}

func TestSchemes(t *testing.T) {
	for name, hash := range hashes {
		s, err := schemeNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		made, err := s.hash("secret")
		if err != nil || !s.knows(made) || len(made) != len(hash) || len(s.prefix) > 0 && !strings.HasPrefix(made, s.prefix[0]+s.rounds) && name != "bcrypt" {
			t.Errorf("%s: %s, %v", name, made, err)
		}
		for _, c := range []struct {
			hash, password string
			want           bool
		}{{hash, "secret", true}, {hash, "Secret", false}, {made, "secret", true}} {
			if same, err := s.verify(c.password, c.hash); err != nil || same != c.want {
				t.Errorf("%s: %q: %v, %v", c.hash, c.password, same, err)
			}
		}
	}
}

// Hashes of crypt(3) of libcrypt 4.4.33.
func TestDES(t *testing.T) {
	for _, c := range [][2]string{{"secret", "2vfBx5GRTgRnM"}, {"secret", "CyRMwi1jicI/Y"}, {"secret", "lUkHQyZKzd7D6"}} {
		if got, err := desCrypt(c[0], c[1]); got != c[1] || err != nil {
			t.Errorf("%s: %s, want %s, %v", c[0], got, c[1], err)
		}
	}
}

// Which hashes are known depends on the scheme that is asked for.
func TestKnown(t *testing.T) {
	md5, err := schemeNamed("md5_crypt")
	if err != nil {
		t.Fatal(err)
	}
	apr, err := schemeNamed("apr_md5_crypt")
	if err != nil {
		t.Fatal(err)
	}
	for name, hash := range hashes {
		for s, want := range map[*scheme]bool{apr: name != "md5_crypt", md5: !strings.HasPrefix(name, "sha") && name != "bcrypt"} {
			if same, err := s.verify("secret", hash); err != nil || same != want {
				t.Errorf("%s asked for %s: %v, %v", name, s.name, same, err)
			}
		}
	}
}

// Nothing is left beside the file, and no password is in it.
func TestNothingLeft(t *testing.T) {
	dir := t.TempDir()
	res := module.Run(t.Context(), &Module, value.DictOf("path", value.Str(dir+"/a/f"), "name", value.Str("joe"), "password", value.Str("s3cret"), "mode", value.Str("0600")), &module.Call{Env: os.Environ()})
	if res.Failed || !res.Changed {
		t.Fatal(value.Repr(res.Dict()))
	}
	files, err := filepath.Glob(dir + "/a/*")
	if err != nil || len(files) != 1 {
		t.Errorf("%v %v", files, err)
	}
	data, err := os.ReadFile(dir + "/a/f")
	if err != nil || !strings.HasPrefix(string(data), "joe:$apr1$") || strings.Contains(string(data), "s3cret") {
		t.Errorf("%s %v", data, err)
	}
	if info, err := os.Stat(dir + "/a/f"); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("# c\n\nann:x\n bob:y\r\nann:z")
	f.Fuzz(func(t *testing.T, text string) {
		one, err := parse(text)
		if err != nil {
			return
		}
		again, err := parse(string(one.text()))
		if err != nil || string(again.text()) != string(one.text()) {
			t.Errorf("%q: %q, %v", text, one.text(), err)
		}
	})
}
