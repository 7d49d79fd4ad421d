package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// fifty are hosts of one sshd: h1 is the slow one.
func fifty(s *site) *host {
	h := s.newHost("h1", "MaxStartups 100")
	var more strings.Builder
	for i := 2; i <= 50; i++ {
		fmt.Fprintf(&more, "h%d ansible_host=%s dir=%s\n", i, h.addr, h.dir)
	}
	s.more = more.String()
	return h
}

// TestSlowHost: one of fifty hosts takes its time. Under linear all wait for it,
// under free nobody does.
func TestSlowHost(t *testing.T) {
	for _, strategy := range []string{"linear", "free"} {
		t.Run(strategy, func(t *testing.T) {
			t.Parallel()
			outcome := "each task waits for it, all end"
			if strategy == "free" {
				outcome = "the others are through before it has done its first task"
			}
			proves(t, "Hosts", "one slow host among fifty, strategy "+strategy, outcome)
			takesLong(t)
			s := newSite(t)
			h := fifty(s)
			r := s.play(2*time.Minute, `- hosts: all
  gather_facts: false
  strategy: `+strategy+`
  tasks:
    - shell: "{{ 'sleep 8; ' if inventory_hostname == 'h1' }}echo {{ inventory_hostname }} >> {{ dir }}/first"
    - shell: echo {{ inventory_hostname }} >> {{ dir }}/second
    - shell: echo {{ inventory_hostname }} >> {{ dir }}/third
`, "-f", "50")
			r.wants(0)
			first, third := strings.Fields(h.file("first")), strings.Fields(h.file("third"))
			if len(first) != 50 || len(third) != 50 || first[49] != "h1" {
				t.Fatalf("%d and %d of fifty; last was %s", len(first), len(third), first[len(first)-1])
			}
			if strategy == "free" && third[49] != "h1" {
				t.Errorf("%s was through after h1", third[49])
			}
			h.bare(10 * time.Second)
		})
	}
}

// TestHanging: a host that never ends its work, and the keyword that helps.
func TestHanging(t *testing.T) {
	t.Parallel()
	proves(t, "Hosts", "a task that hangs, with `timeout`", "it fails after that time in the reference's words, its processes are ended; others go on")
	s := newSite(t)
	h, other := s.newHost("h1"), s.newHost("h2")
	r := s.play(time.Minute, onHost+`    - shell: "{{ 'touch ' ~ dir ~ '/begun; sleep 600' if inventory_hostname == 'h1' else 'true' }}"
      timeout: 3
    - ping:
`)
	r.wants(2, "Timed out after 3 second(s).")
	r.recap("h1: ok=0 failed=1")
	r.recap("h2: ok=2 failed=0")
	h.bare(10 * time.Second)
	other.bare(10 * time.Second)
}
