package dnf

import (
	"testing"
	"testing/synctest"
	"time"
)

// What dnf5 5.4 said while another was in the middle of a transaction.
func TestLockWatch(t *testing.T) {
	const held = "Repositories loaded.\nRunning transaction\n[1/3] Verify package files 100%\n" + waits + " The following processes are currently accessing it:\n791\tdnf5 -y install slow \nUse the \"--skip-file-locks\" option to bypass the lock.\n"
	for _, c := range []struct {
		name, text string
		piece      int
		ends       bool
	}{
		{"held", held, len(held), true},
		{"held, in pieces", held, 7, true},
		{"held for a while", held + "[2/3] Prepare transaction 100%\n", 11, false},
		{"free", "Running transaction\n[1/3] Verify package files 100%\n", 5, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			var w lockWatch
			ended := false
			deadline := time.Now().Add(3 * time.Second)
			for i := 0; i < len(c.text); i += c.piece {
				w.heard([]byte(c.text[i:min(i+c.piece, len(c.text))]), deadline, func() { ended = true })
			}
			time.Sleep(4 * time.Second)
			synctest.Wait()
			w.mu.Lock()
			defer w.mu.Unlock()
			if ended != c.ends || w.over != c.ends {
				t.Errorf("%s: ended %t", c.name, ended)
			}
			if got := w.holder(); c.ends && got != "791 (dnf5 -y install slow)" {
				t.Errorf("%s: held by %s", c.name, got)
			}
		})
	}
}
