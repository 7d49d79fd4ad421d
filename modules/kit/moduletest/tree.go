package moduletest

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/churten/churten/jinja/value"
)

// Build makes root and the files of tree in it, as record.py does.
func Build(t *testing.T, root string, tree *value.Dict) {
	t.Helper()
	must(t, os.MkdirAll(root, 0o755))
	must(t, os.Chmod(root, 0o755))
	var late []func()
	for k, v := range tree.All() {
		full := filepath.Join(root, value.Text(k))
		spec, ok := v.(*value.Dict)
		if !ok {
			spec = value.DictOf("content", v)
		}
		must(t, os.MkdirAll(filepath.Dir(full), 0o755))
		if has(spec, "link") {
			must(t, os.Symlink(strings.ReplaceAll(str(spec, "link"), "{ROOT}", root), full))
			continue
		}
		if has(spec, "hard") {
			must(t, os.Link(filepath.Join(root, str(spec, "hard")), full))
			continue
		}
		buildOne(t, root, full, spec)
		if has(spec, "mtime") {
			sec, err := strconv.ParseInt(str(spec, "mtime"), 10, 64)
			must(t, err)
			late = append(late, func() { must(t, os.Chtimes(full, time.Unix(sec, 0), time.Unix(sec, 0))) })
		}
	}
	for _, f := range late {
		f()
	}
}

func buildOne(t *testing.T, root, full string, spec *value.Dict) {
	t.Helper()
	mode := func(otherwise uint32) uint32 {
		if !has(spec, "mode") {
			return otherwise
		}
		m, err := strconv.ParseUint(str(spec, "mode"), 8, 32)
		must(t, err)
		return uint32(m)
	}
	switch {
	case has(spec, "dir"):
		must(t, os.MkdirAll(full, 0o755))
		must(t, syscall.Chmod(full, mode(0o755)))
	case has(spec, "fifo"):
		must(t, syscall.Mkfifo(full, 0o644))
	default:
		data := []byte(strings.ReplaceAll(str(spec, "content"), "{ROOT}", root))
		if has(spec, "b64") {
			var err error
			data, err = base64.StdEncoding.DecodeString(str(spec, "b64"))
			must(t, err)
		}
		if has(spec, "times") {
			n, err := strconv.Atoi(str(spec, "times"))
			must(t, err)
			data = []byte(strings.Repeat(string(data), n))
		}
		must(t, os.WriteFile(full, data, 0o644))
		must(t, syscall.Chmod(full, mode(0o644)))
	}
	if has(spec, "owner") || has(spec, "group") {
		uid, gid := -1, -1
		if has(spec, "owner") {
			uid, _ = strconv.Atoi(str(spec, "owner"))
		}
		if has(spec, "group") {
			gid, _ = strconv.Atoi(str(spec, "group"))
		}
		must(t, os.Lchown(full, uid, gid))
		if has(spec, "mode") {
			must(t, syscall.Chmod(full, mode(0)))
		}
	}
}

func has(d *value.Dict, key string) bool {
	_, ok := d.GetStr(key)
	return ok
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Manifest tells what is under root, in the form that record.py writes.
func Manifest(t *testing.T, root string) *value.Dict {
	t.Helper()
	out := value.NewDict(8)
	must(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		var st syscall.Stat_t
		if err := syscall.Lstat(path, &st); err != nil {
			return err
		}
		e := value.DictOf("mode", value.Str(fmt.Sprintf("%04o", st.Mode&0o7777)), "uid", value.Int(st.Uid), "gid", value.Int(st.Gid))
		switch st.Mode & syscall.S_IFMT {
		case syscall.S_IFLNK:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			e = value.DictOf("link", value.Str(target))
		case syscall.S_IFDIR:
			e.SetStr("dir", value.True)
		case syscall.S_IFREG:
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			describe(e, data, root)
			if st.Nlink > 1 {
				e.SetStr("nlink", value.Int(st.Nlink))
			}
		default:
			e.SetStr("special", value.True)
		}
		out.SetStr(rel, e)
		return nil
	}))
	return out
}

func describe(e *value.Dict, data []byte, root string) {
	switch {
	case len(data) > 4096:
		sum := sha1.Sum(data)
		e.SetStr("sha1", value.Str(hex.EncodeToString(sum[:])))
	case utf8.Valid(data):
		e.SetStr("content", value.Str(strings.ReplaceAll(string(data), root, "{ROOT}")))
	default:
		e.SetStr("b64", value.Str(base64.StdEncoding.EncodeToString(data)))
	}
}

func newSHA1() hash.Hash { return sha1.New() }
