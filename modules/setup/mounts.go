package setup

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/jinja/value"
)

// mount is a line of fstab(5), mtab or /proc/mounts.
type mount struct {
	device, point, kind, options string
	dump, pass                   int
}

// mounts gives the mounts of devices and of network file systems with their
// sizes. A file system that does not answer is waited for no longer than
// gather_timeout, as NFS servers go away.
func (h *host) mounts(ctx context.Context) *value.List {
	table := "/etc/mtab"
	if !h.exists(table) {
		table = "/proc/mounts"
	}
	text := h.data(table)
	var binds map[string]bool
	if h.program("findmnt") != "" { // by which the reference learns of them
		binds = bindMounts(h.data("/proc/self/mountinfo"))
	}
	l := value.NewList()
	at := map[string]int{} // what is mounted over an earlier mount takes its place
	for _, m := range parseMounts(text) {
		if (!strings.HasPrefix(m.device, "/") && !strings.HasPrefix(m.device, `\`) && !strings.Contains(m.device, ":/")) || m.kind == "none" {
			continue
		}
		if binds[m.point] && !hasBind(m.options) {
			m.options += ",bind"
		}
		d := value.DictOf("mount", value.Str(m.point), "device", value.Str(m.device), "fstype", value.Str(m.kind),
			"options", value.Str(m.options), "dump", value.Int(m.dump), "passno", value.Int(m.pass))
		h.mountSize(ctx, d, m)
		if i, again := at[m.point]; again {
			l.Items[i] = d
			continue
		}
		at[m.point] = len(l.Items)
		l.Items = append(l.Items, d)
	}
	return l
}

func hasBind(options string) bool {
	for _, o := range strings.Split(options, ",") {
		if o == "bind" || o == "rbind" {
			return true
		}
	}
	return false
}

func parseMounts(text string) []mount {
	var out []mount
	for _, line := range lines(text) {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		m := mount{device: unescapeMount(f[0]), point: unescapeMount(f[1]), kind: f[2], options: f[3]}
		if len(f) > 4 {
			m.dump, _ = strconv.Atoi(f[4])
		}
		if len(f) > 5 {
			m.pass, _ = strconv.Atoi(f[5])
		}
		out = append(out, m)
	}
	return out
}

// unescapeMount turns \040 and the like into what they stand for.
func unescapeMount(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// bindMounts gives the mount points whose root is not that of their file
// system, from /proc/self/mountinfo. A name space of something (net:[…]) does
// not count, nor do file systems with roots of their own.
func bindMounts(text string) map[string]bool {
	out := map[string]bool{}
	for _, line := range lines(text) {
		f := strings.Fields(line)
		if len(f) > 4 && f[3] != "/" {
			out[unescapeMount(f[4])] = true
		}
	}
	return out
}

type mountStat struct {
	fs   unix.Statfs_t
	uuid string
	err  error
}

// mountSize asks the file system for its size, in a goroutine that may be left
// behind waiting for it: nothing can interrupt that call.
func (h *host) mountSize(ctx context.Context, d *value.Dict, m mount) {
	if h.root != "" {
		return
	}
	done := make(chan mountStat, 1)
	go func() {
		var s mountStat
		s.err = unix.Statfs(m.point, &s.fs)
		s.uuid = h.uuid(m.device)
		done <- s
	}()
	select {
	case s := <-done:
		if s.err == nil {
			setSize(d, &s.fs)
		}
		d.SetStr("uuid", value.Str(s.uuid))
	case <-time.After(h.timeout):
		h.warn("Timeout exceeded when getting mount info for " + m.point)
		d.SetStr("note", value.Str("Could not get extra information due to timeout"))
	case <-ctx.Done():
	}
}

func setSize(d *value.Dict, s *unix.Statfs_t) {
	fragment := int64(s.Frsize)
	if fragment == 0 {
		fragment = int64(s.Bsize)
	}
	d.SetStr("size_total", value.Int(fragment*int64(s.Blocks)))
	d.SetStr("size_available", value.Int(fragment*int64(s.Bavail)))
	d.SetStr("block_size", value.Int(s.Bsize))
	d.SetStr("block_total", value.Int(int64(s.Blocks)))
	d.SetStr("block_available", value.Int(int64(s.Bavail)))
	d.SetStr("block_used", value.Int(int64(s.Blocks)-int64(s.Bavail)))
	d.SetStr("inode_total", value.Int(int64(s.Files)))
	d.SetStr("inode_available", value.Int(int64(s.Ffree)))
	d.SetStr("inode_used", value.Int(int64(s.Files)-int64(s.Ffree)))
}

// uuid gives the UUID of a device's file system as udev knows it.
func (h *host) uuid(device string) string {
	var st unix.Stat_t
	if strings.HasPrefix(device, "/") && unix.Stat(device, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFBLK {
		data := h.data(fmt.Sprintf("/run/udev/data/b%d:%d", unix.Major(uint64(st.Rdev)), unix.Minor(uint64(st.Rdev))))
		for _, line := range lines(data) {
			if id, ok := strings.CutPrefix(line, "E:ID_FS_UUID="); ok {
				return id
			}
		}
		name := path.Base(h.real(device))
		for _, id := range h.names("/dev/disk/by-uuid") {
			if path.Base(h.link("/dev/disk/by-uuid/"+id)) == name {
				return id
			}
		}
	}
	return "N/A"
}
