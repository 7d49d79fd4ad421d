package consulmaintmode

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/consul/consultest"
	"github.com/churten/churten/modules/kit/module"
)

// ask runs the module on a node; pairs are arguments and their values.
func ask(t testing.TB, n *consultest.Node, pairs ...any) *module.Result {
	t.Helper()
	return module.Run(t.Context(), &Module, argsOf(pairs...), callOf(n))
}

func callOf(n *consultest.Node) *module.Call {
	return &module.Call{As: "consul_maintmode", Env: []string{"CONSUL_HTTP_ADDR=" + n.URL()}}
}

func argsOf(pairs ...any) *value.Dict {
	d := value.NewDict(len(pairs) / 2)
	for i := 0; i < len(pairs); i += 2 {
		text, err := json.Marshal(pairs[i+1])
		if err != nil {
			panic(err)
		}
		v, err := value.ParseJSON(string(text))
		if err != nil {
			panic(err)
		}
		d.SetStr(pairs[i].(string), v)
	}
	return d
}

func get(r *module.Result, key string) string {
	v, ok := r.Dict().GetStr(key)
	if !ok {
		return ""
	}
	return value.Text(v)
}

// want checks parts of a result: "key=value" and, with ~, that it is part of it.
func want(t testing.TB, r *module.Result, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if key, part, ok := strings.Cut(w, "~"); ok && !strings.Contains(key, "=") {
			if !strings.Contains(get(r, key), part) {
				t.Fatalf("%s does not have %q: %s", key, part, value.Repr(r.Dict()))
			}
			continue
		}
		key, v, _ := strings.Cut(w, "=")
		if get(r, key) != v {
			t.Fatalf("%s is %q, not %q: %s", key, get(r, key), v, value.Repr(r.Dict()))
		}
	}
}

// taskOf is a call that tests can stop at its steps.
func taskOf(t testing.TB, n *consultest.Node, at func(string), pairs ...any) *task {
	t.Helper()
	c := callOf(n)
	c.Module = &Module
	checked, err := module.Check(&Module.Spec, "consul_maintmode", argsOf(pairs...), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Args = checked.Args
	tk, err := newTask(c)
	if err != nil {
		t.Fatal(err)
	}
	tk.at = at
	return tk
}

// fixture is a cluster with a service of its own on each node.
type fixture struct {
	*consultest.Cluster
	service string
}

func (f *fixture) on(t *testing.T, nodes int, name string) []*consultest.Node {
	f.service = name
	for _, n := range f.Agents[:nodes] {
		f.Register(n, name, nil)
	}
	t.Cleanup(func() {
		for _, n := range f.Agents[:nodes] {
			_ = f.Do(n, "PUT", "/v1/agent/service/deregister/"+name+"-"+n.Name, nil, nil)
		}
	})
	return f.Agents[:nodes]
}

// offline counts a service's instances in the catalogue that are critical.
func (f *fixture) offline(t testing.TB) (off []string) {
	t.Helper()
	var entries []struct {
		Node   struct{ Node string }
		Checks []struct{ Status string }
	}
	f.Must(f.Servers[0], "GET", "/v1/health/service/"+f.service+"?consistent", nil, &entries)
	for _, e := range entries {
		for _, c := range e.Checks {
			if c.Status == "critical" {
				off = append(off, e.Node.Node)
				break
			}
		}
	}
	slices.Sort(off)
	return off
}

// TestGate is every row of what the module promises, on three servers and
// twelve agents.
func TestGate(t *testing.T) {
	t.Parallel()
	f := &fixture{Cluster: consultest.Start(t, consultest.Options{Servers: 3, Agents: 12})}
	for _, c := range []struct {
		name string
		run  func(*testing.T, *fixture)
	}{
		{"grant and return", grantAndReturn},
		{"limits", limitsApply},
		{"several services", severalServices},
		{"node maintenance", nodeMaintenance},
		{"operator", operatorsMaintenance},
		{"resume", resumes},
		{"stop and break-glass", stopAndGlass},
		{"lower limit", lowerLimit},
		{"tags", tagsCount},
		{"return to health", returnToHealth},
		{"queue", queueIsFair},
		{"external", externalNode},
		{"check mode", checkMode},
		{"errors", errorsAreClear},
		{"race", raceRounds},
		{"naive race", naiveRace},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, f) })
	}
}

