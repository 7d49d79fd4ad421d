package user

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/tool"
)

// change brings the user to what is wanted with one call of usermod; libuser's
// needs others for groups and dates.
func (s shadow) change(ctx context.Context, before account.User) error {
	for _, needed := range s.helpers("usermod") {
		if _, err := tool.Find(s.Call, needed); err != nil {
			return err
		}
	}
	secret := s.shadowOf(before)
	var args []string
	var more [][]string
	if s.Args.Given("uid") && int(s.Args.Int("uid")) != before.UID {
		args = append(args, "-u", strconv.FormatInt(s.Args.Int("uid"), 10))
		if s.Args.Bool("non_unique") {
			args = append(args, "-o")
		}
	}
	if s.Args.Given("group") {
		g, ok := s.group(s.Args.Str("group"))
		if !ok {
			return unknownGroup(s.Args.Str("group"))
		}
		if g.GID != before.GID {
			args = append(args, "-g", strconv.Itoa(g.GID))
		}
	}
	if s.Args.Given("groups") {
		add, drop, all, err := s.regroup()
		switch {
		case err != nil:
			return err
		case len(add) == 0 && len(drop) == 0:
		case s.local():
			for _, g := range add {
				more = append(more, []string{"lgroupmod", "-M", s.name, g})
			}
			for _, g := range drop {
				more = append(more, []string{"lgroupmod", "-m", s.name, g})
			}
		default:
			if s.Args.Bool("append") {
				args = append(args, "-a")
			}
			args = append(args, "-G", strings.Join(all, ","))
		}
	}
	if s.Args.Given("comment") && s.Args.Str("comment") != before.Gecos {
		args = append(args, s.description()...)
	}
	if s.Args.Given("home") && s.home != before.Dir {
		args = append(args, "-d", s.home)
		if s.Args.Bool("move_home") {
			args = append(args, "-m")
		}
	}
	if s.Args.Given("shell") && s.Args.Str("shell") != before.Shell {
		args = append(args, "-s", s.Args.Str("shell"))
	}
	if s.expiry.given && s.expiry.differs(secret) {
		if s.local() {
			more = append(more, []string{"lchage", "-E", s.expiry.days(), s.name})
		} else {
			args = append(args, "-e", s.expiry.text())
		}
	}
	if s.Args.Given("password_expire_account_disable") {
		days := s.Args.Int("password_expire_account_disable")
		switch {
		case !s.local():
			// Always, and so always changed: the reference does not look.
			args = append(args, "-f", strconv.FormatInt(days, 10))
		case int(days) != secret.Inactive:
			more = append(more, []string{"lchage", "-I", strconv.FormatInt(days, 10), s.name})
		}
	}
	args = append(args, s.lockOptions(secret.Password)...)
	password := s.newPassword(secret.Password)
	if s.Check {
		s.ran = len(args) > 0 || len(more) > 0 || password
		return nil
	}
	if len(args) > 0 {
		s.endAgents(ctx, before)
	}
	if password {
		if err := s.writable(s.program("usermod")); err != nil {
			return err
		}
	}
	for _, argv := range more {
		if err := s.then(ctx, argv...); err != nil {
			return err
		}
	}
	if len(args) > 0 {
		if err := s.then(ctx, slices.Concat([]string{s.program("usermod")}, args, []string{s.name})...); err != nil {
			return err
		}
	}
	if !password || s.out.RC != 0 {
		return nil
	}
	return s.setPassword(ctx)
}
