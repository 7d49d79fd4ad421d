// Package meta declares the meta action. The strategy carries it out, since it
// is about plays, not about hosts.
//
// Source: documentation of ansible.builtin.meta.
package meta

import (
	"context"
	"errors"

	"github.com/churten/churten/modules/kit/module"
)

// Action is the meta action.
var Action = module.Action{
	Name: "ansible.builtin.meta", Doc: "Execute Ansible 'actions'.",
	Where: module.Controller, Local: true, Check: true, Diff: true,
	Spec: module.Spec{FreeForm: true, Args: []module.Arg{{Name: "_raw_params", Type: module.Raw, Doc: "What to do: flush_handlers, end_host …"}}},
	Run: func(context.Context, *module.ActionCall) (*module.Result, error) {
		return nil, errors.New("meta is carried out by the strategy")
	},
}
