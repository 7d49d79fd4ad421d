package faults

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAgentKilled: the agent is killed in the middle of work.
func TestAgentKilled(t *testing.T) {
	for _, w := range works {
		if w.name == "async" || w.name == "become" {
			continue // below
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			proves(t, "Agents", "agent killed (-9) during: "+w.name, "the host is unreachable and says why, others go on; what the agent had started ends too")
			if w.name != "command" && w.name != "upload" {
				takesLong(t)
			}
			s, h, _, playbook := busy(t, w.name)
			slowly(s, h, w.name)
			r := s.start(strings.ReplaceAll(playbook, "sleep 3", "sleep 600"))
			begins(t, h, w.name, w.begun)
			h.kill(h.agent())
			r.wait(time.Minute)
			r.wants(4, `fatal: [h1]: UNREACHABLE! => {`, `"msg": "Task failed: the agent on the host ended (killed by signal KILL)", "unreachable": true}`)
			r.recap("h1: ok=1 unreachable=1 failed=0")
			r.recap("h2: ok=3 unreachable=0 failed=0")
			h.bare(10 * time.Second)
			if w.name == "upload" {
				if exists(filepath.Join(h.dir, "big")) {
					t.Error("there is a file that was not sent to its end")
				}
				nothingBeside(t, filepath.Join(h.dir, "big"))
				s.play(time.Minute, playbook).wants(0)
				if sum(t, filepath.Join(s.dir, "big")) != sum(t, filepath.Join(h.dir, "big")) {
					t.Error("what arrived is not what was sent")
				}
			}
		})
	}
}

// TestAgentKilledBetween: the agent is killed while its host has nothing to do.
func TestAgentKilledBetween(t *testing.T) {
	t.Parallel()
	proves(t, "Agents", "agent killed (-9) between two tasks", "the next task starts another one")
	s := newSite(t)
	h := s.newHost("h1")
	r := s.start(`- hosts: all
  gather_facts: false
  tasks:
    - shell: touch {{ dir }}/begun
    - wait_for: {path: "{{ dir }}/go"}
      delegate_to: localhost
      vars: {ansible_connection: local}
    - shell: echo x >> {{ dir }}/count
`)
	h.appears("begun")
	h.eventually(func() bool { return strings.Contains(r.out.String(), "TASK [wait_for]") }, func() string { return "the task does not end" })
	h.kill(h.agent())
	h.sh("touch " + h.dir + "/go")
	r.wait(time.Minute)
	r.wants(0)
	r.recap("h1: ok=3 unreachable=0 failed=0")
	counted(1)(t, s, h)
	h.bare(10 * time.Second)
}

// TestAgentKilledJob: jobs are no children of the agent.
func TestAgentKilledJob(t *testing.T) {
	t.Parallel()
	proves(t, "Agents", "agent killed (-9) while a job (async, poll 0) runs", "the job goes on; the next task, on a new agent, asks about it")
	s := newSite(t)
	h := s.newHost("h1")
	r := s.start(`- hosts: all
  gather_facts: false
  tasks:
    - shell: "echo x >> {{ dir }}/count; touch {{ dir }}/begun; sleep 3; echo x >> {{ dir }}/count"
      async: 60
      poll: 0
      register: job
    - wait_for: {path: "{{ dir }}/go"}
      delegate_to: localhost
      vars: {ansible_connection: local}
    - async_status: {jid: "{{ job.ansible_job_id }}"}
      register: end
      until: end is finished
      delay: 1
      retries: 20
`)
	h.appears("begun")
	r.says("changed: [h1]")
	h.kill(h.agent())
	h.sh("touch " + h.dir + "/go")
	r.wait(time.Minute)
	r.wants(0)
	r.recap("h1: ok=3 unreachable=0 failed=0")
	counted(2)(t, s, h)
	h.bare(10 * time.Second)
}

// TestChildKilled: the agent of another user is killed.
func TestChildKilled(t *testing.T) {
	t.Parallel()
	proves(t, "Agents", "agent of become's user killed (-9) during a command", "that task fails and says why; the next one starts another; nothing is left")
	s, h, _, playbook := busy(t, "become")
	playbook = strings.Replace(playbook, "      when:", "      ignore_errors: true\n      when:", 1)
	r := s.start(strings.ReplaceAll(playbook, "sleep 3", "sleep 600") + `    - command: id -un
      become: true
      become_method: su
      become_flags: "-s /bin/sh"
      become_user: nobody
      register: again
    - assert: {that: again.stdout == 'nobody'}
`)
	begins(t, h, "become", "begun")
	h.kill(h.find("__agent child")...)
	r.wait(time.Minute)
	r.wants(0, `fatal: [h1]: FAILED! => {"changed": false, "msg": "Task failed: the agent behind su ended (killed by signal KILL)`)
	r.recap("h1: ok=6 unreachable=0 failed=0 ignored=1")
	h.bare(10 * time.Second)
}

// TestGroupsChanged: a command puts the user that tasks become into a group.
func TestGroupsChanged(t *testing.T) {
	t.Parallel()
	proves(t, "Agents", "a command puts become's user into a group during a play", "the agent of that user ends, the next task has the groups of then; a change that is not the user's ends none")
	s := newSite(t)
	h := s.newHost("h1")
	h.sh("cp /etc/group /run/group; mount --bind /run/group /etc/group")
	s.play(time.Minute, `- hosts: all
  gather_facts: false
  become_method: su
  become_user: nobody
  vars: {ansible_become_flags: "-s /bin/sh"}
  tasks:
    - {shell: "id -G; echo $PPID", become: true, register: before}
    - shell: echo others:x:7735:sys >> /etc/group
    - {shell: "id -G; echo $PPID", become: true, register: other}
    - shell: echo theirs:x:7734:nobody >> /etc/group
    - {shell: "id -G; echo $PPID", become: true, register: after}
    - assert:
        that:
          - before.stdout == other.stdout
          - after.stdout_lines[0] == before.stdout_lines[0] ~ ' 7734'
          - after.stdout_lines[1] != before.stdout_lines[1]
`).wants(0)
	h.bare(10 * time.Second)
}
