package geturl

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	t.Setenv("HOME", t.TempDir()) // no .netrc
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{})
}
