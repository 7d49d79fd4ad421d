package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/connection/sshtest"
)

// world is a home directory, and a Dialer that knows nothing else.
type world struct {
	t     *testing.T
	home  string
	d     *Dialer
	asked []string // what the person was asked
}

func newWorld(t *testing.T) *world {
	t.Helper()
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, home: home}
	w.d = NewDialer(Environment{
		Home: home, User: "me", UID: os.Getuid(), Hostname: "ctl.example.com",
		Environ:    []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "SHELL=/bin/sh"},
		UserConfig: filepath.Join(home, ".ssh", "config"), OpenSSH: "ssh",
	})
	return w
}

// write puts a file under ~/.ssh.
func (w *world) write(name, text string) string {
	w.t.Helper()
	file := filepath.Join(w.home, ".ssh", name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return file
}

func (w *world) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.home, ".ssh", name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	return string(text)
}

func newHost(t *testing.T, o sshtest.Options) *sshtest.Host {
	t.Helper()
	h, err := sshtest.NewHost(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// options reach a host with its client key, without checking its own.
func (w *world) options(h *sshtest.Host) connection.Options {
	w.t.Helper()
	key, err := h.WriteClientKey(filepath.Join(w.home, ".ssh"))
	if err != nil {
		w.t.Fatal(err)
	}
	return connection.Options{
		Host: "h1", Address: "127.0.0.1", Port: h.Port(), PrivateKeyFiles: []string{key},
		ConnectTimeout: 10 * time.Second,
	}
}

func password(pw string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return pw, nil }
}

// run runs a command with input and returns all that it gave back.
func run(ctx context.Context, c connection.Conn, command, in string) (out, errOut string, exit connection.Exit, err error) {
	s, err := c.Start(ctx, command)
	if err != nil {
		return "", "", exit, err
	}
	defer s.Close()
	go func() {
		_, _ = io.WriteString(s.Stdin(), in)
		s.Stdin().Close()
	}()
	stderr := make(chan string)
	go func() {
		b, _ := io.ReadAll(s.Stderr())
		stderr <- string(b)
	}()
	b, _ := io.ReadAll(s.Stdout())
	errOut = <-stderr
	exit, err = s.Wait()
	return string(b), errOut, exit, err
}

func (w *world) dial(o connection.Options) connection.Conn {
	w.t.Helper()
	c, err := w.d.Dial(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	return c
}

func TestCommands(t *testing.T) {
	w, h := newWorld(t), newHost(t, sshtest.Options{})
	c := w.dial(w.options(h))
	big := strings.Repeat("0123456789abcdef", 1<<18) // 4 MiB: more than a window
	for _, x := range []struct {
		name, command, in, out, err string
		exit                        connection.Exit
	}{
		{"output", "echo a; echo b >&2", "", "a\n", "b\n", connection.Exit{}},
		{"input", "cat", "x\x00y\r\n", "x\x00y\r\n", "", connection.Exit{}},
		{"status", "exit 7", "", "", "", connection.Exit{Code: 7}},
		{"signal", "kill -TERM $$", "", "", "", connection.Exit{Code: 143, Signal: "TERM"}},
		{"home", "pwd; echo $HOME", "", h.Home() + "\n" + h.Home() + "\n", "", connection.Exit{}},
		{"big", "cat", big, big, "", connection.Exit{}},
		{"unread input", "true", big, "", "", connection.Exit{}},
		{"no such command", "/no/such 2>/dev/null", "", "", "", connection.Exit{Code: 127}},
	} {
		t.Run(x.name, func(t *testing.T) {
			out, errOut, exit, err := run(t.Context(), c, x.command, x.in)
			if err != nil || exit != x.exit || out != x.out || errOut != x.err {
				t.Errorf("got %.40q %.40q %v %v, want %.40q %.40q %v", out, errOut, exit, err, x.out, x.err, x.exit)
			}
		})
	}
	if s := h.Stats(); s.Connections != 1 || s.Logins != 1 {
		t.Errorf("%d connections, %d logins for one Conn", s.Connections, s.Logins)
	}
	if got, want := c.Describe(), fmt.Sprintf("ssh me@127.0.0.1 port %d", h.Port()); got != want {
		t.Errorf("Describe: %q, want %q", got, want)
	}
}

func TestManyCommandsAtOnce(t *testing.T) {
	w, h := newWorld(t), newHost(t, sshtest.Options{})
	c := w.dial(w.options(h))
	errs := make(chan error)
	for i := range 20 {
		go func() {
			want := fmt.Sprintf("%d\n", i)
			out, _, _, err := run(t.Context(), c, "cat; exit 0", want)
			if err == nil && out != want {
				err = fmt.Errorf("got %q, want %q", out, want)
			}
			errs <- err
		}()
	}
	for range 20 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// A command must not outlive its context, its stream or its connection.
func TestCommandEnds(t *testing.T) {
	for _, way := range []string{"context", "stream", "connection"} {
		t.Run(way, func(t *testing.T) {
			w, h := newWorld(t), newHost(t, sshtest.Options{})
			c := w.dial(w.options(h))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s, err := c.Start(ctx, "echo up; trap '' TERM HUP; while :; do sleep 1; done")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(s.Stdout(), make([]byte, 3)); err != nil {
				t.Fatal(err)
			}
			switch way {
			case "context":
				cancel()
			case "stream":
				s.Close()
			case "connection":
				c.Close()
			}
			if _, err := s.Wait(); err == nil {
				t.Error("an abandoned command has no error")
			}
			h.Close() // waits for its processes
		})
	}
}

func TestLostConnection(t *testing.T) {
	w, h := newWorld(t), newHost(t, sshtest.Options{})
	c := w.dial(w.options(h))
	s, err := c.Start(t.Context(), "echo up; sleep 1000")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(s.Stdout(), make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	h.Cut()
	_, err = s.Wait()
	var u *connection.Unreachable
	if !errors.As(err, &u) || !u.Lost || u.Host != "h1" {
		t.Fatalf("got %#v", err)
	}
	if want := prefix + "client_loop: send disconnect: Broken pipe"; u.Msg != want {
		t.Errorf("got  %q\nwant %q", u.Msg, want)
	}
	if _, err := c.Start(t.Context(), "true"); !errors.As(err, &u) || !u.Lost {
		t.Errorf("Start on a lost connection: %v", err)
	}
}

func TestKeepAlive(t *testing.T) {
	w, h := newWorld(t), newHost(t, sshtest.Options{})
	p, err := sshtest.NewProxy("127.0.0.1:0", h.Addr(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	o := w.options(h)
	o.Port = p.Port()
	o.CommonArgs = "-o ServerAliveInterval=1 -o ServerAliveCountMax=1"
	c := w.dial(o)
	s, err := c.Start(t.Context(), "cat")
	if err != nil {
		t.Fatal(err)
	}
	p.Freeze()
	_, err = s.Wait()
	if err == nil || !strings.HasSuffix(err.Error(), "Timeout, server 127.0.0.1 not responding.") {
		t.Errorf("got %v", err)
	}
}