func grantAndReturn(t *testing.T, f *fixture) {
	n := f.on(t, 3, "grant")
	one := ask(t, n[0], "state", "enabled", "services", []string{"grant"}, "reason", "test", "run", "r1")
	want(t, one, "granted=True", "changed=True", "offline=0", "healthy=2", "limit=1", "waiting_for=[]", "reason~none of 3 offline", "mode=service")
	if off := f.offline(t); !slices.Equal(off, []string{"web1"}) {
		t.Fatalf("offline: %v", off)
	}
	want(t, ask(t, n[0], "state", "enabled", "services", []string{"grant"}, "run", "r1"), "granted=True", "changed=False", "fence="+get(one, "fence"))
	two := ask(t, n[1], "state", "enabled", "services", []string{"grant"})
	want(t, two, "granted=False", "changed=False", "reason~web1 in maintenance", "waiting_for=['web1']", "offline=1", "healthy=1")
	if two.Failed {
		t.Fatal("a refusal is no failure")
	}
	want(t, ask(t, n[1], "state", "enabled", "services", []string{"grant"}, "required", true), "failed=True", "msg~not granted: grant: 1 of 3 offline", "granted=False")
	want(t, ask(t, n[0], "state", "status", "services", []string{"grant"}, "fence", get(one, "fence")), "granted=True", "maintenance=True", "fence="+get(one, "fence"), "reason~r1")
	want(t, ask(t, n[0], "state", "disabled", "services", []string{"grant"}, "fence", 1), "failed=True", "msg~fence 1 is out of date")
	want(t, ask(t, n[0], "state", "disabled", "services", []string{"grant"}, "run", "other"), "failed=True", "msg~offline for run r1, not for other")
	want(t, ask(t, n[0], "state", "disabled", "services", []string{"grant"}, "fence", get(one, "fence"), "wait_healthy", 20), "changed=True", "reason~in service")
	want(t, ask(t, n[0], "state", "disabled", "services", []string{"grant"}), "changed=False", "reason~was not offline")
	want(t, ask(t, n[0], "state", "status", "services", []string{"grant"}, "fence", get(one, "fence")), "failed=True", "msg~holds no place any more")
	if off := f.offline(t); len(off) > 0 {
		t.Fatalf("offline: %v", off)
	}
	want(t, ask(t, n[1], "state", "enabled", "services", []string{"grant"}), "granted=True")
	want(t, ask(t, n[1], "state", "disabled"), "changed=True")
}

func limitsApply(t *testing.T, f *fixture) {
	n := f.on(t, 5, "limits")
	s := []any{"services", []string{"limits"}}
	go_ := func(i int, more ...any) *module.Result {
		return ask(t, n[i], append(append([]any{"state", "enabled"}, s...), more...)...)
	}
	want(t, go_(0, "max_offline", "50%"), "granted=True", "limit=2")
	want(t, go_(1, "max_offline", "50%", "min_healthy", 4), "granted=False", "reason~3 would stay healthy, and 4 are needed")
	want(t, go_(1, "max_offline", "50%", "expected", 8), "granted=False", "reason~missing")
	want(t, go_(1, "max_offline", "10%", "strict", true), "granted=False", "limit=0")
	want(t, go_(1, "max_offline", "50%", "min_healthy", 3), "granted=True")
	want(t, go_(2, "max_offline", "50%"), "granted=False", "waiting_for=['web1', 'web2']")
	want(t, go_(2, "max_offline", "50 pct"), "failed=True", "msg~max_offline is \"50 pct\"")
	f.Must(n[3], "PUT", "/v1/agent/check/register", map[string]any{"Name": "ill", "ID": "ill", "TTL": "1h", "Status": "warning"}, nil)
	t.Cleanup(func() { _ = f.Do(n[3], "PUT", "/v1/agent/check/deregister/ill", nil, nil) })
	consultest.Until(t, 10*time.Second, "the warning in the catalogue", func() bool {
		return get(go_(2, "max_offline", 3, "count_warning", true), "reason") == "limits: 3 of 5 offline (web1 in maintenance, web2 in maintenance, web4 warning), 2 may be (the lower limit of web1)"
	})
	f.Must(n[3], "PUT", "/v1/agent/check/fail/ill", nil, nil)
	consultest.Until(t, 10*time.Second, "the failure in the catalogue", func() bool { return len(f.offline(t)) == 3 })
	want(t, go_(3, "max_offline", "100%", "if_unhealthy", "deny"), "granted=False", "reason~this node is unhealthy itself")
	for i := range 2 {
		want(t, ask(t, n[i], "state", "disabled", "services", []string{"limits"}), "changed=True")
	}
	want(t, go_(3, "max_offline", 1), "granted=True")
	want(t, ask(t, n[3], "state", "disabled", "services", []string{"limits"}, "wait_healthy", 1), "failed=True", "msg~ill is critical")
}

