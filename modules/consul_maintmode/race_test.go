package consulmaintmode

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/consul/consultest"
	"github.com/churten/churten/modules/kit/module"
)

// rounds is how often the race is run; CHURTEN_RACE_ROUNDS says otherwise.
func rounds(t *testing.T, otherwise int) int {
	text := os.Getenv("CHURTEN_RACE_ROUNDS")
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("CHURTEN_RACE_ROUNDS: %v", err)
	}
	return n
}

// raceRounds has twelve nodes ask at the same instant, again and again: never
// more offline than allowed, and everyone gets a turn.
func raceRounds(t *testing.T, f *fixture) {
	n := f.on(t, 12, "race")
	for _, c := range []struct {
		limit any
		most  int
	}{{1, 1}, {2, 2}, {"25%", 3}} {
		t.Run(fmt.Sprintf("max_offline %v", c.limit), func(t *testing.T) {
			w := f.Watch("race", c.most)
			begun := time.Now()
			count := rounds(t, 3)
			for range count {
				race(t, n, func(ctx context.Context, node *consultest.Node) *module.Result {
					return module.Run(ctx, &Module, argsOf("state", "enabled", "services", []string{"race"}, "max_offline", c.limit, "wait", 300), callOf(node))
				})
			}
			most, broken, looks := w.Stop()
			t.Logf("max_offline %v: %d rounds of %d nodes in %s, at most %d offline in %d looks", c.limit, count, len(n), time.Since(begun).Round(time.Second), most, looks)
			if len(broken) > 0 {
				t.Errorf("max_offline %v: over the limit: %q", c.limit, broken)
			}
			if most < c.most {
				t.Errorf("max_offline %v: never more than %d were offline at once: the limit was not used", c.limit, most)
			}
		})
	}
}

// race is one round.
func race(t *testing.T, nodes []*consultest.Node, enable func(context.Context, *consultest.Node) *module.Result) {
	t.Helper()
	start := make(chan struct{})
	var all sync.WaitGroup
	for _, node := range nodes {
		all.Go(func() {
			<-start
			r := enable(t.Context(), node)
			if get(r, "granted") != "True" {
				t.Errorf("%s had no turn: %s", node.Name, value.Repr(r.Dict()))
				return
			}
			time.Sleep(20 * time.Millisecond) // the work
			back := argsOf("state", "disabled", "services", []string{"race"}, "wait_healthy", 60)
			if fence := get(r, "fence"); fence != "" {
				back.SetStr("fence", value.Str(fence))
			}
			r = module.Run(t.Context(), &Module, back, callOf(node))
			if r.Failed {
				t.Errorf("%s did not come back: %s", node.Name, value.Repr(r.Dict()))
			}
		})
	}
	close(start)
	all.Wait()
}

// naiveRace runs the same race with a node that looks, decides, and then goes,
// without taking a place: the watcher has to see that this breaks the limit,
// or else it would not see anything.
func naiveRace(t *testing.T, f *fixture) {
	n := f.on(t, 12, "race")
	w := f.Watch("race", 1)
	for range 3 {
		race(t, n, naive)
	}
	most, broken, _ := w.Stop()
	if len(broken) == 0 {
		t.Errorf("check-then-act was not seen to break the limit (at most %d offline)", most)
	}
	t.Logf("check-then-act: %d offline at once where 1 was allowed", most)
}

func naive(ctx context.Context, node *consultest.Node) *module.Result {
	c := callOf(node)
	c.Module = &Module
	checked, err := module.Check(&Module.Spec, "consul_maintmode", argsOf("state", "enabled", "services", []string{"race"}), nil)
	if err != nil {
		return module.Failed(err)
	}
	c.Args = checked.Args
	t, err := newTask(c)
	if err != nil {
		return module.Failed(err)
	}
	if t.me, err = t.identify(ctx); err != nil {
		return module.Failed(err)
	}
	for ctx.Err() == nil {
		w, err := t.look(ctx)
		if err != nil {
			return module.Failed(err)
		}
		if t.judge(w, true).granted {
			break
		}
		_ = pause(ctx, 50*time.Millisecond)
	}
	if err := t.maintain(ctx, "race-"+node.Name, true, mark+": naive"); err != nil {
		return module.Failed(err)
	}
	if err := t.shown(ctx, []string{"race-" + node.Name}, true); err != nil {
		return module.Failed(err)
	}
	return &module.Result{Values: value.DictOf("granted", value.True)}
}
