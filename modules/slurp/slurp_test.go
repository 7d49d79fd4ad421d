package slurp

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"under a file": "the reference forgets to put the path into its message",
	}})
}
