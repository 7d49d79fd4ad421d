package main

import (
	"os"
	"testing"
	"time"
)

// jobDir is a directory for a run that may leave jobs behind: what they still
// write while it is removed does not fail the test.
func jobDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "churten-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 100 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Error(err)
	})
	return dir
}
