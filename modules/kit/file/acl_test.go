package file

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// d:u::rwx,d:u:1:rwx,d:g::rwx,d:m::rwx,d:o::r--, as the kernel keeps it.
var someDefault = []byte("\x02\x00\x00\x00" + "\x01\x00\x07\x00\xff\xff\xff\xff" + "\x02\x00\x07\x00\x01\x00\x00\x00" +
	"\x04\x00\x07\x00\xff\xff\xff\xff" + "\x10\x00\x07\x00\xff\xff\xff\xff" + "\x20\x00\x04\x00\xff\xff\xff\xff")

func hasACL(path string) bool {
	n, err := unix.Lgetxattr(path, accessACL, nil)
	return err == nil && n > 0
}

// What a new file has of its directory's default ACL; the values are those of twins of copy, cron and known_hosts.
func TestDefaultACL(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Setxattr(dir, defaultACL, someDefault, 0); err != nil {
		t.Skipf("no ACLs here: %s", err)
	}
	umask := syscall.Umask(0o022)
	defer syscall.Umask(umask)
	other := t.TempDir()
	if err := unix.Mount("none", other, "tmpfs", 0, "size=1m"); err == nil {
		defer unix.Unmount(other, 0) //nolint:errcheck // gone with the test
		if err := unix.Setxattr(other, defaultACL, someDefault, 0); err != nil {
			t.Skipf("no ACLs on a tmpfs: %s", err)
		}
	} else {
		other = ""
	}
	t.Setenv("HOME", dir)
	for _, c := range []struct {
		name string
		dir  string
		made Made
		acl  bool
		mode uint32
	}{
		{"moved", dir, Moved, false, 0o644}, {"beside", dir, Beside, true, 0o644}, {"opened", dir, Opened, true, 0o664},
		{"moved far", other, Moved, true, 0o644}, {"opened far", other, Opened, true, 0o664},
	} {
		if c.dir == "" {
			continue
		}
		path := filepath.Join(c.dir, c.name)
		if err := Replace(t.Context(), path, []byte("x"), nil, Options{Made: c.made}); err != nil {
			t.Fatal(err)
		}
		if hasACL(path) != c.acl || modeOf(t, path) != c.mode {
			t.Errorf("%s: ACL %v, mode %o", c.name, hasACL(path), modeOf(t, path))
		}
	}
	// An old file's stay: none is none.
	path := filepath.Join(dir, "beside")
	if err := unix.Removexattr(path, accessACL); err != nil {
		t.Fatal(err)
	}
	if err := Replace(t.Context(), path, []byte("y"), nil, Options{Made: Beside}); err != nil || hasACL(path) {
		t.Errorf("an old file: ACL %v, %v", hasACL(path), err)
	}
}

func TestTake(t *testing.T) {
	dir := t.TempDir()
	dest := filepath.Join(dir, "dest")
	write(t, dest, "old", 0o640)
	far := t.TempDir()
	from := []string{filepath.Join(dir, "from"), filepath.Join(far, "from")}
	if err := unix.Mount("none", far, "tmpfs", 0, "size=1m"); err == nil {
		defer unix.Unmount(far, 0) //nolint:errcheck // gone with the test
	}
	for _, path := range from {
		write(t, path, "new of "+path, 0o600)
		tmp, err := Create(dest, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := tmp.Take(path); err != nil {
			t.Fatal(err)
		}
		if err := tmp.Commit(t.Context(), Options{}); err != nil {
			t.Fatal(err)
		}
		tmp.Discard()
		os.Remove(path)
		if data, err := os.ReadFile(dest); err != nil || string(data) != "new of "+path || modeOf(t, dest) != 0o640 {
			t.Errorf("%s: %q, mode %o, %v", path, data, modeOf(t, dest), err)
		}
		only(t, dir, "dest")
	}
}
