package sshtest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func newTestHost(t *testing.T, o Options) *Host {
	t.Helper()
	h, err := NewHost(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func dial(t *testing.T, h *Host, auth ...ssh.AuthMethod) (*ssh.Client, error) {
	t.Helper()
	if auth == nil {
		auth = []ssh.AuthMethod{ssh.PublicKeys(h.ClientKey())}
	}
	c, err := ssh.Dial("tcp", h.Addr(), &ssh.ClientConfig{
		User: "me", Auth: auth, HostKeyCallback: ssh.FixedHostKey(h.HostKey()), Timeout: 5 * time.Second,
	})
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

func newSession(t *testing.T, h *Host) *ssh.Session {
	t.Helper()
	c, err := dial(t, h)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestExec(t *testing.T) {
	h := newTestHost(t, Options{Env: []string{"X=y"}})
	for _, x := range []struct{ command, in, out, err, fails string }{
		{"cat; echo e >&2", "in", "in", "e\n", ""},
		{"pwd; echo $HOME $X $0", "", h.Home() + "\n" + h.Home() + " y /bin/sh\n", "", ""},
		{"exit 3", "", "", "", "Process exited with status 3"},
		{"kill -KILL $$", "", "", "", "Process exited with status 137 from signal KILL"},
		// The shell ends; the channel stays until its child lets go.
		{"(sleep 0.1; echo late) & exit 0", "", "late\n", "", ""},
	} {
		s := newSession(t, h)
		var out, errOut bytes.Buffer
		s.Stdin, s.Stdout, s.Stderr = strings.NewReader(x.in), &out, &errOut
		fails := ""
		if err := s.Run(x.command); err != nil {
			fails = err.Error()
		}
		if out.String() != x.out || errOut.String() != x.err || fails != x.fails {
			t.Errorf("%s: got %q %q %q", x.command, out.String(), errOut.String(), fails)
		}
	}
	if n := h.Stats().Execs; n != 5 {
		t.Errorf("%d execs counted", n)
	}
}

func TestPty(t *testing.T) {
	h := newTestHost(t, Options{})
	s := newSession(t, h)
	if err := s.RequestPty("xterm", 24, 80, ssh.TerminalModes{}); err != nil {
		t.Fatal(err)
	}
	in, _ := s.StdinPipe()
	out, _ := s.StdoutPipe()
	if err := s.Start(`tty >/dev/null && echo $TERM; stty size; read x; stty size`); err != nil {
		t.Fatal(err)
	}
	read := func(want string) {
		t.Helper()
		b := make([]byte, len(want))
		if _, err := io.ReadFull(out, b); err != nil || string(b) != want {
			t.Errorf("got %q %v, want %q", b, err, want)
		}
	}
	read("xterm\r\n24 80\r\n")
	// With a reply, unlike WindowChange: data does not wait for requests.
	size := ssh.Marshal(struct{ Columns, Rows, Width, Height uint32 }{100, 30, 800, 240})
	if ok, err := s.SendRequest("window-change", true, size); err != nil || !ok {
		t.Fatal(ok, err)
	}
	fmt.Fprint(in, "\n")
	read("\r\n30 100\r\n")
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
}

func TestLogins(t *testing.T) {
	for _, x := range []struct {
		o    Options
		auth []ssh.AuthMethod
		ok   bool
	}{
		{Options{}, []ssh.AuthMethod{ssh.Password("pw")}, false},
		{Options{Password: "pw"}, []ssh.AuthMethod{ssh.Password("pw")}, true},
		{Options{Password: "pw"}, []ssh.AuthMethod{ssh.Password("no")}, false},
		{Options{Password: "pw", User: "you"}, []ssh.AuthMethod{ssh.Password("pw")}, false},
		{Options{Password: "pw", OnlyKeyboardInteractive: true}, []ssh.AuthMethod{ssh.Password("pw")}, false},
	} {
		h := newTestHost(t, x.o)
		if _, err := dial(t, h, x.auth...); (err == nil) != x.ok {
			t.Errorf("%+v: %v", x.o, err)
		}
	}
	h := newTestHost(t, Options{})
	if _, err := dial(t, h); err != nil {
		t.Error(err)
	}
	want := []string{"none", "publickey " + ssh.FingerprintSHA256(h.ClientKey().PublicKey()), "publickey " + ssh.FingerprintSHA256(h.ClientKey().PublicKey())}
	if s := h.Stats(); !slices.Equal(s.Auth, want) && !slices.Equal(s.Auth, want[:2]) {
		t.Errorf("got %q", s.Auth)
	}
}

func TestFaults(t *testing.T) {
	h := newTestHost(t, Options{})
	s := newSession(t, h)
	if err := s.Start("sleep 1000"); err != nil {
		t.Fatal(err)
	}
	h.Cut()
	if err := s.Wait(); err == nil {
		t.Error("cut, and nothing happened")
	}
	h.Refuse()
	if _, err := net.Dial("tcp", h.Addr()); err == nil {
		t.Error("not refused")
	}
	if err := h.Resume(); err != nil {
		t.Fatal(err)
	}
	if _, err := dial(t, h); err != nil {
		t.Error(err)
	}
	h.Hang()
	c, err := net.Dial("tcp", h.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); n != 0 || !os.IsTimeout(err) {
		t.Errorf("hanging, it said something: %d %v", n, err)
	}
}

// The process group of a command ends with its channel, and Close waits for it.
func TestNothingIsLeft(t *testing.T) {
	h := newTestHost(t, Options{})
	c, err := dial(t, h)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	out, _ := s.StdoutPipe()
	if err := s.Start("trap '' TERM HUP; sleep 1000 & echo $!; wait"); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 20)
	n, err := out.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b[:n])))
	if err != nil {
		t.Fatal(err)
	}
	h.Close()
	// It was killed; that it is gone shows a moment later.
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("process %d still runs", pid)
		}
	}
	if _, err := os.Stat(h.Home()); err == nil {
		t.Error("the scratch home is still there")
	}
}

