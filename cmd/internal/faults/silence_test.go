package faults

import (
	"strings"
	"testing"
	"time"
)

// A host is asked every second here, and given up after the third question.
const alive = " -o ServerAliveInterval=1 -o ServerAliveCountMax=2"

// TestLinkGone: the network is gone for good. The host is unreachable when it
// has not answered for the keepalive time and could not be reached again for
// 30 seconds; the others go on; on the host all ends too.
func TestLinkGone(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			proves(t, "Links", "link gone for good ("+way.name+"), during a command", "the host is unreachable after the keepalive time and 30 s more, others go on; nothing is left on the host 105 s after")
			takesLong(t)
			s, h, _, playbook := busy(t, "command")
			s.vars = []string{"ansible_ssh_extra_args='" + alive + "'"}
			r := s.start(strings.ReplaceAll(playbook, "sleep 3", "sleep 600"))
			begins(t, h, "command", "begun")
			cut := time.Now()
			way.cut(h)
			r.wait(time.Minute)
			t.Logf("unreachable after %v", time.Since(cut))
			r.wants(4, "fatal: [h1]: UNREACHABLE! => ", "Timeout, server "+h.addr+" not responding.", "the run on the host could not be taken up again")
			r.recap("h1: ok=1 unreachable=1")
			r.recap("h2: ok=3 unreachable=0")
			h.bareLater(cut.Add(110 * time.Second))
			if strings.Count(h.file("count"), "x") != 1 {
				t.Error("the command went on")
			}
		})
	}
}

// bareLater waits until nothing of ours runs any more; sshd's processes for a
// connection that nobody ended stay, they are not ours.
func (h *host) bareLater(end time.Time) {
	h.t.Helper()
	within(h.t, time.Until(end), func() bool { return len(h.ours()) == 0 }, func() string { return "still there: " + h.sh("ps -eo pid,ppid,args") })
}

// TestForgotten: a firewall between the two forgets their connection; a new
// one gets through.
func TestForgotten(t *testing.T) {
	t.Parallel()
	proves(t, "Links", "a firewall forgets the connection (its packets vanish, new ones pass)", "noticed by keepalive; a new connection takes the agent up again, though its old link looks alive there; nothing runs twice")
	s, h, _, playbook := busy(t, "command")
	s.vars = []string{"ansible_ssh_extra_args='" + alive + "'"}
	r := s.start(playbook)
	begins(t, h, "command", "begun")
	agent := h.agent()
	h.forget()
	r.wait(time.Minute)
	r.wants(0)
	r.recap("h1: ok=4 unreachable=0 failed=0")
	counted(2)(t, s, h)
	if len(h.find("__agent")) > 0 {
		h.bare(10 * time.Second)
	}
	_ = agent
}

// TestIdleGone: the controller loses its network and dies; nobody tells the
// host.
func TestIdleGone(t *testing.T) {
	t.Parallel()
	proves(t, "Controllers", "controller dies without a network, so that the host is told nothing", "the agent hears no beats and ends all after 105 s")
	takesLong(t)
	s, h, _, playbook := busy(t, "command")
	r := s.start(strings.ReplaceAll(playbook, "sleep 3", "sleep 600"))
	begins(t, h, "command", "begun")
	h.drop()
	cut := time.Now()
	_ = r.cmd.Process.Kill()
	r.wait(10 * time.Second)
	h.bareLater(cut.Add(115 * time.Second))
	if took := time.Since(cut); took < 90*time.Second {
		t.Errorf("ended after %v already", took)
	}
}

// TestBusyLong: a run whose tasks say nothing for longer than the agent's
// patience.
func TestBusyLong(t *testing.T) {
	t.Parallel()
	proves(t, "Links", "none: a command that says nothing for two minutes", "it ends as it should")
	takesLong(t)
	s, h, _, playbook := busy(t, "command")
	r := s.play(3*time.Minute, strings.ReplaceAll(playbook, "sleep 3", "sleep 120"))
	r.wants(0)
	counted(2)(t, s, h)
	h.bare(10 * time.Second)
}
