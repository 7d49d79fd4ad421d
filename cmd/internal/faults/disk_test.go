package faults

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSharedHome: hosts that have one home, as by NFS, get the agent at the
// same moment; their process numbers are the same.
func TestSharedHome(t *testing.T) {
	t.Parallel()
	proves(t, "Disks", "one home on several hosts, all of which get the agent at once", "all run, the cache holds one agent")
	s := newSite(t)
	s.cache = filepath.Join(s.dir, "home")
	mkdir(t, s.cache, 0o700)
	for _, name := range []string{"h1", "h2", "h3", "h4"} {
		s.newHost(name)
	}
	r := s.play(time.Minute, "- hosts: all\n  gather_facts: false\n  tasks: [ping: ]\n")
	r.wants(0)
	if names := list(t, s.cache); len(names) != 1 {
		t.Errorf("in the cache: %v", names)
	}
}

// small mounts a file system of some KiB at a folder of the host's.
func (h *host) small(dir string, kib int, options string) string {
	path := filepath.Join(h.dir, dir)
	mkdir(h.t, path, 0o755)
	h.sh(fmt.Sprintf("mount -t tmpfs -o mode=755,size=%dk%s none %s", kib, options, path))
	return path
}

// writers are the tasks that write files; %s is the folder they write to. In it
// there is a file "old", which some of them are to change.
var writers = []struct{ name, task string }{
	{"copy", `copy: {src: big, dest: "%s/old"}`},
	{"copy of content", `copy: {content: "{{ lookup('file', 'big') }}", dest: "%s/old"}`},
	{"template", `template: {src: big, dest: "%s/old"}`},
	{"lineinfile", `lineinfile: {path: "%s/old", line: "{{ lookup('file', 'big') }}"}`},
	{"blockinfile", `blockinfile: {path: "%s/old", block: "{{ lookup('file', 'big') }}"}`},
	{"replace", `replace: {path: "%s/old", regexp: old, replace: "{{ lookup('file', 'big') }}"}`},
	{"assemble", `assemble: {src: "{{ dir }}/parts", dest: "%s/old"}`},
	{"get_url", `get_url: {url: "file://{{ dir }}/parts/a", dest: "%s/old", force: true}`},
	{"unarchive", `unarchive: {src: "{{ dir }}/big.tar", dest: "%s", remote_src: true}`},
}

// TestDiskFull: the file system that a task writes to is too small.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	proves(t, "Disks", "file system full, while written by copy, template, lineinfile, blockinfile, replace, assemble, get_url, unarchive", "the task fails and says \"No space left on device\"; the old file is as it was, no part of the new one is left")
	s := newSite(t)
	h := s.newHost("h1")
	fills(s, h, "No space left on device", func(n int) string { return h.small(fmt.Sprintf("small%d", n), 64, "") })
}

// TestQuota: a quota is used up. Of the file systems that have quotas, btrfs needs
// no more than a file to be on.
func TestQuota(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("mkfs.btrfs"); err != nil {
		t.Skip("needs btrfs-progs")
	}
	s := newSite(t)
	h := s.newHost("h1")
	h.sh("truncate -s 256M " + h.dir + "/quota.img; mkfs.btrfs -q " + h.dir + "/quota.img >/dev/null 2>&1; mkdir " + h.dir + "/quota")
	if out, err := h.in("sh", "-c", "mount -t btrfs -o loop "+h.dir+"/quota.img "+h.dir+"/quota && btrfs quota enable "+h.dir+"/quota").CombinedOutput(); err != nil {
		t.Skipf("needs btrfs on a loop device: %s", out)
	}
	proves(t, "Disks", "quota used up, by the same tasks", "the task fails and says \"Disk quota exceeded\"; the old file is as it was, no part of the new one is left")
	fills(s, h, "Disk quota exceeded", func(n int) string {
		dir := fmt.Sprintf("%s/quota/%d", h.dir, n)
		h.sh("btrfs subvolume create " + dir + " >/dev/null; btrfs qgroup limit 200K " + dir)
		return dir
	})
}

// fills runs the writers, each of them into a folder of its own that is too small for what it writes.
func fills(s *site, h *host, why string, small func(n int) string) {
	t := h.t
	s.write("big", strings.Repeat("0123456789abcde\n", 40<<10/16*10))
	mkdir(t, filepath.Join(h.dir, "parts"), 0o755)
	h.sh("cp " + s.dir + "/big " + h.dir + "/parts/a; tar -C " + h.dir + "/parts -cf " + h.dir + "/big.tar a")
	var playbook strings.Builder
	playbook.WriteString(onHost)
	var dirs []string
	for i, w := range writers {
		dir := small(i)
		h.sh("echo old > " + dir + "/old")
		dirs = append(dirs, dir)
		fmt.Fprintf(&playbook, "    - name: %s\n      %s\n      ignore_errors: true\n", w.name, fmt.Sprintf(w.task, dir))
	}
	r := s.play(3*time.Minute, playbook.String())
	r.wants(0)
	for i, w := range writers {
		_, said, _ := strings.Cut(r.out.String(), "TASK ["+w.name+"]")
		said, _, _ = strings.Cut(said, "\nTASK [")
		why := why
		if w.name == "unarchive" {
			why = "Wrote only" // tar's words
		}
		if !strings.Contains(said, "fatal: [h1]: FAILED! =>") || !strings.Contains(said, why) {
			t.Errorf("%s: %s", w.name, said)
		}
		want := "old\nold"
		if w.name == "unarchive" { // tar leaves what it could write, as in the reference
			want = "a\nold\nold"
		}
		if got := h.sh("ls -A " + dirs[i] + "; cat " + dirs[i] + "/old"); got != want {
			t.Errorf("%s left %q", w.name, got)
		}
	}
	h.bare(10 * time.Second)
}

