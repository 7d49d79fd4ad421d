// Package stat tells what is known of a file.
//
// Source: documentation of ansible.builtin.stat; results seen on ansible-core 2.19.
package stat

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"golang.org/x/sys/unix"
)

// Module is the stat module.
var Module = module.Module{
	Name: "ansible.builtin.stat", Doc: "Retrieve file or file system status.",
	Check: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "path", Type: module.Path, Required: true, Aliases: []string{"dest", "name"}, Doc: "The file to look at."},
		{Name: "follow", Type: module.Bool, Default: value.False, Doc: "Follow a link at path."},
		{Name: "get_checksum", Type: module.Bool, Default: value.True, Doc: "Give a checksum of a regular file."},
		{Name: "get_mime", Type: module.Bool, Default: value.True, Aliases: []string{"mime", "mime_type", "mime-type"}, Doc: "Ask file(1) for the type of the content."},
		{Name: "get_attributes", Type: module.Bool, Default: value.True, Aliases: []string{"attr", "attributes"}, Doc: "Give the attributes of lsattr(1)."},
		{Name: "checksum_algorithm", Default: value.Str("sha1"), Choices: []string{"md5", "sha1", "sha224", "sha256", "sha384", "sha512"},
			Aliases: []string{"checksum", "checksum_algo"}, Doc: "Which checksum."},
	}},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	path := c.Args.Str("path")
	var st syscall.Stat_t
	look := syscall.Lstat
	if c.Args.Bool("follow") {
		look = syscall.Stat
	}
	if err := look(path, &st); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return &module.Result{Values: value.DictOf("changed", value.None, "stat", value.DictOf("exists", value.False))}, nil
		}
		var errno syscall.Errno
		if errors.As(err, &errno) {
			return nil, module.Failf("%s", kit.Strerror(errno))
		}
		return nil, err
	}
	d := value.DictOf("exists", value.True, "path", value.Str(path))
	Basics(d, &st)
	access(d, path)
	if st.Mode&syscall.S_IFMT == syscall.S_IFLNK {
		target, err := os.Readlink(path)
		if err != nil {
			return nil, err
		}
		d.SetStr("lnk_source", value.Str(kit.Real(path)))
		d.SetStr("lnk_target", value.Str(target))
	}
	names(d, &st)
	if err := content(ctx, c, d, path, &st); err != nil {
		return nil, err
	}
	return &module.Result{Values: value.DictOf("changed", value.None, "stat", d)}, nil
}

// Basics adds the fields of stat(2). find gives the same, less some.
func Basics(d *value.Dict, st *syscall.Stat_t) {
	set := func(key string, v value.Value) { d.SetStr(key, v) }
	bit := func(b uint32) value.Value { return value.Bool(st.Mode&b != 0) }
	kind := func(k uint32) value.Value { return value.Bool(st.Mode&syscall.S_IFMT == k) }
	set("mode", value.Str(fmt.Sprintf("%04o", st.Mode&0o7777)))
	set("isdir", kind(syscall.S_IFDIR))
	set("ischr", kind(syscall.S_IFCHR))
	set("isblk", kind(syscall.S_IFBLK))
	set("isreg", kind(syscall.S_IFREG))
	set("isfifo", kind(syscall.S_IFIFO))
	set("islnk", kind(syscall.S_IFLNK))
	set("issock", kind(syscall.S_IFSOCK))
	set("uid", value.Int(st.Uid))
	set("gid", value.Int(st.Gid))
	set("size", value.Int(st.Size))
	set("inode", value.Int(st.Ino))
	set("dev", value.Int(st.Dev))
	set("nlink", value.Int(st.Nlink))
	set("atime", seconds(st.Atim))
	set("mtime", seconds(st.Mtim))
	set("ctime", seconds(st.Ctim))
	set("wusr", bit(0o200))
	set("rusr", bit(0o400))
	set("xusr", bit(0o100))
	set("wgrp", bit(0o020))
	set("rgrp", bit(0o040))
	set("xgrp", bit(0o010))
	set("woth", bit(0o002))
	set("roth", bit(0o004))
	set("xoth", bit(0o001))
	set("isuid", bit(0o4000))
	set("isgid", bit(0o2000))
	set("blocks", value.Int(st.Blocks))
	set("block_size", value.Int(st.Blksize))
	set("device_type", value.Int(st.Rdev))
}

// seconds is a time as Python's os.stat gives it.
func seconds(t syscall.Timespec) value.Value {
	return value.Float(float64(t.Sec) + 1e-9*float64(t.Nsec))
}

func access(d *value.Dict, path string) {
	for _, a := range []struct {
		key  string
		mode uint32
	}{{"readable", unix.R_OK}, {"writeable", unix.W_OK}, {"executable", unix.X_OK}} {
		d.SetStr(a.key, value.Bool(unix.Access(path, a.mode) == nil))
	}
}

func names(d *value.Dict, st *syscall.Stat_t) {
	if u, err := account.System.UserByID(int(st.Uid)); err == nil {
		d.SetStr("pw_name", value.Str(u.Name))
	}
	if g, err := account.System.GroupByID(int(st.Gid)); err == nil {
		d.SetStr("gr_name", value.Str(g.Name))
	}
}

func content(ctx context.Context, c *module.Call, d *value.Dict, path string, st *syscall.Stat_t) error {
	readable, _ := d.GetStr("readable")
	if c.Args.Bool("get_checksum") && st.Mode&syscall.S_IFMT == syscall.S_IFREG && value.Truth(readable) {
		sum, err := kit.Sum(path, kit.Hash(c.Args.Str("checksum_algorithm")))
		if err != nil {
			return err
		}
		d.SetStr("checksum", value.Str(sum))
	}
	if c.Args.Bool("get_mime") {
		mime, charset := mimeType(ctx, c, path)
		d.SetStr("mimetype", value.Str(mime))
		d.SetStr("charset", value.Str(charset))
	}
	if c.Args.Bool("get_attributes") {
		letters, attrs := kit.Flags(path)
		d.SetStr("version", value.None)
		if v, ok := kit.Version(path); ok {
			d.SetStr("version", value.Str(strconv.FormatUint(uint64(v), 10)))
		} else { // lsattr, which the reference asks for both, says nothing then (overlayfs)
			letters, attrs = "", nil
		}
		d.SetStr("attributes", value.Strings(attrs...))
		d.SetStr("attr_flags", value.Str(letters))
	}
	return nil
}

// mimeType asks file(1), as the reference does: "unknown" where there is none,
// and for a link that leads nowhere.
func mimeType(ctx context.Context, c *module.Call, path string) (mime, charset string) {
	const unknown = "unknown"
	tool, err := process.Find("file", c.Env)
	if err != nil {
		return unknown, unknown
	}
	if _, err := os.Stat(path); err != nil {
		return unknown, unknown
	}
	arg := path
	if !filepath.IsAbs(path) {
		arg = "./" + path
	}
	res, err := process.Run(ctx, process.Command{Argv: []string{tool, "-b", "--mime-type", "--mime-encoding", arg}, Env: c.Env, Dir: c.Dir})
	if err != nil || res.RC != 0 {
		return unknown, unknown
	}
	mime, charset, ok := strings.Cut(strings.TrimSpace(string(res.Stdout)), "; charset=")
	if !ok {
		return unknown, unknown
	}
	return mime, charset
}
