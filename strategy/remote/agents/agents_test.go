package agents

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/churten/churten/modules/kit/bootstrap"
)

func gz(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSet(t *testing.T) {
	self := filepath.Join(t.TempDir(), "churten")
	if err := os.WriteFile(self, []byte("this program"), 0o755); err != nil {
		t.Fatal(err)
	}
	other := "linux/s390x"
	otherFile := fstest.MapFS{"agent-linux-s390x.gz": {Data: gz(t, "agent of s390x")}, ".keep": {}}
	own := runtime.GOOS + "-" + runtime.GOARCH
	both := fstest.MapFS{"agent-linux-s390x.gz": otherFile["agent-linux-s390x.gz"], "agent-" + own + ".gz": {Data: gz(t, "agent of mine")}}
	builds := map[string]bool{}
	for _, c := range []struct {
		set              *Set
		platforms, image string // image for our own platform
	}{
		{New(otherFile, self), other + " " + runtime.GOOS + "/" + runtime.GOARCH, "this program"},
		{New(otherFile, ""), other, ""},
		{New(both, self), "", "agent of mine"},
		{New(fstest.MapFS{}, self), runtime.GOOS + "/" + runtime.GOARCH, "this program"},
	} {
		if c.platforms != "" && strings.Join(c.set.Platforms(), " ") != c.platforms {
			t.Errorf("%v", c.set.Platforms())
		}
		build, err := c.set.Build()
		if err != nil || len(build) != 16 || builds[build] {
			t.Errorf("build %q %v", build, err)
		}
		builds[build] = true
		for _, packings := range [][]bootstrap.Packing{{bootstrap.XZ, bootstrap.Gzip, bootstrap.Raw}, {bootstrap.Raw}} {
			zipped := len(packings) > 1
			img, err := c.set.Image(runtime.GOOS, runtime.GOARCH, packings)
			if c.image == "" {
				if !errors.Is(err, ErrNone) {
					t.Error(err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(img.Content)
			if err != nil || int64(len(data)) != img.Size || (img.Packing == bootstrap.Gzip) != zipped {
				t.Errorf("%d bytes of %d, %v", len(data), img.Size, err)
			}
			if zipped {
				r, err := gzip.NewReader(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				data, _ = io.ReadAll(r)
			}
			if string(data) != c.image || img.FileSize != int64(len(c.image)) {
				t.Errorf("%q, size %d", data, img.FileSize)
			}
		}
	}
	both["agent-linux-s390x.xz"] = &fstest.MapFile{Data: []byte("smaller")}
	img, err := New(both, self).Image("linux", "s390x", []bootstrap.Packing{bootstrap.XZ, bootstrap.Gzip})
	if err != nil || img.Packing != bootstrap.XZ || img.Size != 7 || img.FileSize != int64(len("agent of s390x")) {
		t.Errorf("%+v %v", img, err)
	}
	if _, err := New(both, self).Image("linux", "mips", nil); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "make agents AGENTS=linux/mips") {
		t.Error(err)
	}
	// The agent knows Linux: nothing would be built.
	if _, err := New(both, self).Image("freebsd", "amd64", nil); !errors.Is(err, ErrNone) || strings.Contains(err.Error(), "make agents") {
		t.Error(err)
	}
}

// What is embedded, if anything, is a set that works.
func TestEmbedded(t *testing.T) {
	s := Embedded()
	if _, err := s.Build(); err != nil {
		t.Error(err)
	}
	for _, p := range s.Platforms() {
		goos, goarch, _ := strings.Cut(p, "/")
		img, err := s.Image(goos, goarch, nil)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(img.Content)
		if err != nil || int64(len(raw)) != img.FileSize {
			t.Errorf("%s: %d bytes of %d, %v", p, len(raw), img.FileSize, err)
		}
		img, err = s.Image(goos, goarch, []bootstrap.Packing{bootstrap.XZ})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := exec.LookPath("xz"); err != nil || img.Packing != bootstrap.XZ {
			continue
		}
		unpack := exec.Command("xz", "-dc")
		unpack.Stdin = img.Content
		if out, err := unpack.Output(); err != nil || !bytes.Equal(out, raw) {
			t.Errorf("%s: the agent by xz is another: %d bytes of %d, %v", p, len(out), len(raw), err)
		}
	}
}
