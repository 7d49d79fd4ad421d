package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/cmd/internal/app"
	"github.com/churten/churten/strategy/connection/sshtest"
)

// TestReboot: a host whose reboot takes the agent along and changes the boot
// id is waited for, and works on with another agent.
func TestReboot(t *testing.T) {
	dir := t.TempDir()
	h, err := sshtest.NewHost(sshtest.Options{Home: filepath.Join(dir, "home")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	if err := os.MkdirAll(filepath.Join(dir, "home"), 0o700); err != nil {
		t.Fatal(err)
	}
	key, err := h.WriteClientKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	inventory, site := filepath.Join(dir, "hosts"), filepath.Join(dir, "site.yml")
	for path, text := range map[string]string{
		filepath.Join(dir, "boot"): "first\n",
		inventory: strings.TrimSpace(h.InventoryLine("h1")) + " ansible_ssh_private_key_file=" + key +
			" ansible_ssh_common_args='-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'\n",
		site: `
- hosts: h1
  gather_facts: false
  vars:
    boot: "{{ playbook_dir }}/boot"
    # The nearest process above that is an agent, wherever its file lies.
    kill_agent: >-
      sh -c 'echo second >{{ boot }}; p=$PPID;
      until tr "\0" " " </proc/$p/cmdline | grep -q "/agen[t]-"; do p=$(cut -d" " -f4 /proc/$p/stat); [ "$p" -gt 1 ] || { echo no agent above; exit 9; }; done;
      kill -9 $p'
  module_defaults:
    reboot: {boot_time_command: "cat {{ boot }}", test_command: "test -e {{ boot }}", reboot_timeout: 20, connect_timeout: 2}
  tasks:
    - ping:
    - reboot: {reboot_command: "{{ kill_agent }}"}
      register: r
    - assert: {that: [r.rebooted, r is changed, r.elapsed < 20]}
    - ping:
    - reboot: {reboot_command: /bin/sh -c 'echo refused; exit 3'}
      register: r
      ignore_errors: true
    - assert: {that: [r is failed, not r.rebooted, "r.msg == \"Reboot command failed. Error was: 'refused, '\""]}
    # What runs is ended before the connection is.
    - reboot: {reboot_command: "/bin/sh -c 'echo third >{{ boot }}; kill -9 $PPID'"}
      register: r
    - assert: {that: [r.rebooted]}
    - reboot: {reboot_command: "true", reboot_timeout: 2}
      register: r
      ignore_errors: true
    - assert: {that: [r is failed, r.rebooted, "r.msg == 'Timed out waiting for last boot time check (timeout=2)'"]}
    - reboot: {reboot_command: no-such-program, search_paths: [/nowhere]}
      register: r
      ignore_errors: true
    - assert: {that: ["'Unable to find command' in r.msg"]}
    - wait_for_connection: {timeout: 5}
    - ping:
`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("ANSIBLE_CONFIG", filepath.Join(dir, "ansible.cfg"))
	var out, errOut bytes.Buffer
	code, err := app.Playbook(t.Context(), app.PlaybookOptions{Playbooks: []string{site}, Inventory: []string{inventory},
		In: strings.NewReader(""), Out: &out, Err: &errOut})
	if err != nil || code != 0 || !strings.Contains(out.String(), "ok=14 ") {
		t.Errorf("%d %v\n%s\n%s", code, err, out.String(), errOut.String())
	}
}
