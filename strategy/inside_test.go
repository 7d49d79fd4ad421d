package strategy

import (
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/agentplan"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/modules/kit/wire"
)

// TestMisled: a task of which the agent has made another call than the
// controller would, or one more, ends the run.
func TestMisled(t *testing.T) {
	call := &executor.Call{Module: "ansible.builtin.command"}
	same, err := agentplan.Print(&wire.Call{Module: call.Module})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		print  []byte
		calls  int
		misled bool
	}{
		{"the same call", same, 1, false},
		{"another call", []byte("another"), 1, true},
		{"a call that is not to be made", same, 0, true},
		{"a call that was not made", same, 2, true},
	} {
		i := &inside{out: &agentplan.Outcome{Settled: true, Calls: []agentplan.Done{{Print: c.print}}}}
		i.once.Do(func() {}) // it has been answered
		f := &flight{task: &plan.Task{}, world: &world{host: "h1"}, inside: i, at: &berth{}}
		for range c.calls {
			if f.take(t.Context(), &place{world: f.world}, call) == nil {
				t.Fatalf("%s: the call was to be begun", c.name)
			}
		}
		err := f.landInside(t.Context())
		if got := err != nil && strings.Contains(err.Error(), "bug in churten"); got != c.misled {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
