package agentplan

import (
	"fmt"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
)

// ControllerNeeded says why a task cannot run inside the agent.
type ControllerNeeded struct {
	Task *plan.Task
	Why  string
}

func (e *ControllerNeeded) Error() string {
	return fmt.Sprintf("%s: the task needs the controller: %s", e.Task.Pos, e.Why)
}

// Check reports, as a *ControllerNeeded, the first of the blocks' tasks that
// cannot run inside the agent by what it says itself. Whether its action can
// is the agent's to say, by Where; what templates call (lookups) is not looked at.
func Check(blocks []*plan.Block) error {
	for _, t := range plan.Tasks(blocks) {
		if why := needs(t); why != "" {
			return &ControllerNeeded{Task: t, Why: why}
		}
	}
	return nil
}

func needs(t *plan.Task) string {
	set := func(v value.Value) bool { return v != nil && v != value.Value(value.None) }
	switch {
	case set(t.DelegateTo):
		return "delegate_to"
	case set(t.RunOnce):
		return "run_once"
	case set(t.Async):
		return "async"
	case t.LoopWith != "":
		return "with_" + t.LoopWith
	case len(t.Notify) > 0:
		return "notify"
	case set(t.Become):
		return "become"
	case set(t.AnyErrorsFatal), set(t.Throttle):
		return "what depends on other hosts"
	case t.Handler:
		return "handlers"
	}
	return ""
}
