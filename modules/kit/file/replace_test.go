package file

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"golang.org/x/sys/unix"
)

func write(t *testing.T, path, content string, mode uint32) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func modeOf(t *testing.T, path string) uint32 {
	t.Helper()
	st, err := stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return st.Mode & allBits
}

func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("%s holds %q, want %q", dir, got, names)
	}
}

func TestReplaceKeeps(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	write(t, path, "old", 0o4751)
	attrs := hasXattrs(dir)
	if attrs {
		if err := unix.Setxattr(path, "user.note", []byte("kept"), 0); err != nil {
			t.Fatal(err)
		}
	}
	root := os.Getuid() == 0
	if root {
		if err := os.Chown(path, 1, 2); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Chmod(path, 0o4751); err != nil {
			t.Fatal(err)
		}
	}
	if err := Replace(t.Context(), path, []byte("new"), nil, Options{}); err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(path)
	if string(data) != "new" || modeOf(t, path) != 0o4751 {
		t.Errorf("%q, mode %04o", data, modeOf(t, path))
	}
	if st, _ := stat(path); root && (st.Uid != 1 || st.Gid != 2) {
		t.Errorf("owner %d:%d", st.Uid, st.Gid)
	}
	if attrs {
		buf := make([]byte, 10)
		if n, err := unix.Getxattr(path, "user.note", buf); err != nil || string(buf[:n]) != "kept" {
			t.Errorf("attribute %q, %v", buf[:max(n, 0)], err)
		}
	}
	only(t, dir, "f")
}

func TestReplaceLinks(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "f"), "old", 0o600)
	for name, target := range map[string]string{"l": "f", "m": "l", "dangling": "new"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, real := range map[string]string{"m": "f", "dangling": "new"} {
		if err := Replace(t.Context(), filepath.Join(dir, name), []byte(name), nil, Options{}); err != nil {
			t.Fatal(err)
		}
		if data, _ := os.ReadFile(filepath.Join(dir, real)); string(data) != name {
			t.Errorf("%s: %q", real, data)
		}
		if _, err := os.Readlink(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestReplaceNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	mode := value.Value(value.Str("0400"))
	if err := Replace(t.Context(), path, []byte("new"), nil, Options{New: &Attrs{Mode: mode}}); err != nil {
		t.Fatal(err)
	}
	if modeOf(t, path) != 0o400 {
		t.Errorf("mode %04o", modeOf(t, path))
	}
	other := filepath.Join(dir, "g")
	if err := Replace(t.Context(), other, nil, nil, Options{}); err != nil {
		t.Fatal(err)
	}
	if want := 0o666 &^ Umask(); modeOf(t, other) != want {
		t.Errorf("mode %04o, want %04o", modeOf(t, other), want)
	}
	err := Replace(t.Context(), filepath.Join(dir, "no", "f"), nil, nil, Options{})
	if !os.IsNotExist(err) {
		t.Errorf("no directory: %v", err)
	}
}

// A file that cannot be replaced, as one bind-mounted into a container, is
// written in place only when that is allowed.
func TestReplaceMounted(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "f"), filepath.Join(dir, "other")
	write(t, path, "under", 0o600)
	write(t, other, "old", 0o600)
	if err := syscall.Mount(other, path, "", syscall.MS_BIND, ""); err != nil {
		t.Skip("no mounts here: ", err)
	}
	defer syscall.Unmount(path, syscall.MNT_DETACH)
	err := Replace(t.Context(), path, []byte("new"), nil, Options{})
	if err == nil || !strings.Contains(err.Error(), "failed final rename") {
		t.Errorf("replaced a mount point: %v", err)
	}
	only(t, dir, "f", "other")
	if err := Replace(t.Context(), path, []byte("new"), nil, Options{Unsafe: true}); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(other); string(data) != "new" {
		t.Errorf("%q", data)
	}
	only(t, dir, "f", "other")
}

func TestDiscard(t *testing.T) {
	dir := t.TempDir()
	for _, named := range []bool{false, true} {
		tmp, err := Create(filepath.Join(dir, "name.conf"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if named {
			name, err := tmp.Named()
			if err != nil || !strings.HasSuffix(name, "_name.conf") || modeOf(t, name) != 0o600 {
				t.Errorf("%s, mode %04o: %v", name, modeOf(t, name), err)
			}
		}
		tmp.Discard()
		only(t, dir)
	}
}

// TestNameless writes without a name where the file system can do that, so that
// whoever is killed while it writes leaves nothing behind.
func TestNameless(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	create := func() *Temp {
		t.Helper()
		tmp, err := Create(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !tmp.nameless {
			t.Skip("the file system of ", dir, " knows only files with names")
		}
		if _, err := tmp.WriteString("content"); err != nil {
			t.Fatal(err)
		}
		only(t, dir)
		return tmp
	}
	tmp := create()
	if err := tmp.Commit(t.Context(), Options{}); err != nil {
		t.Fatal(err)
	}
	only(t, dir, "f")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	// The name is taken: another one is found, and what has it stays.
	tmp = create()
	write(t, tmp.Name(), "another's", 0o600)
	other := filepath.Base(tmp.Name())
	if err := tmp.Commit(t.Context(), Options{}); err != nil {
		t.Fatal(err)
	}
	only(t, dir, other, "f")
	if data, _ := os.ReadFile(path); string(data) != "content" {
		t.Errorf("%q", data)
	}
}

func TestBackup(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	write(t, path, "old", 0o640)
	then := time.Unix(1_000_000_000, 0)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
	name, err := Backup(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`/f\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$`).MatchString(name) {
		t.Error(name)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o640 || !info.ModTime().Equal(then) || info.Size() != 3 {
		t.Errorf("%v, %v", info, err)
	}
	if again, err := Backup(t.Context(), path); err != nil || again == name {
		t.Errorf("the second backup is %s, %v", again, err)
	}
	if name, err := Backup(t.Context(), filepath.Join(dir, "none")); name != "" || err != nil {
		t.Error(name, err)
	}
}

func TestSums(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "hello\n", 0o600)
	if s, err := SHA1(path); err != nil || s != "f572d396fae9206628714fb2ce00f72e94f2258f" {
		t.Error(s, err)
	}
	if s, err := MD5(path); err != nil || s != "b1946ac92492d2347c6235b4d2611184" {
		t.Error(s, err)
	}
}
