package strategy

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// crowdPlay is fifty tasks, as plays are made of them: some that only the
// controller sees to, some that are skipped, loops, modules.
func crowdPlay() string {
	var b strings.Builder
	b.WriteString("- hosts: all\n  vars: {greeting: \"hello {{ inventory_hostname }}\", limit: 2000}\n  tasks:\n")
	for i := range 10 {
		fmt.Fprintf(&b, `    - {name: "fact %[1]d", set_fact: {f%[1]d: "{{ number | int + %[1]d }}"}}
    - {name: "said %[1]d", debug: {msg: "{{ greeting }} {{ f%[1]d }}"}}
    - {name: "left out %[1]d", ping: , when: number | int > limit}
    - {name: "called %[1]d", ping: {data: "{{ f%[1]d }}"}, register: r%[1]d}
    - {name: "true %[1]d", assert: {that: [r%[1]d.ping == f%[1]d | string], quiet: true}}
`, i)
	}
	return b.String()
}

// TestCrowd: a thousand hosts, fifty tasks each: nothing is left of the run,
// and memory and CPU are within the budget of 1 MiB for each host and 100 µs for
// each task on it.
func TestCrowd(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand hosts")
	}
	const hosts, tasks = 1000, 50
	s := newSite(t, hosts, 50, crowdPlay())
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	before, was := heap(), used()
	stop, highest := make(chan struct{}), make(chan uint64)
	go func() { // the most that is in use at any time
		var most uint64
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse+m.StackInuse)
			case <-stop:
				tick.Stop()
				highest <- most
				return
			}
		}
	}()
	s.play(t)
	cpu := used() - was
	close(stop)
	most := <-highest
	kept := heap() - before
	t.Logf("%v of CPU for each task on a host; %d KiB kept for each host, %d KiB at the most", cpu/(hosts*tasks), kept/hosts>>10, most/hosts>>10)
	if s.said.results != hosts*tasks {
		t.Errorf("%d results", s.said.results)
	}
	if sums := s.said.stats.Sums["h0007"]; sums == nil || sums.OK != 40 || sums.Skipped != 10 {
		t.Errorf("h0007: %+v", sums)
	}
	if raceDetector {
		return // everything takes a multiple
	}
	if per := cpu / (hosts * tasks); per > 100*time.Microsecond {
		t.Errorf("%v of CPU for each task on a host", per)
	}
	if per := most / hosts; per > 1<<20 {
		t.Errorf("%d KiB in use for each host", per>>10)
	}
	if err := s.run.Hosts.Close(t.Context()); err != nil {
		t.Error(err)
	}
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines+1 || openFiles(t) > files; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("left: %d goroutines, %d were; %d open files, %d were\n%s", runtime.NumGoroutine(), goroutines, openFiles(t), files, buf[:runtime.Stack(buf, true)])
		}
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(entries)
}