// TestReadOnly: the file system that a task writes to may not be written.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	proves(t, "Disks", "read-only file system, to be written by the same tasks", "the task fails and says \"Read-only file system\"")
	s := newSite(t)
	h := s.newHost("h1")
	s.write("big", strings.Repeat("0123456789abcde\n", 100))
	mkdir(t, filepath.Join(h.dir, "parts"), 0o755)
	h.sh("cp " + s.dir + "/big " + h.dir + "/parts/a; tar -C " + h.dir + "/parts -cf " + h.dir + "/big.tar a")
	dir := h.small("ro", 64, "")
	h.sh("echo old > " + dir + "/old; mount -o remount,ro " + dir)
	var playbook strings.Builder
	playbook.WriteString(onHost)
	for _, w := range writers {
		fmt.Fprintf(&playbook, "    - name: %s\n      %s\n      ignore_errors: true\n", w.name, fmt.Sprintf(w.task, dir))
	}
	r := s.play(3*time.Minute, playbook.String())
	r.wants(0)
	for _, w := range writers {
		_, said, _ := strings.Cut(r.out.String(), "TASK ["+w.name+"]")
		said, _, _ = strings.Cut(said, "\nTASK [")
		if !strings.Contains(said, "fatal: [h1]: FAILED! =>") || !strings.Contains(said, "ead-only file system") && !strings.Contains(said, "not writable") {
			t.Errorf("%s: %s", w.name, said)
		}
	}
}

// TestHomes: where the agent is put when its first choices will not do.
func TestHomes(t *testing.T) {
	for _, c := range []struct{ name, fault, prepare, where string }{
		{"full", "the home's file system is full", "umount /root/.cache/churten; mount -t tmpfs -o size=64k,mode=700 none /root", "/root/.ansible/tmp /var/tmp"},
		{"noexec", "the home is mounted noexec", "umount /root/.cache/churten; mount -o remount,noexec /root", "/var/tmp"},
		{"read-only", "the home is read-only", "umount /root/.cache/churten; rmdir /root/.cache/churten; mount -o remount,ro /root", "/var/tmp"},
		{"no home", "the home is missing", "umount /root/.cache/churten; umount /root; mount -t tmpfs -o mode=755 none /mnt; mkdir /mnt/x; mount --bind /mnt/x /root; chmod 0 /root; mount -o remount,bind,ro /root", "/var/tmp"},
		{"all noexec but shm", "home, /var/tmp and /tmp are mounted noexec", "umount /root/.cache/churten; mount -o remount,noexec /root; mount -o remount,noexec /var/tmp; mount -o remount,noexec /tmp", "/dev/shm"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			proves(t, "Disks", c.fault, "the agent is put into the next folder that will do: "+c.where[strings.LastIndexByte(c.where, ' ')+1:])
			if c.name != "full" {
				takesLong(t)
			}
			s := newSite(t)
			h := s.newHost("h1")
			h.sh(c.prepare)
			r := s.play(2*time.Minute, onHost+`    - shell: "tr '\\0' ' ' < /proc/$PPID/cmdline"
      register: agent
    - debug: {msg: "{{ agent.stdout }}"}
    - copy: {content: "content", dest: "{{ dir }}/file"}
    - command: id -un
      become: true
      become_method: su
      become_flags: "-s /bin/sh"
      become_user: nobody
`)
			r.wants(0)
			found := false
			for _, where := range strings.Fields(c.where) {
				found = found || strings.Contains(r.out.String(), `"msg": "`+where+"/")
			}
			if !found {
				t.Errorf("not in %s", c.where)
			}
			h.bare(10 * time.Second)
		})
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		proves(t, "Disks", "no folder at all allows the agent", "the host is unreachable, and the message names the folders and the setting; raw works")
		s := newSite(t)
		h := s.newHost("h1")
		h.sh("umount /root/.cache/churten; for d in /root /var/tmp /tmp /dev/shm; do mount -o remount,noexec $d; done")
		r := s.play(2*time.Minute, onHost+"    - raw: echo raw\n    - ping:\n")
		r.wants(4, "no directory in which the agent may be written and executed on h1; looked at [~/.cache/churten ~/.ansible/tmp/@ /var/tmp/@ /tmp/@ /dev/shm/@]: set ansible_remote_tmp to one that allows it")
		r.recap("h1: ok=1 unreachable=1")
		h.bare(10 * time.Second)
	})
}
