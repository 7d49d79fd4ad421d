package faults

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// shortCut is how long a link is gone when it comes back.
const shortCut = 5 * time.Second

// ways are how a link is cut: pulled goes by itself, mend makes it whole.
var ways = []struct {
	name      string
	cut, mend func(h *host)
}{
	{"cable", (*host).pull, (*host).plug},
	{"drop", (*host).drop, (*host).undrop},
}

// pull takes the link away: whoever sends hears that there is no route.
func (h *host) pull() { must(h.t, "ip", "link", "set", h.netns, "down") }
func (h *host) plug() { must(h.t, "ip", "link", "set", h.netns, "up") }

// drop lets packets vanish: nobody hears anything.
func (h *host) drop() {
	h.sh("nft 'add table ip fault; add chain ip fault in { type filter hook input priority 0; policy drop; }; " +
		"add chain ip fault out { type filter hook output priority 0; policy drop; }'")
}
func (h *host) undrop() { h.sh("nft delete table ip fault") }

// forget lets vanish only what belongs to the connections that there are, as a
// firewall does that has lost its state.
func (h *host) forget() {
	h.t.Helper()
	var ports []string
	for line := range strings.Lines(h.sh("ss -Htn state established")) {
		f := strings.Fields(line)
		if strings.HasSuffix(f[len(f)-2], ":22") {
			peer := f[len(f)-1]
			ports = append(ports, peer[strings.LastIndexByte(peer, ':')+1:])
		}
	}
	if len(ports) == 0 {
		h.t.Fatal("no connection to forget")
	}
	set := strings.Join(ports, ",")
	h.sh("nft 'add table ip fault; add chain ip fault in { type filter hook input priority 0; }; add rule ip fault in tcp sport { " + set + " } drop; " +
		"add chain ip fault out { type filter hook output priority 0; }; add rule ip fault out tcp dport { " + set + " } drop'")
}

// works is what goes on while a link is cut: a task that leaves a mark when it
// has begun, and a check of what it did, which must have happened once.
var works = []struct {
	name, task string
	begun      string // a file in the host's folder
	check      func(t *testing.T, s *site, h *host)
}{
	{name: "command", begun: "begun",
		task:  `shell: "echo x >> {{ dir }}/count; sleep 0.5; touch {{ dir }}/begun; sleep 3; echo x >> {{ dir }}/count; seq 1 20000"`,
		check: counted(2)},
	{name: "loop", begun: "begun3", task: `shell: "echo x >> {{ dir }}/count; touch {{ dir }}/begun{{ item }}; sleep 0.4"
      loop: "{{ range(1, 21) | list }}"`,
		check: counted(20)},
	{name: "upload", begun: "upload", task: `copy: {src: big, dest: "{{ dir }}/big"}`,
		check: func(t *testing.T, s *site, h *host) {
			if sum(t, filepath.Join(s.dir, "big")) != sum(t, filepath.Join(h.dir, "big")) {
				t.Error("what arrived is not what was sent")
			}
			nothingBeside(t, filepath.Join(h.dir, "big"))
		}},
	{name: "python module", begun: "begun", task: `counting: {dir: "{{ dir }}"}`, check: counted(2)},
	{name: "async", begun: "begun", task: `shell: "echo x >> {{ dir }}/count; touch {{ dir }}/begun; sleep 3; echo x >> {{ dir }}/count"
      async: 60
      poll: 1`,
		check: counted(2)},
	{name: "facts", begun: "begun", task: `setup: {gather_subset: "!all", fact_path: "{{ dir }}/facts.d"}`, check: counted(1)},
	{name: "unarchive", begun: "begun", task: `unarchive: {src: big.tar, dest: "{{ dir }}/out"}`,
		check: func(t *testing.T, s *site, h *host) {
			if sum(t, filepath.Join(s.dir, "big")) != sum(t, filepath.Join(h.dir, "out", "big")) {
				t.Error("what arrived is not what was sent")
			}
		}},
	{name: "become", begun: "begun", task: `shell: "id -un >> {{ dir }}/who/count; sleep 0.5; touch {{ dir }}/who/begun; sleep 3; id -un >> {{ dir }}/who/count"
      become: true
      become_method: su
      become_flags: "-s /bin/sh"
      become_user: nobody`,
		check: func(t *testing.T, _ *site, h *host) {
			if got := h.file("who/count"); got != "nobody\nnobody\n" {
				t.Errorf("the work was done as %q", got)
			}
		}},
}

// counting is a module of the user's that leaves the marks of works.
const counting = `#!/usr/bin/python
import time
from ansible.module_utils.basic import AnsibleModule
m = AnsibleModule(argument_spec=dict(dir=dict(type='path', required=True)))
def count():
    with open(m.params['dir'] + '/count', 'a') as f:
        f.write('x\n')
count()
open(m.params['dir'] + '/begun', 'w').close()
time.sleep(3)
count()
m.exit_json(changed=True)
`

func counted(n int) func(*testing.T, *site, *host) {
	return func(t *testing.T, _ *site, h *host) {
		t.Helper()
		if got := strings.Count(h.file("count"), "x\n"); got != n {
			t.Errorf("%d marks where %d were to be left", got, n)
		}
	}
}

// big writes a file that takes its time to be sent.
func (s *site) big() {
	random := rand.NewChaCha8([32]byte{1}) // else it would be small once compressed
	content := make([]byte, 24<<20)
	_, _ = random.Read(content)
	s.write("big", string(content))
}

