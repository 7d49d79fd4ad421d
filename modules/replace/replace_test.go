package replace

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"wrong encoding": "bytes that are no text stay as they are here; JSON cannot tell",
	}})
}
