package consulmaintmode

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/consul/consultest"
	"github.com/churten/churten/modules/kit/module"
)

// short times for what dies.
var quick = []any{"session_ttl", 10, "lock_delay", 1, "timeout", 5}

// helper is the environment variable that makes the test program one call of
// the module, which says at which step it is and stays there.
const helper = "CHURTEN_GATE_HELPER"

type order struct {
	URL, Step string
	Args      json.RawMessage
}

func TestMain(m *testing.M) {
	if text := os.Getenv(helper); text != "" {
		if err := obey(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func obey(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	args, err := value.ParseJSON(string(o.Args))
	if err != nil {
		return err
	}
	c := &module.Call{Module: &Module, Env: []string{"CONSUL_HTTP_ADDR=" + o.URL}}
	checked, err := module.Check(&Module.Spec, "consul_maintmode", args.(*value.Dict), nil)
	if err != nil {
		return err
	}
	c.Args = checked.Args
	t, err := newTask(c)
	if err != nil {
		return err
	}
	t.at = func(step string) {
		if step == o.Step {
			fmt.Println("at", step)
			select {}
		}
	}
	_, err = t.do(context.Background())
	return err
}

// killedAt runs the module in a process of its own and kills it at a step.
func killedAt(t *testing.T, n *consultest.Node, step string, pairs ...any) {
	t.Helper()
	args, err := value.Compact.Text(argsOf(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(order{URL: n.URL(), Step: step, Args: json.RawMessage(args)})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), helper+"="+string(text))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if err != nil || line != "at "+step+"\n" {
		t.Fatalf("the module did not come to %s: %q %v", step, line, err)
	}
}

// TestFaults breaks things in the middle: never over the limit, and nothing
// is stuck for ever.
func TestFaults(t *testing.T) {
	t.Parallel()
	c := consultest.Start(t, consultest.Options{Servers: 3, Agents: 3})
	// These mostly wait, and leave the cluster alone.
	t.Run("dead", func(t *testing.T) {
		for name, run := range map[string]func(*testing.T, *fixture){
			"killed before the act":    killedBeforeAct,
			"killed after the act":     killedAfterAct,
			"killed while it returns":  killedReturning,
			"waiter killed":            killedWaiter,
			"two jobs on a node":       twoJobs,
			"clocks":                   clocksDiffer,
			"lease lost under the act": leaseLost,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				run(t, &fixture{Cluster: c})
			})
		}
	})
	for _, f := range []struct {
		name string
		run  func(*testing.T, *fixture)
	}{
		{"agent stops before the act", agentStops},
		{"agent stops in the act", agentStopsInAct},
		{"leader killed", leaderKilled},
		{"partition", partitioned},
	} {
		t.Run(f.name, func(t *testing.T) { f.run(t, &fixture{Cluster: c}) })
	}
}

// arena registers the service and watches that it never breaks its limit.
func (f *fixture) arena(t *testing.T, name string) ([]*consultest.Node, []any) {
	n := f.on(t, 3, name)
	w := f.Watch(name, 1)
	t.Cleanup(func() {
		if _, broken, _ := w.Stop(); len(broken) > 0 {
			t.Errorf("over the limit: %q", broken)
		}
	})
	return n, append([]any{"services", []string{name}}, quick...)
}

func with(common []any, more ...any) []any { return append(slices.Clone(more), common...) }

func killedBeforeAct(t *testing.T, f *fixture) {
	n, s := f.arena(t, "killed-before")
	killedAt(t, n[0], "acting", with(s, "state", "enabled")...)
	want(t, ask(t, n[1], with(s, "state", "enabled")...), "granted=False", "reason~web1 on its way")
	begun := time.Now()
	want(t, ask(t, n[1], with(s, "state", "enabled", "wait", 90)...), "granted=True")
	t.Logf("the place was free after %s (TTL 10 s)", time.Since(begun).Round(time.Second))
	want(t, ask(t, n[0], with(s, "state", "enabled")...), "granted=False", "waiting_for=['web2']")
	want(t, ask(t, n[1], with(s, "state", "disabled")...), "changed=True")
	want(t, ask(t, n[0], with(s, "state", "enabled")...), "granted=True")
	want(t, ask(t, n[0], with(s, "state", "disabled")...), "changed=True")
}

func killedAfterAct(t *testing.T, f *fixture) {
	n, s := f.arena(t, "killed-after")
	killedAt(t, n[0], "acted", with(s, "state", "enabled", "run", "crashed")...)
	// Long after the session is gone the node still counts: it is in maintenance.
	want(t, ask(t, n[1], with(s, "state", "enabled", "wait", 35)...), "granted=False", "reason~web1 in maintenance")
	r := ask(t, n[0], with(s, "state", "enabled", "run", "next")...)
	want(t, r, "granted=True", "resumed=True", "changed=False")
	want(t, ask(t, n[0], with(s, "state", "disabled", "fence", get(r, "fence"))...), "changed=True")
	want(t, ask(t, n[1], with(s, "state", "enabled")...), "granted=True")
	want(t, ask(t, n[1], with(s, "state", "disabled")...), "changed=True")
}

func killedReturning(t *testing.T, f *fixture) {
	n, s := f.arena(t, "killed-returning")
	want(t, ask(t, n[0], with(s, "state", "enabled")...), "granted=True")
	killedAt(t, n[0], "returned", with(s, "state", "disabled")...)
	want(t, ask(t, n[1], with(s, "state", "enabled")...), "granted=False", "reason~web1 on its way")
	want(t, ask(t, n[1], with(s, "state", "enabled", "wait", 90)...), "granted=True")
	want(t, ask(t, n[1], with(s, "state", "disabled")...), "changed=True")
}

func killedWaiter(t *testing.T, f *fixture) {
	n, s := f.arena(t, "killed-waiter")
	want(t, ask(t, n[0], with(s, "state", "enabled")...), "granted=True")
	var all sync.WaitGroup
	tk := taskOf(t, n[1], func(string) {}, with(s, "state", "enabled", "wait", 60)...)
	tk.me, _ = tk.identify(t.Context())
	w, err := tk.look(t.Context())
	if err == nil {
		err = tk.queue(t.Context(), w)
	}
	if err != nil {
		t.Fatal(err)
	}
	tk.lease.end() // the session is not renewed any more, as if killed
	all.Go(func() {
		time.Sleep(time.Second)
		_ = ask(t, n[0], with(s, "state", "disabled")...)
	})
	want(t, ask(t, n[2], with(s, "state", "enabled", "wait", 90)...), "granted=True")
	all.Wait()
	want(t, ask(t, n[2], with(s, "state", "disabled")...), "changed=True")
}

func twoJobs(t *testing.T, f *fixture) {
	n, s := f.arena(t, "two-jobs")
	var all sync.WaitGroup
	var mu sync.Mutex
	inside, most := 0, 0
	for _, run := range []string{"a", "b", "c"} {
		all.Go(func() {
			r := ask(t, n[0], with(s, "state", "enabled", "run", run, "if_held", "refuse", "wait", 60)...)
			mu.Lock()
			inside++
			most = max(most, inside)
			mu.Unlock()
			if get(r, "granted") != "True" {
				t.Errorf("run %s: %s", run, get(r, "reason"))
			}
			time.Sleep(50 * time.Millisecond)
			mu.Lock()
			inside--
			mu.Unlock()
			if r := ask(t, n[0], with(s, "state", "disabled", "run", run)...); r.Failed {
				t.Errorf("run %s: %s", run, get(r, "msg"))
			}
		})
	}
	all.Wait()
	if most != 1 {
		t.Errorf("%d runs at work on one node at once", most)
	}
	// Without if_held the second takes over, and the first is told.
	first := ask(t, n[0], with(s, "state", "enabled", "run", "a")...)
	second := ask(t, n[0], with(s, "state", "enabled", "run", "b")...)
	want(t, second, "granted=True", "resumed=True")
	want(t, ask(t, n[0], with(s, "state", "disabled", "run", "a", "fence", get(first, "fence"))...), "failed=True", "msg~is now that of b")
	want(t, ask(t, n[0], with(s, "state", "disabled", "run", "b", "fence", get(second, "fence"))...), "changed=True")
}

// clocksDiffer: the times in the store are for people; whatever a node's clock
// said when it wrote them, the decision is the same.
func clocksDiffer(t *testing.T, f *fixture) {
	n, s := f.arena(t, "clocks")
	for _, since := range []string{"1970-01-01T00:00:00Z", "2199-01-01T00:00:00Z"} {
		want(t, ask(t, n[0], with(s, "state", "enabled")...), "granted=True")
		key := "/v1/kv/churten/maintmode/service/clocks/record"
		var kv []struct{ Value []byte }
		f.Must(n[0], "GET", key, nil, &kv)
		var r record
		if err := json.Unmarshal(kv[0].Value, &r); err != nil {
			t.Fatal(err)
		}
		r.Holders[0].Since = since
		f.Must(n[0], "PUT", key, string(encode(r)), nil)
		want(t, ask(t, n[1], with(s, "state", "enabled")...), "granted=False", "waiting_for=['web1']")
		want(t, ask(t, n[0], with(s, "state", "disabled")...), "changed=True")
		want(t, ask(t, n[1], with(s, "state", "enabled")...), "granted=True")
		want(t, ask(t, n[1], with(s, "state", "disabled")...), "changed=True")
	}
}

// leaseLost: the session ends under a node that has the place and has not
// acted; it refuses, and another goes.
func leaseLost(t *testing.T, f *fixture) {
	n, s := f.arena(t, "lost")
	for _, step := range []string{"claimed", "acting", "acted"} {
		var tk *task
		tk = taskOf(t, n[0], func(at string) {
			if at == step {
				f.Must(f.Servers[0], "PUT", "/v1/session/destroy/"+tk.lease.id, nil, nil)
			}
		}, with(s, "state", "enabled")...)
		r, err := tk.do(t.Context())
		if err == nil {
			t.Fatalf("lost at %s, and went: %s", step, value.Repr(r.Dict()))
		}
		t.Logf("lost at %s: %v", step, err)
		if off := f.offline(t); len(off) > 0 {
			t.Fatalf("lost at %s: offline: %v", step, off)
		}
		want(t, ask(t, n[1], with(s, "state", "enabled", "wait", 30)...), "granted=True")
		want(t, ask(t, n[1], with(s, "state", "disabled")...), "changed=True")
	}
}

func agentStops(t *testing.T, f *fixture) {
	n, s := f.arena(t, "agent-stops")
	tk := taskOf(t, n[0], func(step string) {
		if step == "acting" {
			n[0].Freeze()
		}
	}, with(s, "state", "enabled")...)
	_, err := tk.do(t.Context())
	if err == nil || !strings.Contains(err.Error(), "did not answer") || !strings.Contains(err.Error(), "so the node does not go") {
		t.Errorf("error %v", err)
	}
	r := ask(t, n[1], with(s, "state", "enabled")...)
	want(t, r, "granted=False", "waiting_for=['web1']")
	n[0].Thaw()
	want(t, ask(t, n[1], with(s, "state", "enabled", "wait", 120)...), "granted=True")
	want(t, ask(t, n[1], with(s, "state", "disabled")...), "changed=True")
	consultest.Until(t, 60*time.Second, "everyone healthy", func() bool { return len(f.offline(t)) == 0 })
}

// agentStopsInAct: the agent is stopped with the request in its hands, and
// carries it out when it goes on, long after the module has given up. As long
// as it is stopped it counts as gone, after that as in maintenance.
func agentStopsInAct(t *testing.T, f *fixture) {
	n, s := f.arena(t, "agent-in-act")
	tk := taskOf(t, n[0], func(step string) {
		if step == "sending" {
			n[0].Freeze()
		}
	}, with(s, "state", "enabled")...)
	_, err := tk.do(t.Context())
	if err == nil {
		t.Fatal("the agent was stopped, and yet it was granted")
	}
	t.Log(err)
	want(t, ask(t, n[1], with(s, "state", "enabled", "wait", 20)...), "granted=False", "waiting_for=['web1']")
	n[0].Thaw()
	consultest.Until(t, 60*time.Second, "web1 in maintenance", func() bool {
		return strings.Contains(get(ask(t, n[1], with(s, "state", "enabled")...), "reason"), "web1 in maintenance")
	})
	// The request that was to undo it may have waited there too: then there is
	// nothing to resume, and the node goes anew.
	want(t, ask(t, n[0], with(s, "state", "enabled", "wait", 60)...), "granted=True")
	want(t, ask(t, n[0], with(s, "state", "disabled")...), "changed=True")
	want(t, ask(t, n[1], with(s, "state", "enabled", "wait", 30)...), "granted=True")
	want(t, ask(t, n[1], with(s, "state", "disabled")...), "changed=True")
}

func leaderKilled(t *testing.T, f *fixture) {
	n, s := f.arena(t, "leader")
	want(t, ask(t, n[0], with(s, "state", "enabled", "run", "x")...), "granted=True")
	var all sync.WaitGroup
	var waited *module.Result
	all.Go(func() { waited = ask(t, n[1], with(s, "state", "enabled", "wait", 180)...) })
	time.Sleep(time.Second)
	leader := f.Leader()
	f.Kill(leader)
	consultest.Until(t, 90*time.Second, "the holder back", func() bool {
		r := ask(t, n[0], with(s, "state", "disabled", "run", "x")...)
		return !r.Failed
	})
	all.Wait()
	want(t, waited, "granted=True")
	f.Run(leader)
	f.Ready()
	want(t, ask(t, n[1], with(s, "state", "disabled")...), "changed=True")
}

// partitioned: two of three servers are away for longer than the TTL, while
// one node is in maintenance and another has just taken nothing but its place.
func partitioned(t *testing.T, f *fixture) {
	n, s := f.arena(t, "partition")
	want(t, ask(t, n[0], with(s, "state", "enabled", "run", "x")...), "granted=True")
	freeze := func() {
		for _, server := range f.Servers[1:] {
			server.Freeze()
		}
	}
	thaw := func() {
		for _, server := range f.Servers[1:] {
			server.Thaw()
		}
		f.Ready()
	}
	freeze()
	r := ask(t, n[1], with(s, "state", "enabled")...)
	want(t, r, "failed=True", "granted=False")
	t.Log(get(r, "msg"))
	time.Sleep(15 * time.Second)
	thaw()
	want(t, ask(t, n[1], with(s, "state", "enabled", "wait", 20)...), "granted=False", "waiting_for=['web1']")
	want(t, ask(t, n[0], with(s, "state", "disabled", "run", "x", "wait_healthy", 60)...), "changed=True")
	tk := taskOf(t, n[0], func(step string) {
		if step == "claimed" {
			freeze()
		}
	}, with(s, "state", "enabled")...)
	if _, err := tk.do(t.Context()); err == nil {
		t.Error("went without the servers")
	} else {
		t.Log(err)
	}
	time.Sleep(12 * time.Second)
	thaw()
	want(t, ask(t, n[1], with(s, "state", "enabled", "wait", 120)...), "granted=True")
	want(t, ask(t, n[1], with(s, "state", "disabled")...), "changed=True")
}
