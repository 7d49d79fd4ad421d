package lineinfile

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"not utf-8": "bytes that are no text stay as they are here; JSON cannot tell",
	}})
}
