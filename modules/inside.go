package modules

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/test"
	"github.com/churten/churten/modules/kit/agentplan"
)

// Inside is what agents work tasks out with. The controller compares its own
// filters, tests and modules with these, one by one.
func Inside() agentplan.Options {
	return agentplan.Options{Env: &expr.Env{Filters: filter.All, Tests: test.All, Globals: expr.Globals()}, Find: Lookup}
}
