package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadText(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big")
	text := strings.Repeat("a line\n", 1<<20)
	for path, content := range map[string]string{big: text, filepath.Join(dir, "empty"): ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadText(path); err != nil || got != content {
			t.Errorf("%s: %d bytes of %d, %v", path, len(got), len(content), err)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "missing")} {
		_, want := os.ReadFile(path)
		if _, err := ReadText(path); err == nil || err.Error() != want.Error() {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	if _, err := ReadText(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	// Once: not twice, as a slice that becomes a string is.
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			if _, err := ReadText(big); err != nil {
				b.Fatal(err)
			}
		}
	})
	if got := r.AllocedBytesPerOp(); got > int64(len(text))*5/4 {
		t.Errorf("%d bytes allocated for %d", got, len(text))
	}
	if size, err := ReadText("/proc/self/status"); err != nil || !strings.Contains(size, "Name:") { // a file that says it is empty
		t.Errorf("%q, %v", size, err)
	}
}
