package faults

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// row is what a test says of itself.
type row struct {
	section, fault, outcome, test string
	took                          time.Duration
	failed, skipped               bool
}

var page struct {
	mu   sync.Mutex
	rows []*row
}

// sections are the page's, in their order.
var sections = []string{"Links", "Agents", "Controllers", "Hosts", "sshd", "Disks"}

// proves says what a test shows: the fault, and what churten makes of it. It
// begins the test: those that take long are skipped unless asked for.
func proves(t *testing.T, section, fault, outcome string) {
	t.Helper()
	if !slices.Contains(sections, section) {
		t.Fatalf("no section %q", section)
	}
	r := &row{section: section, fault: fault, outcome: outcome, test: t.Name()}
	page.mu.Lock()
	page.rows = append(page.rows, r)
	page.mu.Unlock()
	start := time.Now()
	t.Cleanup(func() {
		page.mu.Lock()
		defer page.mu.Unlock()
		r.took, r.failed, r.skipped = time.Since(start), t.Failed(), t.Skipped()
	})
}

// takesLong skips a test that is not for every day.
func takesLong(t *testing.T) {
	t.Helper()
	if os.Getenv("CHURTEN_FAULTS") == "" {
		t.Skip("takes long: make faults")
	}
}

// writePage writes the table to the file that CHURTEN_FAULTS_PAGE names.
func writePage() error {
	path := os.Getenv("CHURTEN_FAULTS_PAGE")
	if path == "" {
		return nil
	}
	if slices.ContainsFunc(page.rows, func(r *row) bool { return r.failed || r.skipped }) || len(page.rows) == 0 {
		return errPage
	}
	var b strings.Builder
	b.WriteString("# Faults\n\nWritten by `make faults` from what the tests in cmd/internal/faults say of themselves; each made the fault happen to a real\n" +
		"sshd, with real agents behind it, and saw the outcome. Seconds are those of the whole test.\n")
	slices.SortStableFunc(page.rows, func(a, b *row) int {
		if c := slices.Index(sections, a.section) - slices.Index(sections, b.section); c != 0 {
			return c
		}
		return strings.Compare(a.test, b.test)
	})
	section := ""
	for _, r := range page.rows {
		if r.section != section {
			section = r.section
			fmt.Fprintf(&b, "\n## %s\n\n| fault | outcome | test | s |\n|---|---|---|---:|\n", section)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %.0f |\n", r.fault, r.outcome, strings.TrimPrefix(r.test, "Test"), r.took.Seconds())
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