func TestForward(t *testing.T) {
	h, behind := newTestHost(t, Options{}), newTestHost(t, Options{})
	c, err := dial(t, h)
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.Dial("tcp", behind.Addr())
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 4)
	if _, err := io.ReadFull(f, b); err != nil || string(b) != "SSH-" {
		t.Errorf("got %q %v", b, err)
	}
	f.Close()
	behind.Refuse()
	if _, err := c.Dial("tcp", behind.Addr()); err == nil {
		t.Error("connected to a closed port")
	}
}

// OpenSSH's own client, with the lines that a host gives out.
func TestLines(t *testing.T) {
	h := newTestHost(t, Options{User: "deploy"})
	if got, want := h.InventoryLine("h1"), fmt.Sprintf("h1 ansible_host=127.0.0.1 ansible_port=%d ansible_user=deploy", h.Port()); got != want {
		t.Errorf("got %q", got)
	}
	program, err := exec.LookPath("ssh")
	if err != nil {
		t.Skip("no ssh program here: ", err)
	}
	dir := t.TempDir()
	key, err := h.WriteClientKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	known := filepath.Join(dir, "known_hosts")
	if err := os.WriteFile(known, []byte(h.KnownHostsLine()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "-F", "none", "-i", key, "-o", "UserKnownHostsFile="+known, "-o", "StrictHostKeyChecking=yes",
		"-o", "BatchMode=yes", "-p", strconv.Itoa(h.Port()), "deploy@127.0.0.1", "echo hello").CombinedOutput()
	if err != nil || string(out) != "hello\n" {
		t.Errorf("got %q %v", out, err)
	}
}

// A thousand hosts fit in a process.
func TestManyHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand hosts, not in -short")
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 1000 {
		newTestHost(t, Options{})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if per := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / 1000; per > 64<<10 {
		t.Errorf("%d bytes a host", per)
	}
}