func severalServices(t *testing.T, f *fixture) {
	n := f.on(t, 3, "several-a")
	f.on(t, 2, "several-b")
	all := []any{"several-b", map[string]any{"name": "several-a", "max_offline": 2}}
	want(t, ask(t, n[2], "state", "enabled", "services", []string{"several-a"}, "max_offline", 2), "granted=True")
	want(t, ask(t, n[0], "state", "enabled", "services", all), "granted=True")
	// All or none: b is full, so a is not taken either.
	r := ask(t, n[1], "state", "enabled", "services", []any{"several-b", map[string]any{"name": "several-a", "max_offline": 9}})
	want(t, r, "granted=False", "reason~several-")
	f.service = "several-a"
	if off := f.offline(t); !slices.Equal(off, []string{"web1", "web3"}) {
		t.Fatalf("offline: %v", off)
	}
	want(t, ask(t, n[2], "state", "disabled", "services", []string{"several-a"}), "changed=True")
	r = ask(t, n[1], "state", "enabled", "services", []any{"several-b", map[string]any{"name": "several-a", "max_offline": 9}})
	want(t, r, "granted=False", "reason~several-b: 1 of 2 offline")
	want(t, ask(t, n[0], "state", "disabled"), "changed=True")
}

func nodeMaintenance(t *testing.T, f *fixture) {
	n := f.on(t, 2, "whole")
	want(t, ask(t, n[0], "state", "enabled", "reason", "kernel", "run", "n1"), "granted=True", "mode=node")
	var checks map[string]struct{ Notes string }
	f.Must(n[0], "GET", "/v1/agent/checks", nil, &checks)
	if notes := checks["_node_maintenance"].Notes; !strings.Contains(notes, "run n1: kernel") {
		t.Fatalf("notes %q", notes)
	}
	want(t, ask(t, n[1], "state", "enabled"), "granted=False")
	want(t, ask(t, n[0], "state", "disabled", "run", "n1"), "changed=True")
}

func operatorsMaintenance(t *testing.T, f *fixture) {
	n := f.on(t, 2, "operator")
	f.Must(n[0], "PUT", "/v1/agent/service/maintenance/operator-web1?enable=true&reason=mine", nil, nil)
	consultest.Until(t, 10*time.Second, "the operator's maintenance", func() bool { return len(f.offline(t)) == 1 })
	s := []string{"operator"}
	want(t, ask(t, n[1], "state", "enabled", "services", s), "granted=False")
	r := ask(t, n[0], "state", "enabled", "services", s)
	want(t, r, "granted=True", "changed=False", "warnings~did not begin")
	want(t, ask(t, n[0], "state", "disabled", "services", s), "maintenance=True", "warnings~force ends it")
	if off := f.offline(t); len(off) != 1 {
		t.Fatalf("the operator's maintenance has ended: %v", off)
	}
	want(t, ask(t, n[0], "state", "disabled", "services", s, "force", true), "changed=True", "maintenance=False")
	if off := f.offline(t); len(off) != 0 {
		t.Fatalf("offline: %v", off)
	}
}

