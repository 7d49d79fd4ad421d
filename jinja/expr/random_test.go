package expr_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
)

// TestRandom compares expressions made by chance with the reference, where that
// is installed and RANDOM_EXPRESSIONS says how many: make random-oracle.
// RANDOM_SEED gives those of an earlier run.
func TestRandom(t *testing.T) {
	count := os.Getenv("RANDOM_EXPRESSIONS")
	if count == "" {
		t.Skip("RANDOM_EXPRESSIONS is not set")
	}
	python := filepath.Join(os.Getenv("CHURTEN_CACHE"), "peers/bin/python3")
	if _, err := os.Stat(python); err != nil {
		t.Skipf("the reference is not installed (make peers): %v", err)
	}
	seed := os.Getenv("RANDOM_SEED")
	if seed == "" {
		seed = strconv.FormatInt(time.Now().UnixNano()%1e9, 10)
	}
	t.Logf("RANDOM_SEED=%s", seed)
	dir := t.TempDir()
	for _, name := range []string{"generate.py", "record.py", "context.json"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, sub := range []string{"cases", "oracle"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"generate.py", seed, count}, {"record.py"}} {
		cmd := exec.CommandContext(t.Context(), python, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", args[0], err, out)
		}
	}
	doc := readJSON(t, filepath.Join(dir, "oracle/random.json"))
	kind, _ := doc.GetStr("kind")
	cases, _ := doc.GetStr("cases")
	vars := loadContext(t)
	for _, c := range cases.(*value.List).Items {
		replay(t, value.Text(kind), c.(*value.Dict), vars)
	}
}
