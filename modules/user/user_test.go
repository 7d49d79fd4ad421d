package user

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/module"
)

func TestPlausible(t *testing.T) {
	for password, want := range map[string]bool{
		"*": true, "!": true, "*************": true, "!!": false, "plain": false, "$6$x": false, "a:b": false,
		"$1$abcdefgh$0123456789012345678901": true, "$1$abcdefgh$012345678901234567890": false,
		"$5$abcdefgh$" + strings.Repeat("a", 43): true, "$6$abcdefgh$" + strings.Repeat("a", 43): false,
		"$6$abcdefgh$" + strings.Repeat("a", 86): true, "!$6$abcdefgh$" + strings.Repeat("a", 86): false,
		"$y$j9T$abc$" + strings.Repeat("a", 43): true, "$y$j9T$abc$a_b": false, "$y$j9T$abc$def": false,
	} {
		if got := plausible(password); got != want {
			t.Errorf("%s: %v", password, got)
		}
	}
}

func TestExpiry(t *testing.T) {
	never := expiry{given: true, never: true}
	day := expiry{given: true, day: time.Unix(1422403387, 0).UTC()}
	if never.text() != "" || day.text() != "2015-01-28" || day.days() != "16463" || never.days() != "-1" {
		t.Error(never.text(), day.text(), day.days(), never.days())
	}
	for _, c := range []struct {
		e    expiry
		have int
		want bool
	}{{never, -1, false}, {never, 0, true}, {day, -1, true}, {day, 16463, false}, {day, 16464, true}} {
		if got := c.e.differs(account.Shadow{Expires: c.have}); got != c.want {
			t.Errorf("%+v, %d: %v", c.e, c.have, got)
		}
	}
	for _, c := range []struct {
		seconds float64
		unix    int64
		msg     string
	}{{-0.5, -1, ""}, {1.9, 1, ""}, {1e17, 0, "[Errno 75] Value too large for defined data type"}, {1e300, 0, "timestamp out of range for platform time_t"}} {
		got, msg := gmtime(c.seconds)
		if msg != c.msg || msg == "" && got.Unix() != c.unix {
			t.Errorf("%g: %v %q", c.seconds, got, msg)
		}
	}
}

// accounts puts files of accounts in the place of the system's.
func accounts(t *testing.T) {
	t.Helper()
	dir, saved := t.TempDir(), account.System
	for name, text := range map[string]string{
		"passwd": "u:x:1000:1000::/home/u:/bin/sh\n",
		"group":  "root:x:0:\nadm:x:4:u\ngames:x:60:u,v\nu:x:1000:\nsys:x:3:\n77:x:78:\n",
		"shadow": "u:!$1$a$b:1::90::9:16463:\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	account.System = account.Files{Passwd: dir + "/passwd", Group: dir + "/group", Shadow: dir + "/shadow"}
	t.Cleanup(func() { account.System = saved })
}

func jobOf(pairs ...any) *job {
	d := value.DictOf(pairs...)
	j := &job{Call: &module.Call{Args: module.Args{Dict: d}}, name: "u"}
	j.groups = strings.Join(j.Args.Strs("groups"), ",")
	return j
}

func TestRegroup(t *testing.T) {
	accounts(t)
	for _, c := range []struct {
		groups         []string
		append         bool
		add, drop, all string
		err            string
	}{
		{[]string{"adm", "games"}, false, "", "", "adm games", ""},
		{[]string{"4", " sys "}, false, "sys", "games", "adm sys", ""},
		{[]string{"sys", "sys"}, true, "sys", "", "sys", ""},
		{nil, false, "", "adm games", "", ""},
		{nil, true, "", "", "", ""},
		{[]string{"77", "78"}, true, "77", "", "77", ""}, // no number: a name
		{[]string{"adm", "none"}, false, "", "", "", "Group none does not exist"},
	} {
		j := jobOf("groups", value.Strings(c.groups...), "append", value.Bool(c.append))
		add, drop, all, err := j.regroup()
		if err != nil || c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%v: %v", c.groups, err)
			}
			continue
		}
		if strings.Join(add, " ") != c.add || strings.Join(drop, " ") != c.drop || strings.Join(all, " ") != c.all {
			t.Errorf("%v: add %v, drop %v, all %v", c.groups, add, drop, all)
		}
	}
}

func TestPassword(t *testing.T) {
	accounts(t)
	j := jobOf("password", value.Str("$1$a$b"), "update_password", value.Str("always"), "password_lock", value.True)
	have := j.shadowOf(account.User{Name: "u"}).Password
	if have != "!$1$a$b" || j.newPassword(have) || j.lockOptions(have) != nil || j.hash() != "!$1$a$b" {
		t.Error("the same password, locked as it is")
	}
	if !slices.Equal(j.lockOptions("$1$a$b"), []string{"-L"}) || j.lockOptions("$1$other") != nil || !j.newPassword("$1$other") {
		t.Error("the same password is locked, another comes with its lock")
	}
	if err := j.writable("chpasswd"); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"a:b", "x\nroot:"} {
		if jobOf("password", value.Str(bad)).setPassword(t.Context()) == nil {
			t.Errorf("%q was handed to chpasswd", bad)
		}
	}
}

func TestHome(t *testing.T) {
	dir := t.TempDir()
	skel, home := filepath.Join(dir, "skel"), filepath.Join(dir, "a/b/home")
	if err := os.MkdirAll(filepath.Join(skel, "d"), 0o750); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"f": "x", "d/g": "y"} {
		if err := os.WriteFile(filepath.Join(skel, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("f", filepath.Join(skel, "l")); err != nil {
		t.Fatal(err)
	}
	j := jobOf("skeleton", value.Str(skel), "umask", value.Str("027"))
	if err := j.makeHome(home); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(home)
	if err != nil || info.Mode().Perm() != 0o750 {
		t.Error(info, err)
	}
	for name, want := range map[string]string{"f": "x", "d/g": "y", "l": "x"} {
		if data, err := os.ReadFile(filepath.Join(home, name)); string(data) != want {
			t.Errorf("%s: %q %v", name, data, err)
		}
	}
	if target, _ := os.Readlink(filepath.Join(home, "l")); target != "f" {
		t.Error("the link is none any more")
	}
	for path, want := range map[string]string{
		filepath.Join(skel, "f", "x"): "[Errno 20] Not a directory: '" + filepath.Join(skel, "f", "x") + "'",
		"":                            "[Errno 2] No such file or directory: ''",
	} {
		if err := j.makeHome(path); err == nil || err.Error() != want {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// A secret goes to a prompt, and only to one.
func TestAnswer(t *testing.T) {
	if _, err := os.Stat("/dev/ptmx"); err != nil {
		t.Skip("no terminals here")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	script := `stty -echo; printf 'Enter passphrase (empty for none): '; read a; printf '\nEnter passphrase again: '; read b; [ "$a" = "$b" ] && echo "got $a"; exit 3`
	rc, printed, err := answer(ctx, []string{"/bin/sh", "-c", script}, os.Environ(), "passphrase", "a b")
	if err != nil || rc != 3 || !strings.Contains(printed, "got a b") {
		t.Error(rc, printed, err)
	}
}
