package unarchive

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.OfAction(&Action, nil, &Module), moduletest.Options{NoInvocation: true})
}
