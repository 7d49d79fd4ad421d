package group

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

// busybox is addgroup and delgroup; there is no program that changes a group,
// so /etc/group is edited.
type busybox struct{ *job }

func (b busybox) add(ctx context.Context) error {
	var args []string
	if gid, given := b.gid(); given {
		args = append(args, "-g", strconv.Itoa(gid))
	}
	if b.Args.Bool("system") {
		args = append(args, "-S")
	}
	args = append(args, b.limits()...)
	return b.do(ctx, "addgroup", append(args, b.name)...)
}

func (b busybox) remove(ctx context.Context) error { return b.do(ctx, "delgroup", b.name) }

func (b busybox) change(ctx context.Context, before account.Group) error {
	gid, given := b.gid()
	if !given || gid == before.GID {
		return nil
	}
	if _, err := account.System.GroupByID(gid); err == nil {
		return module.Failf("gid '%d' in use", gid)
	}
	b.ran = true
	if b.Check {
		return nil
	}
	path := account.System.Group
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		if f := strings.Split(line, ":"); len(f) == 4 && f[0] == b.name {
			line = fmt.Sprintf("%s:%s:%d:%s", f[0], f[1], gid, f[3])
		}
		out.WriteString(line)
	}
	return file.Replace(ctx, path, []byte(out.String()), b.Tmp, file.Options{})
}
