package python

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// source gives content and counts how often it is asked for.
type source struct {
	content []byte
	asked   int
	fails   error // at the end of content
}

func (s *source) open(context.Context) (io.ReadCloser, error) {
	s.asked++
	r := io.Reader(bytes.NewReader(s.content))
	if s.fails != nil {
		r = io.MultiReader(r, &broken{s.fails})
	}
	return io.NopCloser(r), nil
}

type broken struct{ err error }

func (b *broken) Read([]byte) (int, error) { return 0, b.err }

// What arrives in part is an error and is not kept: the next call gets it whole.
func TestStoreCutOff(t *testing.T) {
	whole := []byte(strings.Repeat("import this\n", 1000))
	hash := hashOf(whole)
	s := Store{Dir: t.TempDir()}
	cut := &source{content: whole[:500]}
	if _, err := s.Get(t.Context(), hash, cut.open); err == nil || !strings.Contains(err.Error(), "did not arrive whole: 500 bytes") {
		t.Errorf("cut off: %v", err)
	}
	lost := errors.New("the connection is lost")
	if _, err := s.Get(t.Context(), hash, (&source{content: whole[:500], fails: lost}).open); !errors.Is(err, lost) {
		t.Errorf("lost: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.Dir, "*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	good := &source{content: whole}
	for range 2 {
		if got, err := s.Get(t.Context(), hash, good.open); err != nil || !bytes.Equal(got, whole) {
			t.Errorf("whole: %d bytes, %v", len(got), err)
		}
	}
	if good.asked != 1 {
		t.Errorf("asked for %d times", good.asked)
	}
}

// A file that somebody changed is replaced.
func TestStoreChanged(t *testing.T) {
	whole := []byte("content")
	hash := hashOf(whole)
	s := Store{Dir: t.TempDir()}
	for _, other := range []string{"", "conten", "another"} {
		if err := os.WriteFile(s.Path(hash), []byte(other), 0o700); err != nil {
			t.Fatal(err)
		}
		from := &source{content: whole}
		if got, err := s.Get(t.Context(), hash, from.open); err != nil || string(got) != "content" || from.asked != 1 {
			t.Errorf("%q: %q, %v, asked %d times", other, got, err, from.asked)
		}
		if kept, err := os.ReadFile(s.Path(hash)); err != nil || string(kept) != "content" {
			t.Errorf("%q: kept %q, %v", other, kept, err)
		}
	}
}

// Where nothing can be written, content is kept in memory.
func TestStoreWithoutPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", file, filepath.Join(file, "below")} {
		s := Store{Dir: dir}
		from := &source{content: []byte("content")}
		for range 2 {
			if got, err := s.Get(t.Context(), hashOf(from.content), from.open); err != nil || string(got) != "content" {
				t.Errorf("%q: %q, %v", dir, got, err)
			}
		}
		if from.asked != 1 {
			t.Errorf("%q: asked for %d times", dir, from.asked)
		}
	}
}

// What nobody asked for in a long time goes when something new comes.
func TestStoreTidies(t *testing.T) {
	s := Store{Dir: t.TempDir()}
	old, fresh, other := s.Path("old"), s.Path("fresh"), filepath.Join(s.Dir, "agent-1")
	for _, path := range []string{old, fresh, other} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if path != fresh {
			long := time.Now().Add(-2 * keepParts)
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
		}
	}
	from := &source{content: []byte("content")}
	if _, err := s.Get(t.Context(), hashOf(from.content), from.open); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{old: false, fresh: true, other: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v", path, err == nil)
		}
	}
}
