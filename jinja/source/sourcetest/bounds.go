// Package sourcetest is what tests of readers share: inputs that swell, and a
// check that what a reader does with them stays within bounds.
package sourcetest

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is far more than any input needs; what takes longer grows faster
// than its input does.
const patience = 2 * time.Minute

// Line is the length of a long line.
const Line = 10 << 20

// Depth is how deep something is nested that nests without end.
const Depth = 100_000

// Bounded runs read, which may allocate maxBytes in all, and gives its error.
func Bounded(t *testing.T, maxBytes uint64, read func() error) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan error, 1)
	go func() { done <- read() }()
	select {
	case err := <-done:
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > maxBytes {
			t.Errorf("%d MiB allocated, %d allowed", used>>20, maxBytes>>20)
		}
		return err
	case <-time.After(patience):
		t.Fatalf("no end within %s", patience)
		return nil
	}
}

// Laughs is YAML of few lines that stands for 10 to the power of levels nodes
// by aliases.
func Laughs(levels int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [" + strings.Repeat("x,", 10) + "]\n")
	for i := 1; i < levels; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10))
	}
	return b.String()
}

// Merges is YAML whose merge keys bring keys times lists pairs, all the same keys.
func Merges(keys, lists int) string {
	var b strings.Builder
	b.WriteString("a: &a {")
	for i := range keys {
		fmt.Fprintf(&b, "k%d: 1, ", i)
	}
	b.WriteString("}\nb: {<<: [" + strings.Repeat("*a,", lists) + "]}\n")
	return b.String()
}
