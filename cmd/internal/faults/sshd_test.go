package faults

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// gate is a task that waits for the test: for a file that h.open writes.
func gate(name string) string {
	return fmt.Sprintf(`    - wait_for: {path: "{{ dir }}/%s", timeout: 60}
      delegate_to: localhost
      vars: {ansible_connection: local}
`, name)
}

func (h *host) open(name string) { h.sh("touch " + filepath.Join(h.dir, name)) }

const onHost = "- hosts: all\n  gather_facts: false\n  tasks:\n"

// TestSSHDRestarted: sshd is restarted while a host works, as an upgrade does.
func TestSSHDRestarted(t *testing.T) {
	t.Parallel()
	proves(t, "sshd", "sshd restarted during a play", "the session survives; after meta: reset_connection there is a new one")
	s := newSite(t)
	h := s.newHost("h1")
	r := s.start(onHost + "    - shell: echo x >> {{ dir }}/count; touch {{ dir }}/begun\n" + gate("go") +
		"    - shell: echo x >> {{ dir }}/count\n    - meta: reset_connection\n    - shell: echo x >> {{ dir }}/count\n")
	h.appears("begun")
	agent := h.agent()
	h.stopSSHD()
	h.startSSHD()
	if h.agent() != agent {
		t.Error("another agent")
	}
	h.open("go")
	r.wait(2 * time.Minute)
	r.wants(0)
	counted(3)(t, s, h)
	h.bare(10 * time.Second)
}

// TestSSHDStopped: nobody listens any more between two plays.
func TestSSHDStopped(t *testing.T) {
	t.Parallel()
	proves(t, "sshd", "sshd stopped between two plays, its session alive", "the run goes on over the session that it has; a reset of the connection makes the host unreachable")
	s := newSite(t)
	h := s.newHost("h1")
	r := s.start(onHost + "    - shell: touch {{ dir }}/begun\n" + gate("go") + onHost + "    - ping:\n    - meta: reset_connection\n    - ping:\n")
	h.appears("begun")
	h.stopSSHD()
	h.open("go")
	r.wait(2 * time.Minute)
	r.wants(4, "ssh: connect to host "+h.addr+" port 22: Connection refused")
	r.recap("h1: ok=3 unreachable=1 failed=0")
	h.bare(10 * time.Second)
}

// TestMaxSessions: one session is all that is allowed, and all that is needed.
func TestMaxSessions(t *testing.T) {
	t.Parallel()
	proves(t, "sshd", "MaxSessions 1, no Subsystem, AllowTcpForwarding no, a banner and noise from the login shell", "all works: one session is all that is needed")
	s := newSite(t)
	s.write("banner", "Only for those who may.\n\x01churten-agent\x02 is no agent\n")
	h := s.newHost("h1", "MaxSessions 1", "AllowTcpForwarding no", "Banner "+s.dir+"/banner", "ForceCommand echo 'Welcome! \x01churten'; echo noise >&2; eval \"$SSH_ORIGINAL_COMMAND\"")
	s.write("big", strings.Repeat("content", 100000))
	r := s.play(2*time.Minute, onHost+`    - shell: echo said
      loop: [1, 2, 3]
    - copy: {src: big, dest: "{{ dir }}/big"}
    - fetch: {src: "{{ dir }}/big", dest: "`+s.dir+`/fetched", flat: true}
    - command: id -un
      become: true
      become_method: su
      become_flags: "-s /bin/sh"
      become_user: nobody
    - raw: echo raw
    - setup: {gather_subset: min}
`)
	r.wants(0)
	r.recap("h1: ok=6 failed=0 unreachable=0")
	if sum(t, filepath.Join(s.dir, "big")) != sum(t, filepath.Join(s.dir, "fetched")) {
		t.Error("what was fetched is not what was sent")
	}
	h.bare(10 * time.Second)
}

// TestMaxStartups: sshd lets no more than two log in at a time, and throws out
// the others. The reference's setting retries is what helps here, as there.
func TestMaxStartups(t *testing.T) {
	t.Parallel()
	proves(t, "sshd", "MaxStartups 2:100:2, twelve connections to one sshd at once", "those that are thrown out try again as often as `retries` says; none fails")
	takesLong(t)
	s := newSite(t)
	h := s.newHost("h1", "MaxStartups 2:100:2")
	var more strings.Builder
	for i := range 12 {
		fmt.Fprintf(&more, "n%d ansible_host=%s dir=%s\n", i, h.addr, h.dir)
	}
	s.more = more.String()
	s.env = append(s.env, "ANSIBLE_SSH_RETRIES=8")
	r := s.play(3*time.Minute, "- hosts: all,!h1\n  gather_facts: false\n  tasks:\n    - shell: echo x >> {{ dir }}/count\n", "-f", "12")
	r.wants(0)
	counted(12)(t, s, h)
	h.bare(10 * time.Second)
}

// TestSlowDNS: sshd asks a name server that does not answer for the name of
// whoever connects.
func TestSlowDNS(t *testing.T) {
	t.Parallel()
	proves(t, "sshd", "UseDNS with a name server that does not answer", "the login takes longer and succeeds, once for the run")
	takesLong(t)
	s := newSite(t)
	h := s.newHost("h1", "UseDNS yes")
	h.sh("echo 'nameserver 127.0.0.9' > /run/resolv.conf; echo 'options timeout:2 attempts:1' >> /run/resolv.conf; mount --bind /run/resolv.conf /etc/resolv.conf; " +
		"nft 'add table ip slow; add chain ip slow in { type filter hook input priority 0; }; add rule ip slow in udp dport 53 drop'")
	h.stopSSHD()
	h.startSSHD()
	r := s.play(2*time.Minute, onHost+"    - ping:\n    - ping:\n    - ping:\n")
	r.wants(0)
	r.recap("h1: ok=3")
	if r.took < 2*time.Second {
		t.Errorf("in %v: the name server was not waited for", r.took)
	}
}
