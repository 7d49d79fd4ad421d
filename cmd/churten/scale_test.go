package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/churten/churten/cmd/internal/app"
	"github.com/churten/churten/strategy/connection/sshtest"
)

// scaleHosts is how many in-process hosts TestScale has; their agents are real.
const scaleHosts = 1000

// TestScale runs a few tasks on a thousand SSH hosts and counts what is left
// behind: goroutines here, agents and their children there.
func TestScale(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand hosts")
	}
	needFiles(t, 40*scaleHosts)
	dir := t.TempDir()
	inventory := scaleInventory(t, dir)
	site := filepath.Join(dir, "site.yml")
	if err := os.WriteFile(site, []byte(`
- hosts: all
  gather_facts: false
  tasks:
    - command: echo {{ inventory_hostname }}
      register: said
    - assert: {that: said.stdout == inventory_hostname}
      when: inventory_hostname != 'h7'
    - copy: {content: "{{ said.stdout }}\n", dest: "{{ playbook_dir }}/{{ inventory_hostname }}.txt"}
    - fail: {msg: unlucky}
      when: inventory_hostname == 'h13'
`), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ANSIBLE_CONFIG", filepath.Join(dir, "ansible.cfg"))
	before := runtime.NumGoroutine()
	started := time.Now()
	var out, errOut bytes.Buffer
	code, err := app.Playbook(t.Context(), app.PlaybookOptions{Playbooks: []string{site}, Inventory: []string{inventory}, Forks: 25,
		In: strings.NewReader(""), Out: &out, Err: &errOut})
	t.Logf("%d hosts in %v", scaleHosts, time.Since(started))
	if err != nil || code != 2 {
		t.Fatalf("%d %v\n%s\n%s", code, err, tail(out.String()), tail(errOut.String()))
	}
	if n := strings.Count(out.String(), ": ok=3 "); n != scaleHosts-1 {
		t.Errorf("%d hosts with three tasks\n%s", n, tail(out.String()))
	}
	if !strings.Contains(out.String(), "unreachable=0    failed=1 ") {
		t.Error("h13 did not fail")
	}
	if b, err := os.ReadFile(filepath.Join(dir, "h999.txt")); err != nil || string(b) != "h999\n" {
		t.Errorf("%q %v", b, err)
	}
	left := func() int { return runtime.NumGoroutine() - before }
	within(t, func() bool { return left() <= 2 }, func() string {
		buf := make([]byte, 1<<16)
		return fmt.Sprintf("%d goroutines are left:\n%s", left(), buf[:runtime.Stack(buf, true)])
	})
	within(t, func() bool { return !runs(dir) }, func() string {
		ps, _ := exec.Command("ps", "-eo", "pid,ppid,args").Output()
		return "processes are left:\n" + tail(string(ps))
	})
}

// scaleInventory starts the hosts; their ends are not counted as leaks.
func scaleInventory(t *testing.T, dir string) string {
	var inv strings.Builder
	for i := range scaleHosts {
		name := fmt.Sprintf("h%d", i)
		home := filepath.Join(dir, "home", name)
		if err := os.MkdirAll(home, 0o700); err != nil {
			t.Fatal(err)
		}
		// One cache for all: a thousand agents of some megabytes would fill disks.
		if err := os.Symlink(filepath.Join(dir, "cache"), filepath.Join(home, ".cache")); err != nil {
			t.Fatal(err)
		}
		h, err := sshtest.NewHost(sshtest.Options{Home: home})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Close() })
		key, err := h.WriteClientKey(home)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&inv, "%s ansible_host=127.0.0.1 ansible_port=%d ansible_ssh_private_key_file=%s\n", name, h.Port(), key)
	}
	inv.WriteString("[all:vars]\nansible_ssh_common_args='-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'\n")
	path := filepath.Join(dir, "hosts")
	if err := os.MkdirAll(filepath.Join(dir, "cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(inv.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// needFiles raises the limit of open files, or skips.
func needFiles(t *testing.T, n uint64) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur >= n {
		return
	}
	limit.Cur = min(n, limit.Max)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < n/2 {
		t.Skipf("%d open files are allowed, %d needed: %v", limit.Cur, n, err)
	}
}

func within(t *testing.T, done func() bool, said func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			t.Error(said())
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func tail(text string) string { return text[max(0, len(text)-4000):] }
