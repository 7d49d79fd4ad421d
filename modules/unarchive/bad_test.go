package unarchive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/moduletest"
)

type entry struct{ name, link, content string }

func tarOf(t *testing.T, entries ...entry) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.content)), Typeflag: tar.TypeReg}
		if e.link != "" {
			h.Typeflag, h.Linkname = tar.TypeSymlink, e.link
		}
		must(t, w.WriteHeader(h))
		_, err := w.Write([]byte(e.content))
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

func zipOf(t *testing.T, entries ...entry) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Store}
		h.SetMode(0o644)
		if e.link != "" {
			h.SetMode(fs.ModeSymlink | 0o777)
			e.content = e.link
		}
		f, err := w.CreateHeader(h)
		must(t, err)
		_, err = f.Write([]byte(e.content))
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What is beside the destination stays, whatever an archive holds, and nothing
// of churten's own is left in the destination.
func TestBroken(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 400)
	twoTar, twoZip := tarOf(t, entry{name: "a", content: long}, entry{name: "b", content: long}), zipOf(t, entry{name: "a", content: long}, entry{name: "b", content: long})
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, err := w.Write(twoTar)
	must(t, err)
	must(t, w.Close())
	for _, c := range []struct {
		name     string
		data     []byte
		mode     string
		msg, has string // of the failure; files in dest afterwards
	}{
		{"cut.tar", twoTar[:9000], "", "Failed to find handler for", ""},
		{"cut.tgz", gz.Bytes()[:gz.Len()*6/10], "", "Failed to find handler for", ""},
		{"cut.zip", twoZip[:len(twoZip)-60], "", "Failed to find handler for", ""},
		{"head.zip", twoZip[:5000], "", "Failed to find handler for", ""},
		{"sum.zip", bytes.Replace(twoZip, []byte("0123"), []byte("012E"), 1), "", "a: zip: checksum error", ""},
		{"link.zip", zipOf(t, entry{name: "out", link: "../outside"}, entry{name: "out/evil", content: "evil"}), "", "leads out of the destination", "out"},
		{"mode.zip", zipOf(t, entry{name: "../victim", content: "old\n"}), "0777", "failed to unpack", "victim"},
		{"mode.tar", tarOf(t, entry{name: "../victim", content: "old\n"}), "0777", "", ""},
		{"mode link.tar", tarOf(t, entry{name: "out", link: "../outside"}, entry{name: "out/there", content: "there"}), "0777", "", "out"},
		{"deep.zip", zipOf(t, entry{name: "first", content: "x"}, entry{name: strings.Repeat("d/", 10000) + "f", content: "x"}), "", "[Errno 36] File name too long", ""},
		{"deep.tar", tarOf(t, entry{name: strings.Repeat("d/", 10000) + "f", content: "x"}), "", "failed to unpack", ""},
		{"absolute link.zip", zipOf(t, entry{name: "out", link: "/"}, entry{name: "out/tmp/churten-evil", content: "evil"}), "", "leads out of the destination", "out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			dest, outside := filepath.Join(root, "dest"), filepath.Join(root, "outside")
			must(t, os.Mkdir(dest, 0o755))
			must(t, os.Mkdir(outside, 0o755))
			must(t, os.WriteFile(filepath.Join(outside, "there"), []byte("there"), 0o600))
			must(t, os.WriteFile(filepath.Join(root, "victim"), []byte("old\n"), 0o600))
			src := filepath.Join(root, c.name)
			must(t, os.WriteFile(src, c.data, 0o600))
			args := value.DictOf("src", value.Str(src), "dest", value.Str(dest), "remote_src", value.True)
			if c.mode != "" {
				args.SetStr("mode", value.Str(c.mode))
			}
			res := moduletest.Of(&Module)(t.Context(), args, moduletest.Run{})
			if !res.Failed || !strings.Contains(res.Msg, c.msg) {
				t.Errorf("failed %v: %s", res.Failed, res.Msg)
			}
			if got := strings.Join(names(t, dest), " "); got != c.has {
				t.Errorf("the destination has %q, not %q", got, c.has)
			}
			if got := strings.Join(names(t, outside), " "); got != "there" {
				t.Errorf("beside the destination is %q", got)
			}
			for _, path := range []string{filepath.Join(outside, "there"), filepath.Join(root, "victim")} {
				if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 || info.Size() > 5 {
					t.Errorf("%s: %v, %v", path, info, err)
				}
			}
		})
	}
	if _, err := os.Lstat("/tmp/churten-evil"); err == nil {
		t.Error("/tmp/churten-evil was written")
	}
}

func names(t *testing.T, dir string) (out []string) {
	found, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range found {
		out = append(out, e.Name())
	}
	return out
}

// Devices of zip archives are left out, and setuid does not come with one.
func TestZipModes(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, mode := range map[string]fs.FileMode{"null": fs.ModeDevice | fs.ModeCharDevice | 0o666, "pipe": fs.ModeNamedPipe | 0o666, "program": fs.ModeSetuid | fs.ModeSetgid | 0o755} {
		h := &zip.FileHeader{Name: name, Method: zip.Store}
		h.SetMode(mode)
		_, err := w.CreateHeader(h)
		must(t, err)
	}
	must(t, w.Close())
	dest := t.TempDir()
	src := filepath.Join(t.TempDir(), "modes.zip")
	must(t, os.WriteFile(src, b.Bytes(), 0o600))
	args := value.DictOf("src", value.Str(src), "dest", value.Str(dest), "remote_src", value.True)
	for _, changes := range []bool{true, false} {
		res := moduletest.Of(&Module)(t.Context(), args, moduletest.Run{})
		if res.Failed || res.Changed != changes {
			t.Errorf("failed %t, changed %t: %s", res.Failed, res.Changed, res.Msg)
		}
	}
	if got := strings.Join(names(t, dest), " "); got != "program" {
		t.Errorf("the destination has %q", got)
	}
	if info, err := os.Lstat(filepath.Join(dest, "program")); err != nil || info.Mode() != 0o755 {
		t.Errorf("%v, %v", info, err)
	}
}

// What is of another type than the archive's member is no member that is there.
func TestTarTypes(t *testing.T) {
	for name, c := range map[string]struct {
		data  []byte
		fails bool
	}{
		"link.tar": {tarOf(t, entry{name: "a", link: "x"}), false},
		"file.tar": {tarOf(t, entry{name: "a/b", content: "x"}), true},
	} {
		dest := t.TempDir()
		src := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(src, c.data, 0o600))
		must(t, os.WriteFile(filepath.Join(dest, "a"), []byte("file"), 0o600))
		res := moduletest.Of(&Module)(t.Context(), value.DictOf("src", value.Str(src), "dest", value.Str(dest), "remote_src", value.True), moduletest.Run{})
		if res.Failed != c.fails || res.Changed == c.fails {
			t.Errorf("%s: failed %t, changed %t: %s", name, res.Failed, res.Changed, res.Msg)
		}
	}
}
