package user

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// shadowOf gives what shadow has on the user; where there is no shadow, the
// password may stand in passwd. Such a user counts as one that expires, on the
// first of all days: "never" is then a change, by which usermod makes the entry.
func (j *job) shadowOf(u account.User) account.Shadow {
	s, err := account.System.ShadowByName(u.Name)
	if err != nil {
		s = account.Shadow{Password: u.Password, Changed: -1, Min: -1, Max: -1, Warn: -1, Inactive: -1}
	}
	return s
}

// judgePassword warns of what cannot be a hash.
func (j *job) judgePassword() {
	if j.Args.Str("password") == "" || plausible(j.Args.Str("password")) {
		return
	}
	j.Warn("The input password appears not to have been hashed. The 'password' argument must be encrypted for this module to work properly.")
}

// hashLengths are those of the last part, by the first: MD5, SHA-256, SHA-512, yescrypt.
var hashLengths = map[string]int{"1": 22, "5": 43, "6": 86, "y": 43}

func plausible(password string) bool {
	if slices.Contains([]string{"*", "!", "*************"}, password) {
		return true
	}
	if strings.ContainsAny(password, ":*!") {
		return false
	}
	parts := strings.Split(password, "$")
	if len(parts) < 3 {
		return false
	}
	last := parts[len(parts)-1]
	for _, r := range last {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("./=", r)) {
			return false
		}
	}
	want, known := hashLengths[parts[1]]
	return !known || want == len(last)
}

// hash is the password as it is to stand in shadow.
func (j *job) hash() string {
	password := j.Args.Str("password")
	if j.Args.Bool("password_lock") && !strings.HasPrefix(password, "!") {
		return "!" + password
	}
	return password
}

// setPassword writes the hash, which chpasswd reads from its input: a command
// line can be seen by everybody on the host.
func (j *job) setPassword(ctx context.Context) error {
	if err := j.writable("chpasswd"); err != nil {
		return err
	}
	return j.doWith(ctx, tool.Options{Stdin: []byte(j.name + ":" + j.hash() + "\n")}, "chpasswd", "--encrypted")
}

// writable refuses a hash that would reach into other fields or lines, in the
// words of the program that would have got it on its command line.
func (j *job) writable(program string) error {
	if !strings.ContainsAny(j.Args.Str("password"), ":\n") {
		return nil
	}
	rc, msg := 3, fmt.Sprintf("%s: invalid field '%s'\n", program, j.hash())
	if program == "usermod" {
		rc, msg = 1, "usermod: failure while writing changes to /etc/shadow\n"
	}
	return (&module.Failure{Msg: msg}).With("name", value.Str(j.name), "rc", value.Int(rc))
}

// newPassword reports whether the user is to get another password than have.
func (j *job) newPassword(have string) bool {
	return j.Args.Given("password") && j.Args.Str("update_password") == "always" &&
		strings.TrimLeft(have, "!") != strings.TrimLeft(j.Args.Str("password"), "!")
}

// lockOptions are usermod's that lock or unlock the password, unless there is
// to be a new one.
func (j *job) lockOptions(have string) []string {
	locked := strings.HasPrefix(have, "!")
	switch {
	case j.newPassword(have), !j.Args.Given("password_lock"), j.Args.Bool("password_lock") == locked:
		return nil
	case locked:
		return []string{"-U"}
	}
	return []string{"-L"}
}

// passwordDays sets how long a password lasts.
func (j *job) passwordDays(ctx context.Context) error {
	u, exists, err := j.find()
	if err != nil || !exists {
		return err
	}
	have := j.shadowOf(u)
	var args []string
	for _, o := range []struct {
		arg, option string
		have        int
	}{
		{"password_expire_min", "-m", have.Min},
		{"password_expire_max", "-M", have.Max},
		{"password_expire_warn", "-W", have.Warn},
	} {
		if j.Args.Given(o.arg) && int(j.Args.Int(o.arg)) != o.have {
			args = append(args, o.option, strconv.FormatInt(j.Args.Int(o.arg), 10))
		}
	}
	if len(args) == 0 {
		return nil
	}
	j.ran = true
	if j.Check {
		return nil
	}
	program := "chage"
	if j.Args.Bool("local") {
		program = "lchage"
	}
	j.out.Stdout, j.out.Stderr = "", ""
	if err := j.do(ctx, slices.Concat([]string{program}, args, []string{j.name})...); err != nil {
		return err
	}
	return j.failed()
}

// gmtime reads seconds since 1970 as the C library does; the text says why it
// cannot.
func gmtime(seconds float64) (time.Time, string) {
	const most = 67768036191676799 // the end of year 2^31 + 1899
	switch {
	case math.IsNaN(seconds):
		return time.Time{}, "Invalid value NaN (not a number)"
	case math.Abs(seconds) >= 1<<63:
		return time.Time{}, "timestamp out of range for platform time_t"
	case math.Abs(seconds) > most:
		return time.Time{}, "[Errno 75] Value too large for defined data type"
	}
	return time.Unix(int64(math.Floor(seconds)), 0).UTC(), ""
}
