package fetch

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
	"github.com/churten/churten/modules/stat"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.OfAction(&Action, nil, &stat.Module), moduletest.Options{NoInvocation: true})
}
