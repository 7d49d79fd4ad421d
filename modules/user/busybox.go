package user

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// busybox is adduser, deluser, addgroup, delgroup and chpasswd; there is no
// program that changes a user, so /etc/passwd is edited.
type busybox struct{ *job }

// warn tells of arguments for which BusyBox has nothing. The reference passes
// over them in silence.
func (b busybox) warn() {
	for _, name := range []string{"seuser", "expires", "password_expire_account_disable", "uid_min", "uid_max"} {
		if b.Args.Given(name) {
			b.Warn(fmt.Sprintf("'%s' has no effect here: BusyBox's adduser knows nothing like it", name))
		}
	}
}

func (b busybox) add(ctx context.Context) error {
	b.warn()
	args := []string{"adduser", "-D"}
	if b.Args.Given("uid") {
		args = append(args, "-u", strconv.FormatInt(b.Args.Int("uid"), 10))
	}
	if b.Args.Given("group") {
		g, ok := b.group(b.Args.Str("group"))
		if !ok {
			return unknownGroup(b.Args.Str("group"))
		}
		args = append(args, "-G", g.Name)
	}
	if b.Args.Given("comment") {
		args = append(args, "-g", b.Args.Str("comment"))
	}
	if b.home != "" {
		args = append(args, "-h", b.home)
	}
	if b.Args.Given("shell") {
		args = append(args, "-s", b.Args.Str("shell"))
	}
	if !b.Args.Bool("create_home") {
		args = append(args, "-H")
	}
	if b.Args.Given("skeleton") {
		args = append(args, "-k", b.Args.Str("skeleton"))
	}
	if b.Args.Given("umask") {
		args = append(args, "-K", "UMASK="+b.Args.Str("umask"))
	}
	if b.Args.Bool("system") {
		args = append(args, "-S")
	}
	groups, err := b.wantedNames()
	if err != nil {
		return err
	}
	if err := b.writable("adduser"); err != nil {
		return err
	}
	if err := b.do(ctx, append(args, b.name)...); err != nil || b.out.RC != 0 {
		return err
	}
	if b.Args.Given("password") {
		if err := b.setPassword(ctx); err != nil {
			return err
		}
	}
	for _, g := range groups {
		if err := b.then(ctx, "adduser", b.name, g); err != nil {
			return err
		}
	}
	return nil
}

func (b busybox) remove(ctx context.Context) error {
	args := []string{"deluser", b.name}
	if b.Args.Bool("remove") {
		args = append(args, "--remove-home")
	}
	return b.do(ctx, args...)
}

func (b busybox) change(ctx context.Context, before account.User) error {
	b.warn()
	after := before
	if b.Args.Given("uid") {
		after.UID = int(b.Args.Int("uid"))
	}
	if b.Args.Given("group") {
		g, ok := b.group(b.Args.Str("group"))
		if !ok {
			return unknownGroup(b.Args.Str("group"))
		}
		after.GID = g.GID
	}
	if b.Args.Given("comment") {
		after.Gecos = b.Args.Str("comment")
	}
	if b.Args.Given("home") {
		after.Dir = b.home
	}
	if b.Args.Given("shell") {
		after.Shell = b.Args.Str("shell")
	}
	var add, drop []string
	if b.Args.Given("groups") {
		var err error
		if add, drop, _, err = b.regroup(); err != nil {
			return err
		}
	}
	have := b.shadowOf(before).Password
	password, lock := b.newPassword(have), b.lockOptions(have)
	b.ran = after != before || password || len(add)+len(drop)+len(lock) > 0
	if b.Check || !b.ran {
		return nil
	}
	if after != before {
		if err := b.edit(ctx, after); err != nil {
			return err
		}
	}
	if b.Args.Bool("move_home") && after.Dir != before.Dir {
		if err := os.Rename(before.Dir, after.Dir); err != nil {
			return module.Failf("%s", file.PyErrorText(err, before.Dir))
		}
	}
	for _, g := range add {
		if err := b.then(ctx, "adduser", b.name, g); err != nil {
			return err
		}
	}
	for _, g := range drop {
		if err := b.then(ctx, "delgroup", b.name, g); err != nil {
			return err
		}
	}
	switch {
	case b.out.RC != 0:
		return nil
	case password:
		return b.setPassword(ctx)
	case len(lock) == 0:
		return nil
	case lock[0] == "-L":
		return b.do(ctx, "passwd", "-l", b.name)
	}
	return b.do(ctx, "passwd", "-u", b.name)
}

// edit writes the user's line of /etc/passwd anew.
func (b busybox) edit(ctx context.Context, u account.User) error {
	for _, field := range []string{u.Gecos, u.Dir, u.Shell} {
		if strings.ContainsAny(field, ":\n") {
			return module.Failf("invalid field '%s': no ':' and no newline can be in /etc/passwd", field)
		}
	}
	path := account.System.Passwd
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, u.Name+":") {
			line = strings.Join([]string{u.Name, u.Password, strconv.Itoa(u.UID), strconv.Itoa(u.GID), u.Gecos, u.Dir, u.Shell}, ":") + "\n"
		}
		out.WriteString(line)
	}
	return file.Replace(ctx, path, []byte(out.String()), b.Tmp, file.Options{})
}
