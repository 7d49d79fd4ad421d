package user

import (
	"context"
	"strconv"
	"strings"

	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
	"os"
)

// busybox is adduser, deluser, addgroup, delgroup and chpasswd; there is no
// program that changes a user, so /etc/passwd is edited.
type busybox struct{ *job }

// refused are arguments for which BusyBox has nothing.
func (b busybox) refused() error {
	for _, name := range []string{"seuser", "expires", "password_expire_account_disable", "uid_min", "uid_max"} {
		if b.Args.Given(name) {
			return module.Failf("'%s' needs the programs of the shadow package (useradd, usermod), which this host does not have", name)
		}
	}
	if b.Args.Bool("local") {
		return module.Failf("'local' needs libuser, which this host does not have")
	}
	return nil
}

func (b busybox) add(ctx context.Context) error {
	if err := b.refused(); err != nil {
		return err
	}
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
	if b.Args.Bool("system") {
		args = append(args, "-S")
	}
	groups, err := b.wantedNames()
	if err != nil {
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

func (b busybox) setPassword(ctx context.Context) error {
	path, err := tool.Find(b.Call, "chpasswd")
	if err != nil {
		return err
	}
	b.ran = true
	b.out, err = tool.RunWith(ctx, b.Call, tool.Options{Stdin: []byte(b.name + ":" + b.hash() + "\n")}, path, "--encrypted")
	return err
}

func (b busybox) remove(ctx context.Context) error {
	args := []string{"deluser"}
	if b.Args.Bool("remove") {
		args = append(args, "--remove-home")
	}
	return b.do(ctx, append(args, b.name)...)
}

func (b busybox) change(ctx context.Context, before account.User) error {
	if err := b.refused(); err != nil {
		return err
	}
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
	password := b.passwordOptions(b.shadowOf(before).Password)
	b.ran = after != before || len(add)+len(drop)+len(password) > 0
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
	case b.out.RC != 0 || len(password) == 0:
		return nil
	case password[0] == "-p":
		return b.setPassword(ctx)
	case password[0] == "-L":
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
