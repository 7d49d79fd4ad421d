package strategy

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/test"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/inventory"
	"github.com/churten/churten/parser/load"
	"github.com/churten/churten/parser/playbook"
	"github.com/churten/churten/strategy/vars"
)

// heard is a listener that keeps what tests look at.
type heard struct {
	results int
	stats   event.Stats
	failed  []string
}

func (h *heard) Hear(e event.Event) {
	switch e := e.(type) {
	case event.Result:
		if !e.Item {
			h.results++
		}
		if e.Status == event.Failed || e.Status == event.Unreachable {
			h.failed = append(h.failed, e.Host+": "+value.Repr(e.Value))
		}
	case event.Stats:
		h.stats = e
	}
}

// site is a playbook with all that a run over local hosts needs.
type site struct {
	run  *Run
	book *plan.Playbook
	said *heard
}

func newSite(tb testing.TB, hosts, forks int, text string) *site {
	tb.Helper()
	dir := tb.TempDir()
	var inv strings.Builder
	inv.WriteString("[all:vars]\nansible_connection=local\ncommon=everywhere\n[web]\n")
	for i := range hosts {
		fmt.Fprintf(&inv, "h%04d number=%d\n", i, i)
	}
	for name, content := range map[string]string{"hosts": inv.String(), "site.yml": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	env := &expr.Env{Filters: filter.All, Tests: test.All, Globals: expr.Globals()}
	content := load.New(nil, nil)
	opts := inventory.Options{Loader: content, PlaybookDir: dir}
	in, err := inventory.Load(tb.Context(), []string{filepath.Join(dir, "hosts")}, opts)
	if err != nil {
		tb.Fatal(err)
	}
	loader := playbook.New(playbook.Options{Load: content, Action: action, Code: isCode, Env: env})
	book, err := loader.Load(filepath.Join(dir, "site.yml"))
	if err != nil {
		tb.Fatal(err)
	}
	s := &site{book: book, said: &heard{}}
	s.run = &Run{Options: Options{Forks: forks, Gathering: "explicit", Tags: []string{"all"}}, Inventory: in, InventoryOptions: opts,
		Store:  vars.NewStore(env, in, vars.Options{InjectFacts: true}),
		Runner: &executor.Runner{Env: env, Find: find}, Loader: loader, Content: content, Listener: s.said,
		Hosts: &Pool{Local: agent.Options{Lookup: modules.Module}}}
	s.run.Start()
	tb.Cleanup(func() { s.run.Hosts.Close(tb.Context()) })
	return s
}

func (s *site) play(tb testing.TB) {
	tb.Helper()
	status, err := s.run.Playbook(tb.Context(), s.book)
	if err != nil {
		tb.Fatal(err)
	}
	if status != StatusOK || len(s.said.failed) > 0 {
		tb.Fatalf("status %d; %d failures: %v", status, len(s.said.failed), first(s.said.failed))
	}
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

const tenTasks = `- hosts: all
  vars: {greeting: "hello {{ inventory_hostname }}", limit: 2000}
  tasks:
    - {name: one, ping: }
    - {name: two, debug: {msg: "{{ greeting }} of {{ common }}"}}
    - {name: three, set_fact: {double: "{{ number | int * 2 }}"}, register: r}
    - {name: four, ping: {data: "{{ double }}"}, register: pong, when: number | int < limit}
    - {name: five, assert: {that: [pong.ping == double | string, r is succeeded], quiet: true}}
    - {name: six, ping: , when: number | int > limit}
    - {name: seven, debug: {var: pong.ping}}
    - {name: eight, ping: , changed_when: false, ignore_errors: true}
    - {name: nine, ping: {data: "{{ item }}"}, loop: [a, b]}
    - {name: "ten {{ limit }}", debug: {msg: x}}
`

// TestManyHosts: five hundred hosts, fifty at a time, with one result each for
// each task, and no more memory than the budget allows.
func TestManyHosts(t *testing.T) {
	const hosts = 500
	s := newSite(t, hosts, 50, tenTasks)
	before := heap()
	s.play(t)
	if s.said.results != hosts*10 || len(s.said.stats.Hosts) != hosts {
		t.Errorf("%d results of %d hosts", s.said.results, len(s.said.stats.Hosts))
	}
	if sums := s.said.stats.Sums["h0007"]; sums == nil || sums.OK != 9 || sums.Skipped != 1 {
		t.Errorf("h0007: %+v", sums)
	}
	if per := (heap() - before) / hosts; per > 64<<10 {
		t.Errorf("%d KiB are kept for each host", per>>10)
	}
}

// BenchmarkHostTask measures the controller's work for one task on one host:
// its CPU, modules of the in-process agent included, and what is kept.
func BenchmarkHostTask(b *testing.B) {
	const hosts = 1000
	var cpu time.Duration
	var kept int64
	for b.Loop() {
		b.StopTimer()
		s := newSite(b, hosts, 50, tenTasks)
		before, was := heap(), used()
		b.StartTimer()
		s.play(b)
		b.StopTimer()
		cpu += used() - was
		kept += heap() - before
		b.StartTimer()
	}
	b.ReportMetric(float64(cpu.Microseconds())/float64(b.N*hosts*10), "cpu-µs/host-task")
	b.ReportMetric(float64(kept)/float64(b.N*hosts)/1024, "KiB/host")
}

// heap gives the bytes in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// used gives the CPU time of this process.
func used() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
