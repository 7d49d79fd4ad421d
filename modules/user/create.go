package user

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// create makes the user. useradd makes no directories above the home.
func (j *job) create(ctx context.Context, sys system) error {
	deep := false
	if j.home != "" && j.Args.Bool("create_home") {
		info, err := os.Stat(filepath.Dir(j.home))
		deep = err != nil || !info.IsDir()
	}
	if err := sys.add(ctx); err != nil || j.out.RC != 0 || !deep {
		return err
	}
	u, exists, err := j.find()
	if err != nil || !exists {
		return err
	}
	return j.ownHome(u, j.home)
}

// shadow is the suite of useradd, and libuser, whose programs have an l before
// their names and know neither groups nor dates.
type shadow struct{ *job }

func (s shadow) local() bool { return s.Args.Bool("local") }

func (s shadow) program(name string) string {
	if s.local() {
		return "l" + name
	}
	return name
}

func (s shadow) add(ctx context.Context) error {
	for _, needed := range s.helpers("useradd") {
		if _, err := tool.Find(s.Call, needed); err != nil {
			return err
		}
	}
	args := []string{s.program("useradd")}
	if s.Args.Given("uid") {
		args = append(args, "-u", strconv.FormatInt(s.Args.Int("uid"), 10))
		if s.Args.Bool("non_unique") {
			args = append(args, "-o")
		}
	}
	if s.Args.Given("seuser") {
		args = append(args, "-Z", s.Args.Str("seuser"))
	}
	if s.Args.Given("group") {
		if _, ok := s.group(s.Args.Str("group")); !ok {
			return unknownGroup(s.Args.Str("group"))
		}
		args = append(args, "-g", s.Args.Str("group"))
	} else if _, ok := s.group(s.name); ok {
		// useradd would fail in making a group that is there.
		if s.local() {
			args = append(args, "-n")
		} else {
			args = append(args, "-N")
		}
	}
	groups, err := s.wanted()
	if err != nil {
		return err
	}
	if len(groups) > 0 && !s.local() {
		args = append(args, "-G", strings.Join(groups, ","))
	}
	args = append(args, s.description()...)
	if s.home != "" || s.Args.Given("home") {
		if s.Args.Bool("create_home") {
			if info, err := os.Stat(filepath.Dir(s.home)); s.home == "" || err != nil || !info.IsDir() {
				if err := s.makeHome(s.home); err != nil {
					return err
				}
			}
		}
		args = append(args, "-d", s.home)
	}
	if s.Args.Given("shell") {
		args = append(args, "-s", s.Args.Str("shell"))
	}
	if s.expiry.given && !s.local() {
		args = append(args, "-e", s.expiry.text())
	}
	if s.Args.Given("password_expire_account_disable") && !s.local() {
		args = append(args, "-f", strconv.FormatInt(s.Args.Int("password_expire_account_disable"), 10))
	}
	if err := s.writable(args[0]); err != nil {
		return err // before there is a user
	}
	args = append(args, s.homeOptions()...)
	if s.Args.Bool("system") {
		args = append(args, "-r")
	}
	for _, limit := range []string{"uid_min", "uid_max"} {
		if s.Args.Given(limit) {
			args = append(args, "-K", fmt.Sprintf("%s=%d", strings.ToUpper(limit), s.Args.Int(limit)))
		}
	}
	if err := s.do(ctx, append(args, s.name)...); err != nil || s.out.RC != 0 {
		return err
	}
	if s.Args.Given("password") {
		if err := s.setPassword(ctx); err != nil {
			return err
		}
	}
	if !s.local() {
		return nil
	}
	if s.expiry.given {
		if err := s.then(ctx, "lchage", "-E", s.expiry.days(), s.name); err != nil {
			return err
		}
	}
	if s.Args.Given("password_expire_account_disable") {
		days := strconv.FormatInt(s.Args.Int("password_expire_account_disable"), 10)
		if err := s.then(ctx, "lchage", "-I", days, s.name); err != nil {
			return err
		}
	}
	for _, g := range groups {
		if err := s.then(ctx, "lgroupmod", "-M", s.name, g); err != nil {
			return err
		}
	}
	return nil
}

func (s shadow) description() []string {
	if s.Args.Given("comment") {
		return []string{"-c", s.Args.Str("comment")}
	}
	return nil
}

// homeOptions says what useradd shall do about the home directory.
func (s shadow) homeOptions() []string {
	if !s.Args.Bool("create_home") {
		return []string{"-M"}
	}
	var args []string
	if !s.local() {
		args = append(args, "-m")
	}
	if s.Args.Given("skeleton") {
		args = append(args, "-k", s.Args.Str("skeleton"))
	}
	if s.Args.Given("umask") {
		args = append(args, "-K", "UMASK="+s.Args.Str("umask"))
	}
	return args
}

// helpers are the programs that a call of name may need.
func (s shadow) helpers(name string) []string {
	if s.local() {
		return []string{"l" + name, "lgroupmod", "lchage"}
	}
	return []string{name}
}

func (s shadow) remove(ctx context.Context) error {
	args := []string{s.program("userdel")}
	if s.Args.Bool("force") && !s.local() {
		args = append(args, "-f")
	}
	if s.Args.Bool("remove") {
		args = append(args, "-r")
	}
	return s.do(ctx, append(args, s.name)...)
}

// expiry is when the account expires.
type expiry struct {
	given, never bool
	day          time.Time
}

func (j *job) readExpiry() error {
	if !j.Args.Given("expires") {
		return nil
	}
	seconds := j.Args.Float("expires")
	t, err := gmtime(seconds)
	if err != "" {
		return module.Failf("Invalid value for 'expires' None: %s", err)
	}
	j.expiry = expiry{given: true, never: t.Unix() < 0, day: t}
	return nil
}

// text is the day as useradd and usermod take it.
func (e expiry) text() string {
	if e.never {
		return ""
	}
	return e.day.Format("2006-01-02")
}

// days is the day as lchage takes it.
func (e expiry) days() string {
	if e.never {
		return "-1"
	}
	return strconv.FormatInt(e.day.Unix()/86400, 10)
}

// differs tells whether the user's day is another; -1 is none.
func (e expiry) differs(s account.Shadow) bool {
	if e.never || s.Expires < 0 {
		return e.never != (s.Expires < 0)
	}
	return time.Unix(int64(s.Expires)*86400, 0).UTC().Format("2006-01-02") != e.text()
}