func resumes(t *testing.T, f *fixture) {
	n := f.on(t, 2, "resume")
	s := []string{"resume"}
	first := ask(t, n[0], "state", "enabled", "services", s, "run", "first")
	want(t, first, "granted=True")
	want(t, ask(t, n[0], "state", "enabled", "services", s, "run", "second", "if_held", "refuse"), "granted=False", "reason~offline already, for first")
	second := ask(t, n[0], "state", "enabled", "services", s, "run", "second")
	want(t, second, "granted=True", "resumed=True", "changed=False")
	if get(first, "fence") == get(second, "fence") {
		t.Fatal("the fence has not moved")
	}
	want(t, ask(t, n[0], "state", "disabled", "services", s, "fence", get(first, "fence")), "failed=True", "msg~is now that of second")
	want(t, ask(t, n[0], "state", "status", "services", s, "fence", get(first, "fence")), "failed=True")
	want(t, ask(t, n[0], "state", "disabled", "services", s, "fence", get(second, "fence")), "changed=True")
	// A maintenance that an operator ends frees the place.
	want(t, ask(t, n[0], "state", "enabled", "services", s), "granted=True")
	f.Must(n[0], "PUT", "/v1/agent/service/maintenance/resume-web1?enable=false", nil, nil)
	consultest.Until(t, 10*time.Second, "the end of the maintenance", func() bool { return len(f.offline(t)) == 0 })
	want(t, ask(t, n[1], "state", "enabled", "services", s), "granted=True")
	want(t, ask(t, n[0], "state", "enabled", "services", s), "granted=False", "waiting_for=['web2']")
	want(t, ask(t, n[1], "state", "disabled", "services", s), "changed=True")
}

func stopAndGlass(t *testing.T, f *fixture) {
	n := f.on(t, 3, "stop")
	s := []string{"stop"}
	f.Must(f.Servers[0], "PUT", "/v1/kv/churten/maintmode/stop", "incident 42", nil)
	t.Cleanup(func() { f.Must(f.Servers[0], "DELETE", "/v1/kv/churten/maintmode/stop", nil, nil) })
	want(t, ask(t, n[0], "state", "enabled", "services", s), "granted=False", "reason~incident 42")
	want(t, ask(t, n[0], "state", "enabled", "services", s, "break_glass", "  "), "failed=True", "msg~has to say why")
	want(t, ask(t, n[0], "state", "enabled", "services", s, "break_glass", "fire"), "granted=True", "break_glass=fire", "reason~break-glass, although", "warnings~fire")
	f.Must(f.Servers[0], "DELETE", "/v1/kv/churten/maintmode/stop", nil, nil)
	want(t, ask(t, n[1], "state", "enabled", "services", s), "granted=False")
	want(t, ask(t, n[1], "state", "enabled", "services", s, "break_glass", "flood"), "granted=True", "reason~1 of 3 offline")
	var kv []struct{ Value []byte }
	f.Must(f.Servers[0], "GET", "/v1/kv/churten/maintmode/service/stop/record", nil, &kv)
	if text := string(kv[0].Value); !strings.Contains(text, `"break_glass":"fire"`) || !strings.Contains(text, `"break_glass":"flood"`) {
		t.Fatal(text)
	}
	for i := range 2 {
		want(t, ask(t, n[i], "state", "disabled", "services", s), "changed=True")
	}
	// Who waits is told when the key goes.
	f.Must(f.Servers[0], "PUT", "/v1/kv/churten/maintmode/stop", "again", nil)
	var all sync.WaitGroup
	var waited *module.Result
	all.Go(func() { waited = ask(t, n[2], "state", "enabled", "services", s, "wait", 120) })
	consultest.Until(t, 20*time.Second, "a ticket in the queue", func() bool {
		return get(ask(t, n[0], "state", "status", "services", s), "queue") == "['web3']"
	})
	f.Must(f.Servers[0], "DELETE", "/v1/kv/churten/maintmode/stop", nil, nil)
	all.Wait()
	want(t, waited, "granted=True")
	want(t, ask(t, n[2], "state", "disabled", "services", s), "changed=True")
}

func lowerLimit(t *testing.T, f *fixture) {
	n := f.on(t, 4, "lower")
	s := []string{"lower"}
	want(t, ask(t, n[0], "state", "enabled", "services", s, "max_offline", 1), "granted=True")
	want(t, ask(t, n[1], "state", "enabled", "services", s, "max_offline", 3), "granted=False", "limit=1", "reason~the lower limit of web1")
	want(t, ask(t, n[0], "state", "disabled", "services", s), "changed=True")
	want(t, ask(t, n[0], "state", "enabled", "services", s, "max_offline", 3), "granted=True")
	want(t, ask(t, n[1], "state", "enabled", "services", s, "max_offline", 1), "granted=False", "limit=1")
	want(t, ask(t, n[1], "state", "enabled", "services", s, "max_offline", 2), "granted=True")
	for i := range 2 {
		want(t, ask(t, n[i], "state", "disabled", "services", s), "changed=True")
	}
}

