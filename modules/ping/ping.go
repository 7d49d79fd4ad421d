// Package ping answers pong: the host can be reached and runs modules.
//
// Source: documentation of ansible.builtin.ping; results seen on ansible-core 2.19.
package ping

import (
	"context"
	"errors"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the ping module.
var Module = module.Module{
	Name: "ansible.builtin.ping", Doc: "Try to connect to host and return pong on success.",
	Check: true, ChangedLast: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "data", Type: module.Str, Default: value.Str("pong"), Doc: "What to answer; crash makes the module fail."},
	}},
	Run: func(_ context.Context, c *module.Call) (*module.Result, error) {
		if c.Args.Str("data") == "crash" {
			return nil, errors.New("boom")
		}
		return &module.Result{Values: value.DictOf("ping", c.Args.Value("data"))}, nil
	},
}
