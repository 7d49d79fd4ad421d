package faults

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// signal sends a signal to processes of the host. nsenter, which waits for
// sshd out here, stops when that does, and has to go on by itself.
func (h *host) signal(sig syscall.Signal, list []proc) {
	for _, p := range list {
		_ = syscall.Kill(p.pid, sig)
	}
	if sig == syscall.SIGCONT {
		_ = h.server.Process.Signal(sig)
	}
}

// sessions lists what serves the connections that there are.
func (h *host) sessions() []proc {
	var found []proc
	for _, p := range h.processes() {
		if strings.HasPrefix(p.line, "sshd: ") && !strings.HasPrefix(p.line, "sshd: /usr/sbin/sshd") {
			found = append(found, p)
		}
	}
	return found
}

// TestFrozen: the whole host stops, as one that swaps itself to death does; the
// kernel still answers.
func TestFrozen(t *testing.T) {
	t.Parallel()
	proves(t, "Hosts", "a host frozen in the middle of a task (sshd and agent stopped)", "noticed by keepalive; unreachable after 30 s more, others go on; when it thaws it ends what it ran")
	takesLong(t)
	s, h, _, playbook := busy(t, "command")
	s.vars = []string{"ansible_ssh_extra_args='" + alive + "'"}
	r := s.start(strings.ReplaceAll(playbook, "sleep 3", "sleep 600"))
	begins(t, h, "command", "begun")
	h.signal(syscall.SIGSTOP, h.processes())
	r.wait(2 * time.Minute)
	r.wants(4, "fatal: [h1]: UNREACHABLE! => ", "the run on the host could not be taken up again")
	r.recap("h2: ok=3 unreachable=0")
	h.signal(syscall.SIGCONT, h.processes())
	h.bare(time.Minute)
}

// TestThawed is TestFrozen for a host that comes back in time.
func TestThawed(t *testing.T) {
	for _, work := range []string{"command", "loop", "become", "upload"} {
		t.Run(work, func(t *testing.T) {
			t.Parallel()
			proves(t, "Hosts", "a host frozen for 12 s, longer than keepalive waits, during: "+work, "taken up again, nothing runs twice")
			takesLong(t)
			s, h, _, playbook := busy(t, work)
			slowly(s, h, work)
			s.vars = []string{"ansible_ssh_extra_args='" + alive + "'"}
			r := s.start(playbook)
			for _, w := range works {
				if w.name == work {
					begins(t, h, work, w.begun)
					h.signal(syscall.SIGSTOP, h.processes())
					time.Sleep(12 * time.Second)
					h.signal(syscall.SIGCONT, h.processes())
					r.wait(2 * time.Minute)
					r.wants(0)
					w.check(t, s, h)
				}
			}
			h.bare(10 * time.Second)
		})
	}
}

// TestSessionFrozen: only what serves the connection stops.
func TestSessionFrozen(t *testing.T) {
	t.Parallel()
	proves(t, "Hosts", "sshd's process of the session frozen for good", "noticed by keepalive; a new connection takes the agent up again, nothing runs twice")
	takesLong(t)
	s, h, _, playbook := busy(t, "command")
	s.vars = []string{"ansible_ssh_extra_args='" + alive + "'"}
	r := s.start(playbook)
	begins(t, h, "command", "begun")
	frozen := h.sessions()
	h.signal(syscall.SIGSTOP, frozen)
	r.wait(2 * time.Minute)
	r.wants(0)
	counted(2)(t, s, h)
	h.signal(syscall.SIGKILL, frozen)
	h.bare(10 * time.Second)
}

// TestAgentFrozen: the agent stops for a while, longer than it is patient.
func TestAgentFrozen(t *testing.T) {
	t.Parallel()
	proves(t, "Agents", "agent frozen for two minutes (SIGSTOP), then going on", "the run goes on, nothing runs twice")
	takesLong(t)
	s, h, _, playbook := busy(t, "loop")
	r := s.start(playbook)
	begins(t, h, "loop", "begun3")
	agent := []proc{{pid: h.agent()}}
	h.signal(syscall.SIGSTOP, agent)
	time.Sleep(2 * time.Minute)
	h.signal(syscall.SIGCONT, agent)
	r.wait(2 * time.Minute)
	r.wants(0)
	counted(20)(t, s, h)
	h.bare(10 * time.Second)
}

// TestAgentFrozenTimeout: the agent stops for good, and a task has a timeout.
func TestAgentFrozenTimeout(t *testing.T) {
	t.Parallel()
	proves(t, "Agents", "agent frozen for good, a task with `timeout`, then Ctrl-C", "the task fails after its time, others go on; Ctrl-C ends the run within seconds")
	s := newSite(t)
	h, _ := s.newHost("h1"), s.newHost("h2")
	r := s.start(onHost + "    - command: 'true'\n" + gate("go") + `    - ping:
      timeout: 2
    - debug: {msg: reached}
    - shell: touch {{ dir }}/again; sleep 600
`)
	// Not only done but told: the task in front has no timeout.
	r.says("changed: [h1]", "changed: [h2]")
	agent := []proc{{pid: h.agent()}}
	h.signal(syscall.SIGSTOP, agent)
	h.open("go")
	s.hosts[1].open("go")
	s.hosts[1].appears("again")
	start := time.Now()
	_ = r.cmd.Process.Signal(syscall.SIGINT)
	r.wait(time.Minute)
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("ended %v after Ctrl-C", took)
	}
	r.wants(99, "fatal: [h1]: FAILED! =>", "Timed out after 2 second(s).")
	h.signal(syscall.SIGCONT, agent)
	h.bare(10 * time.Second)
	s.hosts[1].bare(10 * time.Second)
}
