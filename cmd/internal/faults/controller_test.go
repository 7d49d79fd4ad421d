package faults

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// moments are when a controller is ended: a play, and the file that shows that
// the moment has come.
var moments = []struct{ name, begun, playbook string }{
	{"command", "begun", onHost + `    - shell: "touch {{ dir }}/begun; sleep 600; echo x >> {{ dir }}/count"` + "\n"},
	{"become", "who/begun", onHost + `    - shell: "touch {{ dir }}/who/begun; sleep 600; echo x >> {{ dir }}/count"
      become: true
      become_method: su
      become_flags: "-s /bin/sh"
      become_user: nobody
`},
	{"upload", "", onHost + `    - copy: {src: big, dest: "{{ dir }}/big"}` + "\n"},
	{"handler", "begun", onHost + `    - command: "true"
      notify: late
  handlers:
    - name: late
      shell: "touch {{ dir }}/begun; sleep 600; echo x >> {{ dir }}/count"
`},
	{"retries", "begun", onHost + `    - shell: "touch {{ dir }}/begun; false"
      register: r
      until: r is succeeded
      retries: 100
      delay: 5
`},
}

// TestController: the controller is ended by a signal.
func TestController(t *testing.T) {
	for _, sig := range []struct {
		name    string
		signal  syscall.Signal
		status  int
		grace   time.Duration
		outcome string
	}{
		{"SIGINT", syscall.SIGINT, 99, 0, `"[ERROR]: User interrupted execution", exit 99; nothing is left on the host when the run has ended`},
		{"SIGTERM", syscall.SIGTERM, 99, 0, "the same as for Ctrl-C"},
		{"SIGHUP", syscall.SIGHUP, 99, 0, "the same as for Ctrl-C"},
		{"SIGKILL", syscall.SIGKILL, -1, 40 * time.Second, "nothing is left on the host after the grace time of 30 s: no process, no file"},
	} {
		for _, m := range moments {
			t.Run(sig.name+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				proves(t, "Controllers", sig.name+" to the controller during: "+m.name, sig.outcome)
				if sig.name != "SIGINT" && (m.name != "command" || sig.name == "SIGKILL") {
					takesLong(t)
				}
				s := newSite(t)
				h := s.newHost("h1")
				mkdir(t, filepath.Join(h.dir, "who"), 0o777)
				s.big()
				slowly(s, h, m.name)
				r := s.start(m.playbook)
				if m.name == "upload" {
					begins(t, h, "upload", "")
				} else {
					h.appears(m.begun)
				}
				time.Sleep(300 * time.Millisecond)
				if err := r.cmd.Process.Signal(sig.signal); err != nil {
					t.Fatal(err)
				}
				r.wait(time.Minute)
				if sig.status >= 0 {
					r.wants(sig.status, "[ERROR]: User interrupted execution")
				}
				h.bare(sig.grace + 3*time.Second)
				if exists(filepath.Join(h.dir, "big")) || exists(filepath.Join(h.dir, "count")) {
					t.Error("the work went on")
				}
				nothingBeside(t, filepath.Join(h.dir, "big"))
				for _, dir := range []string{"/tmp", "/var/tmp", "/root/.ansible/tmp"} {
					if left := h.sh("ls -A " + dir + " 2>/dev/null | grep -v '^churten-' || true"); left != "" {
						t.Errorf("left in %s: %s", dir, left)
					}
				}
			})
		}
	}
}

// TestStopped: the controller is stopped from its terminal for longer than the
// agent is patient, and goes on.
func TestStopped(t *testing.T) {
	t.Parallel()
	proves(t, "Controllers", "Ctrl-Z for two minutes, then fg", "the agents were told, and wait; the run goes on")
	takesLong(t)
	s := newSite(t)
	h := s.newHost("h1")
	r := s.start(onHost + "    - shell: \"touch {{ dir }}/begun; echo x >> {{ dir }}/count; sleep 20; echo x >> {{ dir }}/count\"\n    - shell: echo x >> {{ dir }}/count\n")
	h.appears("begun")
	if err := r.cmd.Process.Signal(syscall.SIGTSTP); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, func() bool { return state(r.cmd.Process.Pid) == "T" }, func() string { return "it does not stop" })
	time.Sleep(2 * time.Minute)
	if err := r.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	r.wait(time.Minute)
	r.wants(0)
	counted(3)(t, s, h)
	h.bare(10 * time.Second)
}

// state is the letter that proc_pid_stat(5) has for a process.
func state(pid int) string {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return ""
	}
	return statFields(text)[0]
}
