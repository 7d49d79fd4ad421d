package strategy

import (
	"os"
	"testing"

	"github.com/churten/churten/modules"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/agentplan"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/strategy/remote"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == remote.AgentArg {
		// The test's own program is the agent, with the environment that an
		// agent has: nothing of the controller's.
		os.Exit(agent.Main(agent.Options{Lookup: modules.Module, Plan: agentplan.Serve(modules.Inside())}, os.Args[2:]))
	}
	os.Exit(m.Run())
}

// action is what a playbook's loader asks about names.
func action(name string, _ []string) (string, bool) {
	mod, act := modules.Lookup(name)
	switch {
	case act != nil:
		return act.Name, true
	case mod != nil:
		return mod.Name, true
	}
	return "", false
}

func isCode(fqcn, arg string) bool {
	_, act := modules.Lookup(fqcn)
	if act == nil {
		return false
	}
	for _, a := range act.Args {
		if a.Name == arg {
			return a.Type == module.Expr
		}
	}
	return false
}

// find is what a runner asks about names: the native ones, and includes.
func find(name string) (*module.Module, *module.Action) {
	for _, a := range IncludeActions {
		if a.Name == name || a.Name == "ansible.builtin."+name {
			return nil, a
		}
	}
	return modules.Lookup(name)
}
