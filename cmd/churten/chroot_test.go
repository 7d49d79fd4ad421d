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

// insideBook is what is done inside: facts, users, files, become, stdin.
const insideBook = `
- hosts: all
  gather_facts: true
  tasks:
    - assert: {that: "ansible_distribution == 'Debian' and ansible_connection is match('.*[.].*[.].*')"}
    - group: {name: inside}
    - user: {name: ines, group: inside, shell: /bin/sh}
    - copy: {content: "hello {{ ansible_distribution_release }}\n", dest: /etc/inside, owner: ines, mode: "0640"}
    - shell: id -un; pwd; cat /etc/inside
      become: true
      become_user: ines
      become_method: su
      register: who
    - debug: {msg: "{{ who.stdout_lines }}"}
    - shell: cat; exit 7
      args: {stdin: told}
      register: seven
      changed_when: false
      failed_when: seven.rc != 7 or seven.stdout != 'told'
    - fetch: {src: /etc/inside, dest: "{{ playbook_dir }}/fetched", flat: true}
    - assert: {that: "lookup('file', playbook_dir ~ '/fetched') == 'hello ' ~ ansible_distribution_release"}
    - raw: test -e /etc/inside && echo raw
      register: raw
    - assert: {that: "raw.stdout == 'raw\n'"}
`

// debianRoot gives the root of the lab's Debian, an overlay over it which is thrown
// away, and a directory beside it with insideBook as site.yml.
func debianRoot(t *testing.T) (root, book string) {
	t.Helper()
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
	root = filepath.Join(dir, "root")
	if err := syscall.Mount("overlay", root, "overlay", 0, "lowerdir="+base+",upperdir="+dir+"/upper,workdir="+dir+"/work"); err != nil {
		t.Skipf("no overlay can be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(root, syscall.MNT_DETACH) })
	book = filepath.Join(dir, "book", "site.yml")
	if err := os.WriteFile(book, []byte(insideBook), 0o644); err != nil {
		t.Fatal(err)
	}
	return root, book
}

// TestChroot runs insideBook by the connection chroot.
func TestChroot(t *testing.T) {
	root, book := debianRoot(t)
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

// clientStandIn is a whole client of containers: it has one, "inside", which is a
// directory, and runs in it what it is told to, with the streams it got.
const clientStandIn = `#!/bin/sh
case " $* " in
*" version "*) echo 28.0.0; exit ;;
*" inspect "*) echo root; exit ;;
*" gone "* | *":gone "*) echo "Error: No such container: gone" >&2; exit 1 ;;
esac
user=root
while [ $# -gt 0 ]; do
	word=$1
	shift
	case $word in
	-u | --user) user=$1; shift ;;
	inside | *:inside) break ;;
	esac
done
[ "$1" = -- ] && shift
if [ "$1" = -c ] && [ "${0##*/}" = kubectl ]; then shift 2; fi
echo "${0##*/}" >> "$CALLS"
exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot --userspec="$user" "$ROOT" "$@"
`

// TestClients runs insideBook through each client of containers.
func TestClients(t *testing.T) {
	for _, c := range []struct{ connection, client string }{
		{"community.docker.docker", "docker"}, {"containers.podman.podman", "podman"}, {"kubernetes.core.kubectl", "kubectl"}, {"community.okd.oc", "oc"},
		{"community.general.lxd", "lxc"}, {"community.general.incus", "incus"},
	} {
		t.Run(c.client, func(t *testing.T) {
			root, book := debianRoot(t)
			bin, calls := t.TempDir(), filepath.Join(t.TempDir(), "calls")
			if err := os.WriteFile(filepath.Join(bin, c.client), []byte(clientStandIn), 0o755); err != nil {
				t.Fatal(err)
			}
			run := func(host string) (string, error) {
				cmd := exec.CommandContext(t.Context(), "churten", "playbook", "-i", host+",", "-c", c.connection, book)
				cmd.Env = append(os.Environ(), "ANSIBLE_LOCALHOST_WARNING=no", "PATH="+bin+":"+os.Getenv("PATH"), "ROOT="+root, "CALLS="+calls)
				out, err := cmd.CombinedOutput()
				return string(out), err
			}
			out, err := run("inside")
			if err != nil || !strings.Contains(out, `"ines"`) || !strings.Contains(out, `"hello bookworm"`) || !strings.Contains(out, "failed=0") {
				t.Fatalf("not what was to be inside: %v\n%s", err, out)
			}
			if content, err := os.ReadFile(filepath.Join(root, "etc/inside")); err != nil || string(content) != "hello bookworm\n" {
				t.Errorf("%q, %v", content, err)
			}
			called, err := os.ReadFile(calls)
			if n := strings.Count(string(called), "\n"); err != nil || n > 2 {
				t.Errorf("one call for the agent and one for raw, not %d: %v", n, err)
			}
			out, err = run("gone")
			if err == nil || !strings.Contains(out, "unreachable=1") || !strings.Contains(out, "No such container: gone") {
				t.Errorf("the missing container is not told: %v\n%s", err, out)
			}
		})
	}
}
