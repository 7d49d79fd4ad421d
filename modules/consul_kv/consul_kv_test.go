package consulkv

import (
	"testing"

	"github.com/churten/churten/modules/kit/consul/consultest"
	"github.com/churten/churten/modules/kit/module"

	consulsession "github.com/churten/churten/modules/consul_session"
)

func TestReference(t *testing.T) {
	consultest.Replay(t, &Module, map[string]*module.Module{"consul_session": &consulsession.Module}, map[string]string{
		"r25": "the reference stumbles over itself where a session is missing",
		"r35": "the same",
		"r41": "the reason for no connection is worded by Python's libraries",
	})
}