// busy is a site with a host that works, and another one.
func busy(t *testing.T, name string) (s *site, h, other *host, playbook string) {
	s = newSite(t)
	h, other = s.newHost("h1"), s.newHost("h2")
	s.big()
	for _, w := range works {
		if w.name != name {
			continue
		}
		if strings.Contains(name, "python") {
			needReference(t, s)
			mkdir(t, filepath.Join(s.dir, "library"), 0o700)
			s.write("library/counting.py", counting)
		}
		if name == "facts" {
			mkdir(t, filepath.Join(h.dir, "facts.d"), 0o755)
			script := "#!/bin/sh\necho x >> " + h.dir + "/count; sleep 0.5; touch " + h.dir + "/begun; sleep 3; echo '{}'\n"
			if err := os.WriteFile(filepath.Join(h.dir, "facts.d", "slow.fact"), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if name == "unarchive" {
			mkdir(t, filepath.Join(h.dir, "out"), 0o755)
			must(t, "tar", "-C", s.dir, "-cf", filepath.Join(s.dir, "big.tar"), "big")
		}
		if name == "become" {
			mkdir(t, filepath.Join(h.dir, "who"), 0o777)
		}
		playbook = fmt.Sprintf(`- hosts: all
  gather_facts: false
  tasks:
    - ping:
    - name: work
      %s
      when: inventory_hostname == 'h1'
    - debug: {msg: still here}
    - shell: echo done >> {{ dir }}/end
`, w.task)
		return s, h, other, playbook
	}
	t.Fatal("no work is called ", name)
	return nil, nil, nil, ""
}

// begins waits until the work has begun.
func begins(t *testing.T, h *host, name, begun string) {
	t.Helper()
	switch name {
	case "upload", "unarchive": // more went over the line than a task has to say; what was written has no name yet
		within(t, time.Minute, func() bool { return h.sent() > 3<<20 }, func() string { return "the upload does not begin" })
	case "become":
		h.appears("who/" + begun)
	default:
		h.appears(begun)
	}
}

func sum(t *testing.T, path string) [32]byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(b)
}

// nothingBeside checks that no half of a file was left.
func nothingBeside(t *testing.T, path string) {
	t.Helper()
	parts, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	if len(parts) > 0 {
		t.Errorf("left behind: %v", parts)
	}
}

// needReference puts ansible-core on the controller's PATH, for modules that
// are Python.
func needReference(t *testing.T, s *site) {
	t.Helper()
	cache := os.Getenv("CHURTEN_CACHE")
	if cache == "" {
		cache = "/var/cache/churten"
	}
	bin := filepath.Join(cache, "peers", "bin")
	if !exists(filepath.Join(bin, "ansible-playbook")) {
		t.Skip("no ansible-core in ", bin)
	}
	s.env = append(s.env, "PATH="+bin+":"+os.Getenv("PATH"))
}

// slowly sees to it that an upload takes its time: the agent is there, and the
// line is slow.
func slowly(s *site, h *host, work string) {
	if work != "upload" && work != "unarchive" {
		return
	}
	s.play(2*time.Minute, onHost+"    - ping:\n")
	h.slow()
	h.base = h.tx()
}

// sent is how many bytes went to the host since slowly.
func (h *host) sent() int64 { return h.tx() - h.base }

func (h *host) tx() int64 {
	h.t.Helper()
	b, err := os.ReadFile("/sys/class/net/" + h.netns + "/statistics/tx_bytes")
	if err != nil {
		h.t.Fatal(err)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// slow lets no more than some megabytes a second to the host.
func (h *host) slow() {
	must(h.t, "tc", "qdisc", "add", "dev", h.netns, "root", "tbf", "rate", "64mbit", "burst", "64k", "latency", "100ms")
}

// everyDay are the short cuts that are made with every test run.
var everyDay = map[string]bool{"command/cable": true, "loop/drop": true, "upload/drop": true}

// TestShortCut: five seconds without a link, in the middle of all kinds of work.
func TestShortCut(t *testing.T) {
	for _, w := range works {
		for _, way := range ways {
			name := w.name + "/" + way.name
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				proves(t, "Links", fmt.Sprintf("link gone for 5 s (%s) during: %s", way.name, w.name), "the run goes on, nothing runs twice")
				if !everyDay[name] {
					takesLong(t)
				}
				s, h, _, playbook := busy(t, w.name)
				slowly(s, h, w.name)
				r := s.start(playbook)
				begins(t, h, w.name, w.begun)
				way.cut(h)
				time.Sleep(shortCut)
				way.mend(h)
				r.wait(2 * time.Minute)
				r.wants(0)
				r.recap("h1: ok=4 unreachable=0 failed=0")
				r.recap("h2: ok=3 unreachable=0 failed=0")
				w.check(t, s, h)
				h.bare(10 * time.Second)
			})
		}
	}
}

// TestSessionKilled: what serves the connection on the host is killed, and the
// run takes the agent up again over another connection.
func TestSessionKilled(t *testing.T) {
	for _, w := range works {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			proves(t, "Links", "sshd's process of the session killed during: "+w.name, "a new connection takes the agent up again, nothing runs twice")
			if w.name != "command" && w.name != "loop" && w.name != "upload" {
				takesLong(t)
			}
			s, h, _, playbook := busy(t, w.name)
			slowly(s, h, w.name)
			r := s.start(playbook)
			begins(t, h, w.name, w.begun)
			agent := h.agent()
			h.dropSessions()
			within(t, time.Minute, func() bool { return strings.Contains(h.sh("ss -Htn state established"), ":22") || ended(r) },
				func() string { return "no new connection" })
			if now := h.agent(); now != agent && !ended(r) {
				t.Errorf("another agent: %d, was %d", now, agent)
			}
			r.wait(2 * time.Minute)
			r.wants(0)
			r.recap("h1: ok=4 unreachable=0 failed=0")
			w.check(t, s, h)
			h.bare(10 * time.Second)
		})
	}
}

func ended(r *run) bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}
