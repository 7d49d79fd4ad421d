package consul

import (
	"testing"

	"github.com/churten/churten/modules/kit/consul/consultest"
)

func TestReference(t *testing.T) {
	consultest.Replay(t, &Module, nil, map[string]string{
		"r30": "the reason for no connection is worded by Python's libraries",
	})
}