func tagsCount(t *testing.T, f *fixture) {
	for i, tag := range []string{"blue", "blue", "green"} {
		f.Register(f.Agents[i], "tagged", map[string]any{"Tags": []string{tag}})
		t.Cleanup(func() {
			_ = f.Do(f.Agents[i], "PUT", "/v1/agent/service/deregister/tagged-"+f.Agents[i].Name, nil, nil)
		})
	}
	blue, green := map[string]any{"name": "tagged", "tags": []string{"blue"}}, map[string]any{"name": "tagged", "tags": []string{"green"}}
	want(t, ask(t, f.Agents[0], "state", "enabled", "services", []any{blue}), "granted=True", "healthy=1")
	want(t, ask(t, f.Agents[1], "state", "enabled", "services", []any{blue}), "granted=False")
	want(t, ask(t, f.Agents[1], "state", "enabled", "services", []any{green}), "failed=True", "msg~tagged with the tags green is not registered on node web2")
	want(t, ask(t, f.Agents[0], "state", "disabled", "services", []any{blue}), "changed=True")
}

func returnToHealth(t *testing.T, f *fixture) {
	n := f.on(t, 2, "health")
	s := []string{"health"}
	f.Must(n[0], "PUT", "/v1/agent/check/register", map[string]any{"Name": "up", "ID": "up", "ServiceID": "health-web1", "TTL": "1h", "Status": "passing"}, nil)
	want(t, ask(t, n[0], "state", "enabled", "services", s), "granted=True")
	f.Must(n[0], "PUT", "/v1/agent/check/fail/up?note=starting", nil, nil)
	want(t, ask(t, n[0], "state", "disabled", "services", s, "wait_healthy", 1), "failed=True", "msg~up is critical (starting)")
	// The place is not free for others: the node counts by its check.
	want(t, ask(t, n[1], "state", "enabled", "services", s), "granted=False", "waiting_for=['web1']")
	var all sync.WaitGroup
	all.Go(func() {
		time.Sleep(700 * time.Millisecond)
		_ = f.Do(n[0], "PUT", "/v1/agent/check/pass/up", nil, nil)
	})
	// A second try goes on where the first has failed.
	want(t, ask(t, n[0], "state", "disabled", "services", s, "wait_healthy", 30, "min_healthy_time", 1, "release_delay", 1), "changed=True")
	all.Wait()
	want(t, ask(t, n[0], "state", "enabled", "services", s), "granted=True")
	f.Must(n[0], "PUT", "/v1/agent/check/fail/up", nil, nil)
	all.Go(func() {
		time.Sleep(700 * time.Millisecond)
		_ = f.Do(n[0], "PUT", "/v1/agent/check/pass/up", nil, nil)
	})
	begun := time.Now()
	want(t, ask(t, n[0], "state", "disabled", "services", s, "wait_healthy", 30, "min_healthy_time", 1, "release_delay", 1), "changed=True")
	all.Wait()
	if d := time.Since(begun); d < 2500*time.Millisecond {
		t.Fatalf("back after %s", d)
	}
}

func queueIsFair(t *testing.T, f *fixture) {
	n := f.on(t, 5, "queue")
	s := []string{"queue"}
	want(t, ask(t, n[0], "state", "enabled", "services", s), "granted=True")
	var mu sync.Mutex
	var order []string
	var all sync.WaitGroup
	for i := 1; i < 5; i++ {
		all.Go(func() {
			r := ask(t, n[i], "state", "enabled", "services", s, "wait", 120)
			mu.Lock()
			order = append(order, n[i].Name+get(r, "granted"))
			mu.Unlock()
			if r := ask(t, n[i], "state", "disabled", "services", s); r.Failed {
				t.Error(value.Repr(r.Dict()))
			}
		})
		consultest.Until(t, 20*time.Second, "a ticket in the queue", func() bool {
			return strings.Contains(get(ask(t, n[0], "state", "status", "services", s), "queue"), n[i].Name)
		})
	}
	// One who does not wait does not go before those who do.
	want(t, ask(t, n[0], "state", "disabled", "services", s), "changed=True")
	all.Wait()
	if got := fmt.Sprint(order); got != "[web2True web3True web4True web5True]" {
		t.Errorf("order %s", got)
	}
	begun := time.Now()
	want(t, ask(t, n[0], "state", "enabled", "services", s), "granted=True")
	r := ask(t, n[1], "state", "enabled", "services", s, "wait", 2)
	want(t, r, "granted=False", "waiting_for=['web1']")
	if d := time.Since(begun); d < 2*time.Second {
		t.Errorf("waited %s", d)
	}
	want(t, ask(t, n[0], "state", "status", "services", s), "queue=[]")
	want(t, ask(t, n[0], "state", "disabled", "services", s), "changed=True")
}

