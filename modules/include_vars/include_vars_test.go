package includevars

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.OfAction(&Action, nil), moduletest.Options{NoInvocation: true})
}
