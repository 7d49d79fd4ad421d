package consulsession

import (
	"testing"

	"github.com/churten/churten/modules/kit/consul/consultest"
	"github.com/churten/churten/modules/kit/module"
)

func TestReference(t *testing.T) {
	consultest.Replay(t, &Module, map[string]*module.Module{}, map[string]string{
		"r12": "which session is first is chance", "r23": "the same",
	})
}
