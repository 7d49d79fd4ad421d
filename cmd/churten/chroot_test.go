package main

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestChroot runs a playbook in the lab's Debian by the connection chroot: an
// overlay over it, which is thrown away.
func TestChroot(t *testing.T) {
	base := filepath.Join(cmp.Or(os.Getenv("CHURTEN_CACHE"), "/var/cache/churten"), "lab", "base-bookworm")
	if os.Getuid() != 0 {
		t.Skip("only root may change its root")
	}
	if _, err := os.Stat(filepath.Join(base, "bin/sh")); err != nil {
		t.Skipf("there is no Debian to change into: %v (testdata/lab/lab base makes it)", err)
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, ""); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	for _, d := range []string{"upper", "work", "root", "book"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	root := filepath.Join(dir, "root")
	if err := syscall.Mount("overlay", root, "overlay", 0, "lowerdir="+base+",upperdir="+dir+"/upper,workdir="+dir+"/work"); err != nil {
		t.Skipf("no overlay can be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(root, syscall.MNT_DETACH) })

	book := filepath.Join(dir, "book", "site.yml")
	if err := os.WriteFile(book, []byte(`
- hosts: all
  gather_facts: true
  tasks:
    - assert: {that: "ansible_distribution == 'Debian' and ansible_connection == 'community.general.chroot'"}
    - group: {name: inside}
    - user: {name: ines, group: inside, shell: /bin/sh}
    - copy: {content: "hello {{ ansible_distribution_release }}\n", dest: /etc/inside, owner: ines, mode: "0640"}
    - shell: id -un; pwd; cat /etc/inside
      become: true
      become_user: ines
      become_method: su
      register: who
    - debug: {msg: "{{ who.stdout_lines }}"}
    - raw: test -e /etc/inside && echo raw
      register: raw
    - assert: {that: "raw.stdout == 'raw\n'"}
`), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func() string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "churten", "playbook", "-i", "inside,", "-c", "community.general.chroot", "-e", "ansible_host="+root, book)
		cmd.Env = append(os.Environ(), "ANSIBLE_LOCALHOST_WARNING=no")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	out := run()
	if !strings.Contains(out, `"ines"`) || !strings.Contains(out, `"hello bookworm"`) || !strings.Contains(out, "failed=0") {
		t.Errorf("not what was to be inside:\n%s", out)
	}
	content, err := os.ReadFile(filepath.Join(root, "etc/inside"))
	if err != nil || string(content) != "hello bookworm\n" {
		t.Errorf("%q, %v", content, err)
	}
	if _, err := os.Stat("/etc/inside"); err == nil {
		t.Error("the file stands outside")
	}
	if again := run(); !strings.Contains(again, "changed=2 ") {
		t.Errorf("shell and raw only were to be done again:\n%s", again)
	}
}
