package assemble

import (
	"testing"

	"github.com/churten/churten/modules/copy"
	"github.com/churten/churten/modules/file"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.OfAction(&Action, nil, &Module, &copy.Module, &file.Module), moduletest.Options{NoInvocation: true})
}
