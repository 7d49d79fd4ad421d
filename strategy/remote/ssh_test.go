package remote

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/connection/ssh"
	"github.com/churten/churten/strategy/connection/sshtest"
	xssh "golang.org/x/crypto/ssh"
)

// dial reaches a host through a proxy that makes it far away.
func dial(t *testing.T, h *sshtest.Host, rtt time.Duration) (connection.Conn, *sshtest.Proxy) {
	t.Helper()
	p, err := sshtest.NewProxy("127.0.0.1:0", h.Addr(), rtt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	conn, err := dialTo(ctxOf(t), t, h, p.Port(), "me")
	if err != nil {
		t.Fatal(err)
	}
	return conn, p
}

// dialTo logs in with h's client key.
func dialTo(ctx context.Context, t *testing.T, h *sshtest.Host, port int, user string) (connection.Conn, error) {
	home := t.TempDir()
	key, err := h.WriteClientKey(home)
	if err != nil {
		return nil, err
	}
	d := ssh.NewDialer(ssh.Environment{Home: home, User: user, UID: os.Getuid(), Environ: []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}})
	conn, err := d.Dial(ctx, connection.Options{Host: "h1", Address: "127.0.0.1", Port: port, PrivateKeyFiles: []string{key}, ConnectTimeout: 10 * time.Second})
	if err == nil {
		t.Cleanup(func() { conn.Close() })
	}
	return conn, err
}

func TestOverSSH(t *testing.T) {
	h, err := sshtest.NewHost(sshtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	conn, _ := dial(t, h, 0)
	for range 2 {
		a := start(t, conn, options())
		d := call(t, a, Call{Module: "echo", Args: value.DictOf("bytes", value.Str(allBytes()))})
		args, _ := d.GetStr("args")
		if str(args.(*value.Dict), "bytes") != allBytes() {
			t.Error("bytes changed on the way")
		}
		if err := a.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if s := h.Stats(); s.Logins != 1 || s.Channels != 2 {
		t.Errorf("%+v", s)
	}
}

// The start of a cached agent, and each task, are one burst of the controller.
func TestBurstsOverSSH(t *testing.T) {
	h, err := sshtest.NewHost(sshtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	conn, p := dial(t, h, 40*time.Millisecond)
	start(t, conn, options()).Close(t.Context())
	before := p.Stats()
	began := time.Now()
	a := Begin(t.Context(), conn, options())
	if _, err := a.BeginCall(Call{Module: "echo"}, nil).Result(ctxOf(t)); err != nil {
		t.Fatal(err)
	}
	started := time.Since(began)
	after := p.Stats()
	for range 10 {
		call(t, a, Call{Module: "echo"})
	}
	tasks := p.Stats()
	t.Logf("start with first call: %v, %+v; then 10 calls: %+v", started, minus(after, before), minus(tasks, after))
	if n := a.Stats().Bursts; n != 11 {
		t.Errorf("%d bursts on the wire for 11 calls", n)
	}
	a.Close(t.Context())
}

func minus(a, b sshtest.ProxyStats) sshtest.ProxyStats {
	a.BytesUp -= b.BytesUp
	a.BytesDown -= b.BytesDown
	a.BurstsUp -= b.BurstsUp
	a.BurstsDown -= b.BurstsDown
	return a
}

// A cut connection is made again, and the agent taken up, when it survives.
func TestCutSSHConnection(t *testing.T) {
	h, err := sshtest.NewHost(sshtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	conn, p := dial(t, h, 0)
	o := options()
	o.Redial = func(ctx context.Context) (connection.Conn, error) {
		c, _ := dial(t, h, 0)
		return c, nil
	}
	a := start(t, conn, o)
	p.Cut()
	r, err := a.Call(ctxOf(t), Call{Module: "echo"}, nil)
	// The test's host kills the commands of a lost connection; sshd does not.
	t.Logf("after the cut: %v %v", r, err)
	if err == nil {
		return
	}
	if !strings.Contains(err.Error(), "could not be taken up again") {
		t.Error(err)
	}
}

func TestKilledAgentOverSSH(t *testing.T) {
	h, err := sshtest.NewHost(sshtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	conn, _ := dial(t, h, 0)
	a := start(t, conn, options())
	_, err = a.Call(ctxOf(t), Call{Module: "shell", Args: value.DictOf("cmd", value.Str("kill -9 $PPID"))}, nil)
	if err == nil || err.Error() != "the agent on the host ended (killed by signal KILL)" {
		t.Error(err)
	}
}

// Under OpenSSH's own server the agent outlives its connection.
func TestCutAndResumeUnderSshd(t *testing.T) {
	const sshd = "/usr/sbin/sshd"
	if _, err := os.Stat(sshd); err != nil || os.Getuid() != 0 {
		t.Skip("needs root and", sshd)
	}
	dir := t.TempDir()
	h, err := sshtest.NewHost(sshtest.Options{}) // for its client key
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	hostKey := filepath.Join(dir, "host_key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", hostKey).CombinedOutput(); err != nil {
		t.Skipf("ssh-keygen: %s", out)
	}
	if err := os.WriteFile(filepath.Join(dir, "keys"), xssh.MarshalAuthorizedKey(h.ClientKey().PublicKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	os.MkdirAll("/run/sshd", 0o755)
	server := exec.Command(sshd, "-D", "-e", "-f", "/dev/null", "-p", fmt.Sprint(port), "-h", hostKey, "-o", "ListenAddress=127.0.0.1", "-o", "PidFile=none",
		"-o", "UsePAM=no", "-o", "StrictModes=no", "-o", "PermitRootLogin=yes", "-o", "AuthorizedKeysFile="+filepath.Join(dir, "keys"))
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		server.Process.Kill()
		server.Wait()
	}()
	eventually(t, "sshd does not listen", func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	p, err := sshtest.NewProxy("127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	redial := func(ctx context.Context) (connection.Conn, error) { return dialTo(ctx, t, h, p.Port(), "root") }
	conn, err := redial(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	o := options()
	o.Dirs = []string{filepath.Join(dir, "cache")}
	o.Redial = redial
	a := start(t, conn, o)
	call(t, a, Call{Module: "count"})
	pending := a.BeginCall(Call{Module: "shell", Args: value.DictOf("cmd", value.Str("sleep 0.5; echo done"))}, nil)
	eventually(t, "never started", func() bool { return processes(t, "sleep 0.5") > 0 })
	p.Cut()
	p.Resume()
	r, err := pending.Result(ctxOf(t))
	if err != nil || str(r.Dict(), "stdout") != "done\n" {
		t.Fatal(err)
	}
	if d := call(t, a, Call{Module: "count"}); num(d, "n") != 2 {
		t.Error("not the same agent:", value.Repr(d))
	}
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
	eventually(t, "something is left running", func() bool { return processes(t, dir+"/cache") == 0 })
}
