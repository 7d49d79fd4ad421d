// Command churten-agent is the agent on targets: it runs modules for the
// controller on its stdin and stdout. See modules/kit/agent.
package main

import (
	"os"

	"github.com/churten/churten/modules"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/agentplan"
)

func main() {
	var args []string
	if len(os.Args) > 2 { // the first word is __agent, whatever program it is
		args = os.Args[2:]
	}
	os.Exit(agent.Main(agent.Options{Lookup: modules.Module, Plan: agentplan.Serve(modules.Inside())}, args))
}
