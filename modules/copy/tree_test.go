package copy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/file"
	"github.com/churten/churten/modules/kit/module"
)

// host runs modules here and notes what was sent.
type host struct {
	calls int
	sent  []string // names of the blobs' files that were read
}

type localFiles struct{ module.ControllerAPI }

func (localFiles) FindFile(_, name string) (string, error) { return name, nil }

func (h *host) action(t *testing.T, args *value.Dict) *module.Result {
	t.Helper()
	c := &module.ActionCall{Action: &Action, Args: module.Args{Dict: args}, Controller: localFiles{}}
	c.Module = func(ctx context.Context, name string, args *value.Dict, blobs ...module.Blob) (*module.Result, error) {
		h.calls++
		return h.module(ctx, name, args, blobs)
	}
	res, err := act(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if res.Failed {
		t.Fatal(res.Msg)
	}
	return res
}

func (h *host) module(ctx context.Context, name string, args *value.Dict, blobs []module.Blob) (*module.Result, error) {
	m := &Module
	if strings.HasSuffix(name, ".file") {
		m = &file.Module
	}
	c := &module.Call{As: name, Env: os.Environ()}
	c.Blob = func(_ context.Context, name string) (io.ReadCloser, module.Blob, error) {
		for _, b := range blobs {
			if b.Name == name {
				h.sent = append(h.sent, name)
				r, err := b.Open()
				return r, b, err
			}
		}
		return nil, module.Blob{}, os.ErrNotExist
	}
	c.Sub = func(ctx context.Context, name string, args *value.Dict) (*module.Result, error) {
		return h.module(ctx, name, args, nil)
	}
	return module.FromDict(module.Run(ctx, m, args, c).Dict()), nil
}

// Of a large directory only what differs is sent, in two calls; nothing when
// nothing differs, in one.
func TestTreeSendsWhatDiffers(t *testing.T) {
	dir := t.TempDir()
	src, dest := filepath.Join(dir, "src"), filepath.Join(dir, "dest")
	for i := range 5 {
		path := filepath.Join(src, fmt.Sprint("d", i%2), fmt.Sprint("f", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Repeat(fmt.Sprint(i), 50_000)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	args := value.DictOf("src", value.Str(src+"/"), "dest", value.Str(dest))
	run := func(calls, sent int, changed bool) {
		t.Helper()
		h := &host{}
		res := h.action(t, args)
		if h.calls != calls || len(h.sent) != sent || res.Changed != changed {
			t.Errorf("%d calls, sent %q, changed %v; want %d, %d, %v", h.calls, h.sent, res.Changed, calls, sent, changed)
		}
	}
	run(2, 5, true)
	run(1, 0, false)
	if err := os.WriteFile(filepath.Join(dest, "d1", "f3"), []byte("other"), 0o644); err != nil {
		t.Fatal(err)
	}
	run(2, 1, true)
	data, err := os.ReadFile(filepath.Join(dest, "d1", "f3"))
	if err != nil || len(data) != 50_000 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	leftovers(t, dir)
}

// leftovers fails when a temporary file is left anywhere below dir.
func leftovers(t *testing.T, dir string) {
	t.Helper()
	var found []string
	err := filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
		if strings.Contains(filepath.Base(path), "churten") {
			found = append(found, path)
		}
		return err
	})
	sort.Strings(found)
	if err != nil || len(found) > 0 {
		t.Errorf("left behind: %q, %v", found, err)
	}
}

// broken ends in an error after a few bytes, as a link that drops does.
type broken struct{ n int }

func (b *broken) Read(p []byte) (int, error) {
	if b.n++; b.n > 3 {
		return 0, errors.New("the link dropped")
	}
	return copy(p, "some bytes"), nil
}

// Content that does not arrive whole changes nothing and leaves nothing.
func TestBrokenTransfer(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]io.Reader{"drops": &broken{}, "is another": strings.NewReader("wrong content")} {
		c := &module.Call{Env: os.Environ()}
		c.Blob = func(context.Context, string) (io.ReadCloser, module.Blob, error) {
			return io.NopCloser(content), module.Blob{SHA1: strings.Repeat("a", 40)}, nil
		}
		i := item{blob: "src", sha1: strings.Repeat("a", 40), size: 100}
		res := module.Run(t.Context(), &Module, value.DictOf("dest", value.Str(path), "_churten", i.dict()), c)
		if !res.Failed {
			t.Errorf("content that %s: %+v", name, res)
		}
		if data, _ := os.ReadFile(path); string(data) != "old" {
			t.Errorf("content that %s was written: %q", name, data)
		}
		leftovers(t, dir)
	}
}

// A link to a directory that it is in is copied as a link, seen on ansible-core
// 2.19; what else links lead to is copied as often as they do.
func TestTreeLinks(t *testing.T) {
	dir := t.TempDir()
	src, dest, other := filepath.Join(dir, "src"), filepath.Join(dir, "dest"), filepath.Join(dir, "other")
	for _, d := range []string{filepath.Join(src, "a"), filepath.Join(src, "b", "c", "d"), other} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(src, "b", "c", "d", "f"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"a/up": "../", "a/c": "../b/c", "a/round": filepath.Join(other, "back"), "a/nowhere": "x", "../other/back": filepath.Join(src, "a")} {
		if err := os.Symlink(target, filepath.Join(src, name)); err != nil {
			t.Fatal(err)
		}
	}
	(&host{}).action(t, value.DictOf("src", value.Str(src+"/"), "dest", value.Str(dest)))
	for _, name := range []string{"a/c/d/f", "b/c/d/f"} {
		if info, err := os.Lstat(filepath.Join(dest, name)); err != nil || !info.Mode().IsRegular() {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, target := range map[string]string{"a/up": "../", "a/round": filepath.Join(other, "back"), "a/nowhere": "x"} {
		if got, err := os.Readlink(filepath.Join(dest, name)); got != target {
			t.Errorf("%s is a link to %q, %v; want %q", name, got, err, target)
		}
	}
}

// A device or pipe of the host is no source.
func TestRemoteNoFile(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "dest")
	c := &module.Call{Env: os.Environ()}
	res := module.Run(t.Context(), &Module, value.DictOf("src", value.Str("/dev/null"), "dest", value.Str(dest), "remote_src", value.True), c)
	if !res.Failed || res.Msg != "Cannot copy invalid source '/dev/null': not a file" {
		t.Errorf("%+v", res)
	}
	if _, err := os.Lstat(dest); err == nil {
		t.Error("a file was made")
	}
}
