package ssh

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/connection/sshtest"
)

// sshd starts the real server on a loopback port and returns the options that
// reach it.
func sshd(t *testing.T, w *world, lines ...string) connection.Options {
	t.Helper()
	const program = "/usr/sbin/sshd"
	if _, err := os.Stat(program); err != nil {
		t.Skip("no sshd here: ", err)
	}
	if os.Getuid() != 0 {
		t.Skip("sshd is only run by root")
	}
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		t.Skip("sshd wants /run/sshd: ", err)
	}
	dir := t.TempDir()
	hostKey, hostSigner := newSigner(t)
	userKey, userSigner := newSigner(t)
	if _, err := sshtest.WritePrivateKey(filepath.Join(dir, "host"), hostKey, ""); err != nil {
		t.Fatal(err)
	}
	key, err := sshtest.WritePrivateKey(filepath.Join(dir, "user"), userKey, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "authorized"), ssh.MarshalAuthorizedKey(userSigner.PublicKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	config := append([]string{
		fmt.Sprintf("Port %d", port), "ListenAddress 127.0.0.1", "HostKey " + filepath.Join(dir, "host"),
		"AuthorizedKeysFile " + filepath.Join(dir, "authorized"), "StrictModes no", "PermitRootLogin yes",
		"UsePAM no", "PidFile none",
	}, lines...)
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(strings.Join(config, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-D", "-f", file, "-E", filepath.Join(dir, "log"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("sshd said:\n%s", log)
		}
	})
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			c.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatal("sshd does not come up")
		}
	}
	w.write("known_hosts", fmt.Sprintf("[127.0.0.1]:%d %s", port, ssh.MarshalAuthorizedKey(hostSigner.PublicKey())))
	return connection.Options{
		Host: "h1", Address: "127.0.0.1", Port: port, User: "root", PrivateKeyFiles: []string{key},
		HostKeyChecking: true, ConnectTimeout: 10 * time.Second,
	}
}

// What x/crypto does not know, the ssh program may.
func TestSSHDAlgorithms(t *testing.T) {
	if _, err := exec.LookPath("ssh"); err != nil {
		t.Skip("no ssh program here: ", err)
	}
	w := newWorld(t)
	o := sshd(t, w, "Ciphers aes256-ctr", "MACs umac-128-etm@openssh.com")
	o.CommonArgs = "-o UserKnownHostsFile=" + filepath.Join(w.home, ".ssh/known_hosts")
	c := w.dial(o)
	if c.(*client).master == nil {
		t.Error("x/crypto knows it: take another algorithm")
	}
	if out, _, _, err := run(t.Context(), c, "cat", "x"); out != "x" || err != nil {
		t.Errorf("got %q %v", out, err)
	}
}

// The same against OpenSSH's server, by both clients.
func TestSSHD(t *testing.T) {
	for _, by := range []string{"in process", "ssh program"} {
		t.Run(by, func(t *testing.T) {
			w := newWorld(t)
			o := sshd(t, w)
			if by == "ssh program" {
				o.CommonArgs = "-F none -L " + filepath.Join(w.home, "l") + ":127.0.0.1:1 -o UserKnownHostsFile=" + filepath.Join(w.home, ".ssh/known_hosts")
			}
			c := w.dial(o)
			big := strings.Repeat("0123456789abcdef", 1<<18)
			for _, x := range []struct {
				command, in, out, err string
				exit                  connection.Exit
			}{
				{"cat; echo e >&2; exit 3", "in", "in", "e\n", connection.Exit{Code: 3}},
				{"kill -KILL $$", "", "", "", connection.Exit{Code: 137, Signal: "KILL"}},
				{"cat", big, big, "", connection.Exit{}},
				{"true", big, "", "", connection.Exit{}},
			} {
				out, errOut, exit, err := run(t.Context(), c, x.command, x.in)
				if out != x.out || errOut != x.err || exit != x.exit || err != nil {
					t.Errorf("%s: got %.40q %q %v %v", x.command, out, errOut, exit, err)
				}
			}
			// A command that was abandoned does not go on.
			s, err := c.Start(t.Context(), "echo $$; exec cat")
			if err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 20)
			n, err := s.Stdout().Read(b)
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
			proc := "/proc/" + strings.TrimSpace(string(b[:n]))
			for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
				if _, err := os.Stat(proc); err != nil {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("%s still runs", proc)
				}
			}
		})
	}
}

func TestSSHDRefuses(t *testing.T) {
	for _, x := range []struct {
		name  string
		lines []string
		setup func(w *world, o *connection.Options)
		want  string
	}{
		{"key", nil, func(w *world, o *connection.Options) { o.PrivateKeyFiles = nil },
			"root@127.0.0.1: Permission denied (publickey,password,keyboard-interactive)."},
		{"too many keys", []string{"MaxAuthTries 2"}, func(w *world, o *connection.Options) { o.PrivateKeyFiles = nil; w.withAgent(w.t, 5) },
			"Received disconnect from 127.0.0.1 port PORT:2: Too many authentication failures\r\nDisconnected from 127.0.0.1 port PORT"},
		{"algorithms", []string{"Ciphers aes256-ctr"}, func(w *world, o *connection.Options) { o.SSHArgs = "-c aes128-ctr"; w.d.env.OpenSSH = "/no/ssh" },
			"Unable to negotiate with 127.0.0.1 port PORT: no matching cipher found. Their offer: aes256-ctr"},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := newWorld(t)
			o := sshd(t, w, x.lines...)
			x.setup(w, &o)
			c, err := w.d.Dial(t.Context(), o)
			if err == nil {
				c.Close()
				t.Fatal("connected")
			}
			want := prefix + strings.ReplaceAll(x.want, "PORT", fmt.Sprint(o.Port))
			if err.Error() != want {
				t.Errorf("got  %q\nwant %q", err, want)
			}
		})
	}
}
