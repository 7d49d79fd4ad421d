package remote

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/churten/churten/strategy/connection"
)

// A path in somebody's home is his who fetches it.
func TestFetchHome(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "f"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := start(t, &connection.Local{Env: append(os.Environ(), "HOME="+home)}, options())
	var back bytes.Buffer
	if _, err := a.Fetch(ctxOf(t), 0, "~/f", &back); err != nil || back.String() != "text" {
		t.Errorf("%q, %v", back.String(), err)
	}
}