func externalNode(t *testing.T, f *fixture) {
	for _, name := range []string{"ext1", "ext2"} {
		f.Must(f.Servers[0], "PUT", "/v1/catalog/register", map[string]any{"Node": name, "Address": "192.0.2.1", "Service": map[string]any{"Service": "external", "ID": "external-" + name}}, nil)
		t.Cleanup(func() {
			_ = f.Do(f.Servers[0], "PUT", "/v1/catalog/deregister", map[string]any{"Node": name}, nil)
		})
	}
	s := []string{"external"}
	want(t, ask(t, f.Servers[0], "state", "enabled", "services", s, "node", "ext1"), "granted=True", "node=ext1")
	f.service = "external"
	if off := f.offline(t); !slices.Equal(off, []string{"ext1"}) {
		t.Fatalf("offline: %v", off)
	}
	want(t, ask(t, f.Servers[1], "state", "enabled", "services", s, "node", "ext2"), "granted=False")
	want(t, ask(t, f.Servers[0], "state", "enabled", "services", s, "node", "web1"), "failed=True", "msg~has an agent of its own")
	want(t, ask(t, f.Servers[0], "state", "enabled", "services", s, "node", "none"), "failed=True", "msg~not in consul's catalogue")
	want(t, ask(t, f.Servers[0], "state", "disabled", "services", s, "node", "ext1", "wait_healthy", 5), "changed=True")
	if off := f.offline(t); len(off) > 0 {
		t.Fatalf("offline: %v", off)
	}
}

func checkMode(t *testing.T, f *fixture) {
	n := f.on(t, 2, "check")
	c := callOf(n[0])
	c.Check = true
	r := module.Run(context.Background(), &Module, argsOf("state", "enabled", "services", []string{"check"}), c)
	want(t, r, "granted=True", "changed=True")
	if off := f.offline(t); len(off) > 0 {
		t.Fatalf("offline: %v", off)
	}
	var kv []any
	f.Must(f.Servers[0], "GET", "/v1/kv/churten/maintmode/service/check/?recurse", nil, &kv)
	if len(kv) > 0 {
		t.Fatalf("check mode has written: %v", kv)
	}
}

func errorsAreClear(t *testing.T, f *fixture) {
	n := f.on(t, 1, "errors")
	s := []string{"errors"}
	want(t, ask(t, n[0], "state", "enabled", "services", []string{"nosuch"}), "failed=True", "granted=False", "msg~service nosuch is not registered on node web1")
	want(t, ask(t, n[0], "state", "enabled", "services", s, "consul_addr", "127.0.0.1:1"), "failed=True", "msg~connection refused")
	want(t, ask(t, n[0], "state", "enabled", "services", s, "consul_addr", "unix:///nonexistent.sock"), "failed=True", "msg~no such socket")
	want(t, ask(t, n[0], "state", "enabled", "services", s, "consul_addr", "ftp://x"), "failed=True", "msg~consul's address")
	want(t, ask(t, n[0], "state", "enabled", "services", s, "consul_addr", strings.Replace(n[0].URL(), "http", "https", 1)), "failed=True", "msg~does not speak TLS")
	want(t, ask(t, n[0], "state", "enabled", "services", s, "datacenter", "mars"), "failed=True", "msg~knows no such datacenter")
	want(t, ask(t, n[0], "state", "enabled", "services", s, "namespace", "team"), "failed=True", "msg~no namespaces")
	want(t, ask(t, n[0], "state", "enabled", "services", s, "session_ttl", 5), "failed=True", "msg~session_ttl")
	r := ask(t, n[0], "state", "enabled", "services", s, "token_file", "/nonexistent")
	want(t, r, "failed=True", "msg~the file of consul's token")
}
