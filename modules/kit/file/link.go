package file

import (
	"context"
	"os"
	"strconv"
	"syscall"

	"github.com/churten/churten/jinja/value"
)

// ReplaceItself is Replace for a destination that is not followed: a link gives
// way to a file of its target's owner and mode.
func ReplaceItself(ctx context.Context, dest string, content []byte, tmpDir func() (string, error), o Options) error {
	info, err := os.Lstat(dest)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		return Replace(ctx, dest, content, tmpDir, o)
	}
	if info, err := os.Stat(dest); err == nil {
		st := info.Sys().(*syscall.Stat_t)
		owner, group := strconv.Itoa(int(st.Uid)), strconv.Itoa(int(st.Gid))
		o.New = &Attrs{Owner: &owner, Group: &group, Mode: value.Str(strconv.FormatUint(uint64(st.Mode&allBits), 8))}
	}
	t, err := CreateOver(dest, tmpDir)
	if err != nil {
		return err
	}
	defer t.Discard()
	if _, err := t.Write(content); err != nil {
		return err
	}
	return t.Commit(ctx, o)
}
