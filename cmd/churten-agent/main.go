// Command churten-agent is the agent on targets: it runs modules for the
// controller on its stdin and stdout. See modules/kit/agent.
package main

import (
	"os"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/test"
	"github.com/churten/churten/modules"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/agentplan"
)

func main() {
	var args []string
	if len(os.Args) > 2 { // the first word is __agent, whatever program it is
		args = os.Args[2:]
	}
	env := &expr.Env{Filters: filter.All, Tests: test.All, Globals: expr.Globals()}
	plan := agentplan.Serve(agentplan.Options{Env: env, Find: modules.Lookup})
	os.Exit(agent.Main(agent.Options{Lookup: modules.Module, Plan: plan}, args))
}
