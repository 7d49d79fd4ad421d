package file

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"golang.org/x/sys/unix"
)

const seAttr = "security.selinux"

// SEContext gives path's SELinux context, "" where there is none.
func SEContext(path string) string {
	buf := make([]byte, 512)
	n, err := unix.Lgetxattr(path, seAttr, buf)
	if err != nil {
		return ""
	}
	return string(bytes.TrimRight(buf[:n], "\x00"))
}

// defaultSE gives the context the policy has for path, by matchpathcon(8).
func defaultSE(ctx context.Context, path string) string {
	tool, err := process.Find("matchpathcon", nil)
	if err != nil {
		return ""
	}
	res, err := process.Run(ctx, process.Command{Argv: []string{tool, "-n", path}})
	context := strings.TrimSpace(string(res.Stdout))
	if err != nil || res.RC != 0 || context == "<<none>>" {
		return ""
	}
	return context
}

func splitSE(context string) (parts [4]string) {
	copy(parts[:], strings.SplitN(context, ":", 4))
	return parts
}

// applySE sets the parts of the context that are asked for; "_default" is what
// the policy has. Without SELinux it does nothing, as the reference.
func (a *Attrs) applySE(ctx context.Context, path string, check bool, diff *Changes) (bool, error) {
	if a.SE == [4]string{} || !module.SELinux() {
		return false, nil
	}
	if absent(path, check) {
		return true, nil
	}
	old := SEContext(path)
	parts, byPolicy := splitSE(old), [4]string{}
	for i, want := range a.SE {
		switch {
		case want == "_default" && byPolicy == [4]string{}:
			byPolicy = splitSE(defaultSE(ctx, path))
			fallthrough
		case want == "_default":
			want = byPolicy[i]
		}
		if want != "" {
			parts[i] = want
		}
	}
	context := strings.TrimSuffix(strings.Join(parts[:], ":"), ":")
	if context == old {
		return false, nil
	}
	diff.add("secontext", value.Str(old), value.Str(context))
	if check {
		return true, nil
	}
	if err := unix.Lsetxattr(path, seAttr, append([]byte(context), 0), 0); err != nil {
		return false, &module.Failure{Msg: "set selinux context failed", Err: err,
			Values: value.DictOf("path", value.Str(path), "new_context", value.Str(context), "details", value.Str(fmt.Sprint(err)))}
	}
	return true, nil
}

// labelNew gives a file that takes the place of nothing the context the policy
// has for its path.
func labelNew(ctx context.Context, tmp, path string) {
	if !module.SELinux() {
		return
	}
	if context := defaultSE(ctx, path); context != "" {
		_ = unix.Lsetxattr(tmp, seAttr, append([]byte(context), 0), 0)
	}
}

// copyXattrs copies extended attributes, ACLs and the SELinux context among
// them. What the target refuses (trusted.* without rights, a file system
// without any) is left out, as cp -a does.
func copyXattrs(from, to string) {
	size, err := unix.Llistxattr(from, nil)
	if err != nil || size == 0 {
		return
	}
	list := make([]byte, size+256)
	n, err := unix.Llistxattr(from, list)
	if err != nil {
		return
	}
	for _, name := range strings.Split(strings.TrimRight(string(list[:n]), "\x00"), "\x00") {
		size, err := unix.Lgetxattr(from, name, nil)
		if err != nil {
			continue
		}
		data := make([]byte, size)
		if n, err := unix.Lgetxattr(from, name, data); err == nil {
			_ = unix.Lsetxattr(to, name, data[:n], 0)
		}
	}
}

// hasXattrs is for tests: whether dir's file system keeps user.* attributes.
func hasXattrs(dir string) bool {
	f, err := os.CreateTemp(dir, "x")
	if err != nil {
		return false
	}
	defer os.Remove(f.Name())
	f.Close()
	return unix.Lsetxattr(f.Name(), "user.t", []byte("1"), 0) == nil
}
