package faults

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// host is a target that can be maltreated. Its files are the machine's, but for
// /root, /run, /tmp, /var/tmp and /dev/shm, which are its own and go with it.
type host struct {
	t          *testing.T
	name, addr string
	dir        string // its scratch folder, "{{ dir }}" in playbooks; the controller sees it too
	netns      string // of its network, also the name of the link's end here
	outer      *exec.Cmd
	init       int    // process 1 inside, as numbered outside
	pids       string // its process namespace
	config     []string
	server     *exec.Cmd
	base       int64 // see sent
}

var hostNumber atomic.Int32

// newHost makes a host and waits until its sshd answers. config are lines of
// sshd_config.
func (s *site) newHost(name string, config ...string) *host {
	t := s.t
	t.Helper()
	n := int(hostNumber.Add(1))
	pid := os.Getpid()
	net := fmt.Sprintf("198.18.%d.", (pid+n/60)%254+1)
	h := &host{t: t, name: name, dir: filepath.Join(s.dir, name), netns: fmt.Sprintf("cf%dx%d", pid%1000000, n),
		addr: net + strconv.Itoa(n%60*4+2), config: config}
	if err := os.MkdirAll(h.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	must(t, "ip", "netns", "add", h.netns)
	t.Cleanup(func() {
		h.end()
		_ = exec.Command("ip", "link", "del", h.netns).Run()
		_ = exec.Command("ip", "netns", "del", h.netns).Run()
	})
	must(t, "ip", "link", "add", h.netns, "type", "veth", "peer", "name", "eth0", "netns", h.netns)
	must(t, "ip", "addr", "add", net+strconv.Itoa(n%60*4+1)+"/30", "dev", h.netns)
	must(t, "ip", "link", "set", h.netns, "up")
	must(t, "ip", "-n", h.netns, "addr", "add", h.addr+"/30", "dev", "eth0")
	must(t, "ip", "-n", h.netns, "link", "set", "eth0", "up")
	must(t, "ip", "-n", h.netns, "link", "set", "lo", "up")
	h.boot(s)
	h.startSSHD()
	s.hosts = append(s.hosts, h)
	return h
}

// boot starts what is process 1 there: it waits for orphans, as any does.
func (h *host) boot(s *site) {
	up := filepath.Join(h.dir, "up")
	h.outer = exec.Command("ip", "netns", "exec", h.netns, "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "/bin/sh", "-ec", `
for d in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o mode=1777,size=256m none $d; done
mount -t tmpfs -o mode=755,size=16m none /run; mkdir -m 755 /run/sshd
mount -t tmpfs -o mode=700,size=256m none /root; mkdir -p /root/.cache/churten; chmod -R 700 /root/.cache; mount --bind "$1" /root/.cache/churten
: > "$2"; while :; do sleep 1; done`, "init", s.cache, up)
	var said bytes.Buffer
	h.outer.Stderr = &said
	h.outer.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := h.outer.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.eventually(func() bool { return exists(up) }, func() string { return "the host does not come up: " + said.String() })
	children := fmt.Sprintf("/proc/%d/task/%d/children", h.outer.Process.Pid, h.outer.Process.Pid)
	text, err := os.ReadFile(children)
	if err == nil {
		h.init, err = strconv.Atoi(strings.TrimSpace(string(text)))
	}
	if err == nil {
		h.pids, err = os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", h.init))
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// in is a command inside the host.
func (h *host) in(words ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", strconv.Itoa(h.init), "--net", "--mount", "--pid", "--"}, words...)...)
}

// sh runs a line inside the host and gives what it prints.
func (h *host) sh(line string) string {
	h.t.Helper()
	out, err := h.in("/bin/sh", "-c", line).CombinedOutput()
	if err != nil {
		h.t.Fatalf("on %s: %s: %v\n%s", h.name, line, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (h *host) startSSHD() {
	h.t.Helper()
	site := filepath.Dir(h.dir)
	lines := append([]string{"Port 22", "ListenAddress " + h.addr, "HostKey " + site + "/host_key", "AuthorizedKeysFile " + site + "/authorized",
		"StrictModes no", "PermitRootLogin yes", "UsePAM no", "PidFile none", "LogLevel VERBOSE"}, h.config...)
	config := filepath.Join(h.dir, "sshd_config")
	if err := os.WriteFile(config, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		h.t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(h.dir, "sshd.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		h.t.Fatal(err)
	}
	defer log.Close()
	h.server = h.in("/usr/sbin/sshd", "-D", "-e", "-f", config)
	h.server.Stderr = log
	if err := h.server.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.eventually(func() bool {
		return strings.Contains(h.sh("ss -ltn"), h.addr+":22")
	}, func() string { b, _ := os.ReadFile(log.Name()); return "sshd does not come up: " + string(b) })
}

// stopSSHD ends the server that listens; sessions go on. The process that we
// know is nsenter's: sshd is its child.
func (h *host) stopSSHD() {
	h.t.Helper()
	for _, p := range h.processes() {
		if strings.HasPrefix(p.line, "sshd: /usr/sbin/sshd") {
			_ = syscall.Kill(p.pid, syscall.SIGTERM)
		}
	}
	_ = h.server.Wait()
}

// dropSessions kills what serves the connections that there are.
func (h *host) dropSessions() {
	for _, p := range h.processes() {
		if strings.HasPrefix(p.line, "sshd: ") && !strings.HasPrefix(p.line, "sshd: /usr/sbin/sshd") {
			_ = syscall.Kill(p.pid, syscall.SIGKILL)
		}
	}
}

func (h *host) end() {
	_ = syscall.Kill(h.init, syscall.SIGKILL)
	_ = h.outer.Process.Kill()
	_ = h.outer.Wait()
	if h.server != nil && h.server.ProcessState == nil {
		_ = h.server.Process.Kill() // it may be stopped, see signal
		_ = h.server.Wait()
	}
	if h.t.Failed() {
		b, _ := os.ReadFile(filepath.Join(h.dir, "sshd.log"))
		h.t.Logf("sshd on %s:\n%s", h.name, b[max(0, len(b)-3000):])
	}
}

// proc is a process on a host, numbered as outside.
type proc struct {
	pid    int
	parent int
	line   string
}

// processes lists what runs on the host, but for what makes the host.
func (h *host) processes() []proc {
	dirs, _ := filepath.Glob("/proc/[1-9]*")
	var found []proc
	for _, dir := range dirs {
		if ns, err := os.Readlink(dir + "/ns/pid"); err != nil || ns != h.pids {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(dir))
		stat, err := os.ReadFile(dir + "/stat")
		line, err2 := os.ReadFile(dir + "/cmdline")
		if err != nil || err2 != nil || pid == h.init {
			continue
		}
		f := statFields(stat)
		p := proc{pid: pid, line: strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))}
		p.parent, _ = strconv.Atoi(f[1])
		if f[0] == "Z" || p.parent == h.init && p.line == "sleep 1" {
			continue
		}
		found = append(found, p)
	}
	return found
}

// statFields gives what stands behind the name in a /proc/PID/stat: the state,
// the parent, …; proc_pid_stat(5).
func statFields(stat []byte) []string {
	return strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
}

// ours lists what runs on the host and is not sshd.
func (h *host) ours() []proc {
	var found []proc
	for _, p := range h.processes() {
		if !strings.HasPrefix(p.line, "sshd: ") {
			found = append(found, p)
		}
	}
	return found
}

// find gives the process ids of those whose command line contains text.
func (h *host) find(text string) []int {
	var found []int
	for _, p := range h.ours() {
		if strings.Contains(p.line, text) {
			found = append(found, p.pid)
		}
	}
	return found
}

// agent gives the process id of the agent that the link leads to.
func (h *host) agent() int {
	h.t.Helper()
	var found []int
	h.eventually(func() bool {
		found = found[:0]
		for _, p := range h.ours() {
			if words := strings.Fields(p.line); len(words) == 2 && words[1] == "__agent" {
				found = append(found, p.pid)
			}
		}
		return len(found) == 1
	}, func() string { return fmt.Sprintf("agents: %v of %v", found, h.ours()) })
	return found[0]
}

// kill kills processes of the host as an administrator in despair does.
func (h *host) kill(pids ...int) {
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			h.t.Error(err)
		}
	}
}

// bare waits until nothing of ours runs on the host, and says how long it took.
func (h *host) bare(limit time.Duration) time.Duration {
	h.t.Helper()
	start := time.Now()
	within(h.t, limit, func() bool { return len(h.ours()) == 0 }, func() string { return fmt.Sprintf("on %s there still runs %v", h.name, h.ours()) })
	return time.Since(start)
}

func (h *host) eventually(done func() bool, said func() string) {
	h.t.Helper()
	within(h.t, time.Minute, done, said) // machines may be busy
}

// file gives the content of a file in the host's scratch folder, "" when there
// is none.
func (h *host) file(name string) string {
	b, _ := os.ReadFile(filepath.Join(h.dir, name))
	return string(b)
}

// appears waits for a file in the host's scratch folder.
func (h *host) appears(name string) {
	h.t.Helper()
	h.eventually(func() bool { return exists(filepath.Join(h.dir, name)) }, func() string { return name + " does not appear on " + h.name })
}

func within(t *testing.T, limit time.Duration, done func() bool, said func() string) {
	t.Helper()
	for end := time.Now().Add(limit); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(said())
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func must(t *testing.T, words ...string) string {
	t.Helper()
	out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", words, err, out)
	}
	return string(out)
}
