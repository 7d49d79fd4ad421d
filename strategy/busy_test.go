package strategy

import (
	"os"
	"path/filepath"
	"testing"
)

const busyPlay = `- hosts: all
  serial: ["40%"]
  vars: {me: "{{ inventory_hostname }}"}
  tasks:
    - {group_by: {key: "odd_{{ number | int % 2 }}"}}
    - {ping: {data: "{{ me }}"}, register: pong, notify: [each, "all {{ number | int % 3 }}"], changed_when: true}
    - {set_fact: {seen: "{{ ansible_play_hosts | length + group_names | length }}"}}
    - {add_host: {name: "new-{{ me }}", groups: fresh, ansible_connection: local}, run_once: true}
    - block:
        - {fail: {msg: "{{ me }}"}, when: number | int % 7 == 0}
        - {debug: {msg: "{{ hostvars[ansible_play_batch[0]].pong.ping }}"}}
      rescue:
        - {set_fact: {rescued: "{{ ansible_failed_result.msg }}"}}
      always:
        - {ping: , delegate_to: "{{ groups.all[0] }}", register: there}
    - {include_tasks: "{{ 'more' if number | int % 2 else 'other' }}.yml", loop: [1, 2]}
    - {fail: {msg: out}, when: number | int % 11 == 3}
    - {assert: {that: ["hostvars[me].pong.ping == me", vars.me == me], quiet: true}}
  handlers:
    - {name: each, ping: {}, changed_when: true, notify: later}
    - {name: "all 1", debug: {msg: one}, listen: "all 2"}
    - {name: all 0, debug: {msg: nought}, run_once: true}
    - {name: later, debug: {msg: "{{ seen }} {{ rescued | default('-') }}"}}
`

// TestBusyPlay runs many hosts at once through most of what hosts share: under
// the race detector it shows what is not guarded. The sums are those that the
// play has for each host alone.
func TestBusyPlay(t *testing.T) {
	const hosts = 60
	s := newSite(t, hosts, 20, busyPlay)
	for _, name := range []string{"more", "other"} {
		file := filepath.Join(filepath.Dir(s.book.Path), name+".yml")
		if err := os.WriteFile(file, []byte("- ping: {data: \"{{ item }} "+name+"\"}\n- debug: {msg: \"{{ me }}\"}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	status, err := s.run.Playbook(t.Context(), s.book)
	if err != nil {
		t.Fatal(err)
	}
	if status != StatusFailed {
		t.Errorf("status %d", status)
	}
	for i, host := range s.said.stats.Hosts {
		sums := s.said.stats.Sums[host]
		failed, rescued := 0, 0
		n := s.number(t, host)
		if n%11 == 3 {
			failed = 1
		}
		if n%7 == 0 {
			rescued = 1
		}
		if sums.Failed != failed || sums.Rescued != rescued || sums.Unreachable != 0 {
			t.Errorf("%d %s: %+v", i, host, sums)
		}
	}
	if len(s.said.stats.Hosts) != hosts {
		t.Errorf("%d hosts", len(s.said.stats.Hosts))
	}
	if fresh := s.run.Inventory.GroupHosts("fresh"); len(fresh) != 3 {
		t.Errorf("%d hosts were added, want one for each batch", len(fresh))
	}
}

// number is the variable of that name of a host: its place in the inventory.
func (s *site) number(t *testing.T, host string) int {
	t.Helper()
	for i, h := range s.run.Inventory.GroupHosts("web") {
		if h.Name == host {
			return i
		}
	}
	t.Fatalf("no host %s", host)
	return 0
}
