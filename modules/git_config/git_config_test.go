package gitconfig

import (
	"os"
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	if _, err := os.Stat("/usr/bin/git"); err != nil {
		t.Skip("no git")
	}
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{})
}
