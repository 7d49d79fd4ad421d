package archive

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("there is no ", program)
		}
	}
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Sort: []string{"archived", "expanded_paths", "expanded_exclude_paths"}})
}

func call(t *testing.T, check bool, args *value.Dict) *module.Result {
	t.Helper()
	return module.Run(t.Context(), &Module, args, &module.Call{Check: check, Env: os.Environ(), Dir: "/"})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// What is packed can be unpacked, and says so when it changes.
func TestContent(t *testing.T) {
	root := t.TempDir()
	write(t, root+"/d/a", strings.Repeat("hello ", 10000))
	zipped := value.DictOf("path", value.Str(root+"/d"), "dest", value.Str(root+"/x.zip"), "format", value.Str("zip"))
	packed := value.DictOf("path", value.Str(root+"/d/a"), "dest", value.Str(root+"/a.gz"))
	for n, changed := range []bool{true, false, true} {
		if n == 2 {
			write(t, root+"/d/a", strings.Repeat("hallo ", 10000))
		}
		for _, args := range []*value.Dict{packed, zipped} {
			if res := call(t, false, args); res.Failed || res.Changed != changed {
				t.Errorf("%d: %s", n, value.Repr(res.Dict()))
			}
		}
	}
	z, err := zip.OpenReader(root + "/x.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	r, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil || len(text) != 60000 || z.File[0].Name != "d/a" {
		t.Errorf("%s of %d bytes, %v", z.File[0].Name, len(text), err)
	}
}

// A failure leaves the archive of before and no temporary file.
func TestFailureLeavesAll(t *testing.T) {
	root := t.TempDir()
	write(t, root+"/d/a", "hello")
	write(t, root+"/x.zip", "old")
	if err := os.Symlink("nowhere", root+"/d/dead"); err != nil {
		t.Fatal(err)
	}
	res := call(t, false, value.DictOf("path", value.Str(root+"/d"), "dest", value.Str(root+"/x.zip"), "format", value.Str("zip"), "remove", value.True))
	if !res.Failed || !strings.HasPrefix(res.Msg, "Errors when writing archive at "+root+"/x.zip: "+root+"/d/dead: [Errno 2]") {
		t.Errorf("%s", res.Msg)
	}
	if data, err := os.ReadFile(root + "/x.zip"); string(data) != "old" || err != nil {
		t.Errorf("the archive is %q now, %v", data, err)
	}
	if got := list(t, root) + "/" + list(t, root+"/d"); got != "d x.zip/a dead" {
		t.Errorf("left: %s", got)
	}
}

// The reference loses these files.
func TestKeepsWhatItShould(t *testing.T) {
	root := t.TempDir()
	write(t, root+"/d/a", "hello")
	write(t, root+"/e/b", "x")
	if err := os.Symlink("d", root+"/l"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args *value.Dict
		msg  string
	}{
		{"onto itself", value.DictOf("path", value.Str(root+"/d/a"), "dest", value.Str(root+"/d/a")), "dest is the file that shall be compressed: " + root + "/d/a"},
		{"removed with its archive", value.DictOf("path", value.Str(root+"/d"), "dest", value.Str(root+"/e/../d/x"), "remove", value.True),
			"Error, created archive can not be contained in source paths when remove=true"},
		{"removed with its archive, by a link", value.DictOf("path", value.Str(root+"/d"), "dest", value.Str(root+"/l/x"), "remove", value.True),
			"Error, created archive can not be contained in source paths when remove=true"},
	} {
		if res := call(t, false, c.args); !res.Failed || res.Msg != c.msg {
			t.Errorf("%s: %v %s", c.name, res.Failed, res.Msg)
		}
	}
	res := call(t, false, value.DictOf("path", value.Str(root+"/d/a"), "format", value.Str("tar"), "exclusion_patterns", value.Str("a"), "remove", value.True))
	if data, err := os.ReadFile(root + "/d/a"); res.Failed || string(data) != "hello" || err != nil {
		t.Errorf("%q %v, %s", data, err, res.Msg)
	}
	// Through a link, and the second time the archive is among the files.
	for range 2 {
		res = call(t, false, value.DictOf("path", value.Str(root+"/e"), "dest", value.Str(root+"/l/../e/x"), "format", value.Str("tar")))
		archived, _ := res.Values.GetStr("archived")
		if want := "['" + root + "/e/b']"; value.Repr(archived) != want {
			t.Errorf("archived %s, want %s", value.Repr(archived), want)
		}
	}
}

func TestCommonRoot(t *testing.T) {
	for text, want := range map[string]string{
		"/a/b": "/a/", "/a/b/": "/a/b/", "/a": "/", "/": "/", "a": "", "a/b": "a/", "/a/b /a/c": "/a/", "/a/b /a/c/d": "/a/", "/a/b /a/b/c": "/a/",
		"/a/bc/d /a/bd/d": "/a/", "/a/b /c/d": "/", "/a b/c": "", "/a//b": "/a/", "/a//b//": "/a//b/", "a/b a/c/d": "a/",
	} {
		if got := commonRoot(strings.Fields(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestSumsOfOthers(t *testing.T) {
	var tar, packed bytes.Buffer
	s := sums{}
	w := newTar(&tar, &s)
	h := header{name: strings.Repeat("n", 120), kind: '0', size: 3, mtime: 1.5}
	if err := w.header(&h); err != nil {
		t.Fatal(err)
	}
	tar.WriteString("abc" + strings.Repeat("\x00", block-3))
	if err := w.header(&header{name: "d/", kind: '5'}); err != nil {
		t.Fatal(err)
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(tar.Bytes())
	_ = z.Close()
	if got := readSums(bytes.NewReader(tar.Bytes())); !got.equal(s) || len(got.of) != 2 {
		t.Errorf("%v\n%v", got.of, s.of)
	}
	r, err := gzip.NewReader(&packed)
	if err != nil {
		t.Fatal(err)
	}
	if got := readSums(r); !got.equal(s) {
		t.Errorf("%v", got.of)
	}
	if got := readSums(strings.NewReader("hello")); len(got.of) != 1 || !got.of["content 3610a686"] {
		t.Errorf("%v", got.of)
	}
}

func FuzzReadSums(f *testing.F) {
	var tar bytes.Buffer
	w := newTar(&tar, &sums{})
	_ = w.header(&header{name: strings.Repeat("n", 120), kind: '0', size: 3, mtime: 1.5})
	f.Add(tar.Bytes())
	f.Add([]byte("x"))
	f.Fuzz(func(t *testing.T, b []byte) { readSums(bytes.NewReader(b)) })
}
