package module

import (
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"golang.org/x/sys/unix"
)

// AddPathInfo adds to d what the reference adds to every result that has a
// "path" or, without one, a "dest": uid, gid, owner, group, mode, state, size
// and on SELinux secontext, if there is anything at the end of the path's
// links. Run does it for all modules.
func AddPathInfo(d *value.Dict) {
	v, ok := d.GetStr("path")
	if !ok || isNone(v) {
		v, _ = d.GetStr("dest")
	}
	path, ok := v.(value.Str)
	if !ok {
		return
	}
	if _, err := os.Stat(string(path)); err != nil {
		return
	}
	info, err := os.Lstat(string(path))
	if err != nil {
		return
	}
	st := info.Sys().(*syscall.Stat_t)
	d.SetStr("uid", value.Int(st.Uid))
	d.SetStr("gid", value.Int(st.Gid))
	d.SetStr("owner", value.Str(ownerName(int(st.Uid))))
	d.SetStr("group", value.Str(groupName(int(st.Gid))))
	d.SetStr("mode", value.Str(fmt.Sprintf("0%03o", st.Mode&0o7777)))
	state := "file"
	switch {
	case info.Mode()&os.ModeSymlink != 0:
		state = "link"
	case info.IsDir():
		state = "directory"
	case st.Nlink > 1:
		state = "hard"
	}
	d.SetStr("state", value.Str(state))
	if SELinux() {
		d.SetStr("secontext", value.Str(seContext(string(path))))
	}
	d.SetStr("size", value.Int(st.Size))
}

func ownerName(uid int) string {
	if u, err := account.System.UserByID(uid); err == nil {
		return u.Name
	}
	return strconv.Itoa(uid)
}

func groupName(gid int) string {
	if g, err := account.System.GroupByID(gid); err == nil {
		return g.Name
	}
	return strconv.Itoa(gid)
}

// seMagic is the type of the selinuxfs, in statfs(2).
const seMagic = 0xf97cff8c

// SELinux reports whether the kernel enforces or tells SELinux policy.
func SELinux() bool {
	var st unix.Statfs_t
	return unix.Statfs("/sys/fs/selinux", &st) == nil && uint32(st.Type) == seMagic
}

func seContext(path string) string {
	buf := make([]byte, 512)
	n, err := unix.Lgetxattr(path, "security.selinux", buf)
	for n > 0 && err == nil && buf[n-1] == 0 {
		n--
	}
	if err != nil || n == 0 {
		return "?:?:?:?"
	}
	return string(buf[:n])
}
