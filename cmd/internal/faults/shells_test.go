package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// logins are users whose shell, or whose shell's start, is none that scripts
// like. setup runs in their home, as root; why is said of those that cannot be
// worked with at all.
var logins = []struct{ name, shell, setup, why string }{
	{name: "plain", shell: "/bin/sh"},
	{name: "bash", shell: "/bin/bash", setup: `echo 'echo "Welcome, $USER"; printf "\001churten-agent"; echo >&2 careful; umask 077; alias ls=false; cd /' > .bashrc`},
	{name: "fish", shell: "/usr/bin/fish", setup: `mkdir -p .config/fish; echo 'echo welcome; umask 077; alias ls=false' > .config/fish/config.fish`},
	{name: "csh", shell: "/bin/csh", setup: `echo 'echo welcome; umask 077; alias ls false; set noclobber' > .cshrc`},
	{name: "tcsh", shell: "/bin/tcsh", setup: `echo 'echo welcome; umask 077; alias sh false' > .tcshrc`},
	{name: "zsh", shell: "/bin/zsh", setup: `echo 'echo welcome; umask 077; setopt NO_CLOBBER SH_WORD_SPLIT; alias ls=false' > .zshenv`},
	{name: "mksh", shell: "/bin/mksh"},
	{name: "dash", shell: "/bin/dash"},
	{name: "busybox", shell: "/run/busybox/sh"},
	{name: "locale", shell: "/bin/bash", setup: `echo 'export LC_ALL=xx_YY.nonsense LANG=tr_TR.UTF-8 LS_COLORS=x TZ=Nowhere/At_All' > .bashrc`},
	{name: "pathless", shell: "/bin/bash", setup: `echo 'PATH=/bin:/usr/bin; unset TMPDIR USER LOGNAME' > .bashrc`},
	{name: "options", shell: "/bin/bash", setup: `echo 'set -eu; set -o noclobber; export POSIXLY_CORRECT=1 IFS=x CDPATH=/ GREP_OPTIONS=-v' > .bashrc`},
	{name: "nologin", shell: "/usr/sbin/nologin", why: "This account is currently not available."},
	{name: "false", shell: "/bin/false", why: "the agent did not start (exit status 1)"},
	{name: "missing", shell: "/bin/nosuchshell", why: "Permission denied"},
	{name: "rbash", shell: "/bin/rbash", why: "rbash: "},
	{name: "leaves", shell: "/bin/bash", setup: `echo 'echo this host is closed today; exit 3' > .bashrc`, why: "this host is closed today"},
}

// TestShells logs in as all of them, and does the same work.
func TestShells(t *testing.T) {
	t.Parallel()
	var names []string
	s := newSite(t)
	if err := os.Chmod(filepath.Join(s.dir, "authorized"), 0o644); err != nil { // sshd reads it as the user
		t.Fatal(err)
	}
	h := s.newHost("h1", "MaxStartups 100")
	h.sh(`mkdir /run/busybox; mount -t tmpfs -o mode=755 none /home; cp /etc/passwd /run/passwd; mount --bind /run/passwd /etc/passwd
cp /etc/sudoers /run/sudoers; echo 'ALL ALL=(ALL) NOPASSWD: ALL' >> /run/sudoers; chmod 440 /run/sudoers; mount --bind /run/sudoers /etc/sudoers
ln -s "$(command -v busybox)" /run/busybox/sh || true`)
	var more strings.Builder
	for i, l := range logins {
		path := l.shell
		if l.name == "busybox" {
			path = "busybox"
		}
		if _, err := exec.LookPath(path); err != nil && l.name != "missing" {
			t.Logf("left out: %v", err)
			continue
		}
		names = append(names, l.name)
		h.sh(fmt.Sprintf("echo %[1]s:*:%[2]d:%[2]d::/home/%[1]s:%[3]s >> /etc/passwd; mkdir /home/%[1]s; cd /home/%[1]s; %[4]s\nchown -R %[2]d:%[2]d /home/%[1]s", l.name, 7000+i, l.shell, l.setup))
		fmt.Fprintf(&more, "u%s ansible_host=%s ansible_user=%s dir=%s\n", l.name, h.addr, l.name, h.dir)
	}
	proves(t, "sshd", "logins whose shell is one of: "+strings.Join(names, ", ")+"; most with noise, aliases, options and umask 077 from their rc files",
		"all work alike; where no shell can be had the host is unreachable and says what the shell said")
	s.write("big", strings.Repeat("content", 100000))
	s.more = more.String()
	r := s.play(3*time.Minute, `- hosts: all,!h1
  gather_facts: false
  tasks:
    - command: id -un
      register: me
    - assert: {that: "'u' ~ me.stdout == inventory_hostname"}
    - shell: echo "$HOME" "it's" > ~/'by a shell'; cat "$HOME/by a shell"
      register: said
    - assert: {that: said.stdout == '/home/' ~ me.stdout ~ " it's"}
    - copy: {src: big, dest: ~/big}
    - stat: {path: ~/big}
      register: big
    - assert: {that: big.stat.size == 700000}
    - fetch: {src: ~/big, dest: `+s.dir+`/fetched/}
    - setup: {gather_subset: min}
    - assert: {that: ansible_user_id == me.stdout}
    - command: id -un
      become: true
      register: root
    - assert: {that: root.stdout == 'root'}
    - raw: echo raw
      register: raw
    - assert: {that: "'raw' in raw.stdout"}
    - shell: "sleep 0.1; echo job"
      async: 20
      poll: 1
`, "-f", "20")
	r.wants(4)
	if t.Failed() {
		return
	}
	for _, l := range logins {
		if !strings.Contains(s.more, "u"+l.name+" ") {
			continue
		}
		if l.why == "" {
			r.recap("u" + l.name + ": ok=15 unreachable=0 failed=0")
			if sum(t, filepath.Join(s.dir, "big")) != sum(t, filepath.Join(s.dir, "fetched/u"+l.name+"/home", l.name, "big")) {
				t.Errorf("%s: what was fetched is not what was sent", l.name)
			}
			continue
		}
		r.recap("u" + l.name + ": ok=0 unreachable=1 failed=0")
		_, said, _ := strings.Cut(r.out.String(), "fatal: [u"+l.name+"]: UNREACHABLE! => ")
		said, _, _ = strings.Cut(said, "\n")
		if !strings.Contains(said, l.why) {
			t.Errorf("%s: %s", l.name, said)
		}
	}
	h.bare(10 * time.Second)
}
