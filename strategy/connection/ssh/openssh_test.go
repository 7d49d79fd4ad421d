package ssh

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/connection/sshtest"
)

func TestOpenSSH(t *testing.T) {
	if _, err := exec.LookPath("ssh"); err != nil {
		t.Skip("no ssh program here: ", err)
	}
	key, signer := newSigner(t)
	for _, x := range []struct {
		name  string
		host  sshtest.Options
		setup func(w *world, o *connection.Options)
		fails string
	}{
		{"key", sshtest.Options{}, func(w *world, o *connection.Options) {}, ""},
		{"password", sshtest.Options{Password: "p w\"$x", NoClientKey: true}, func(w *world, o *connection.Options) {
			o.Password = password("p w\"$x")
		}, ""},
		{"wrong password", sshtest.Options{Password: "pw", NoClientKey: true}, func(w *world, o *connection.Options) {
			o.Password = password("nope")
		}, "Permission denied ("},
		{"passphrase", sshtest.Options{NoClientKey: true, AuthorizedKeys: []ssh.PublicKey{signer.PublicKey()}}, func(w *world, o *connection.Options) {
			f, err := sshtest.WritePrivateKey(filepath.Join(w.home, "locked key"), key, "pp")
			if err != nil {
				w.t.Fatal(err)
			}
			o.PrivateKeyFiles = []string{f}
			o.PrivateKeyPassphrase = "pp"
		}, ""},
		{"denied", sshtest.Options{NoClientKey: true}, func(w *world, o *connection.Options) {}, "Permission denied (publickey)."},
		{"unknown host key, asked", sshtest.Options{}, func(w *world, o *connection.Options) {
			o.HostKeyChecking = true
			w.answers(o, "yes")
		}, ""},
		{"unknown host key", sshtest.Options{}, func(w *world, o *connection.Options) {
			o.HostKeyChecking = true
		}, "Host key verification failed."},
	} {
		t.Run(x.name, func(t *testing.T) {
			w, h := newWorld(t), newHost(t, x.host)
			o := w.options(h)
			o.User = "me"
			// Something that only OpenSSH does. Its idea of ~ is not ours.
			sock := filepath.Join(w.home, "fwd")
			o.CommonArgs = fmt.Sprintf("-F none -o SetEnv=LANG=xx -L %s:127.0.0.1:%d -o UserKnownHostsFile=%s", sock, h.Port(), filepath.Join(w.home, "kh"))
			x.setup(w, &o)
			c, err := w.d.Dial(t.Context(), o)
			if x.fails != "" {
				if err == nil {
					c.Close()
					t.Fatal("connected")
				}
				if !strings.HasPrefix(err.Error(), prefix) || !strings.HasSuffix(strings.TrimSpace(err.Error()), x.fails) && !strings.Contains(err.Error(), x.fails) {
					t.Errorf("got %q", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			out, errOut, exit, err := run(t.Context(), c, "cat; echo e >&2; exit 3", "in")
			if out != "in" || errOut != "e\n" || exit.Code != 3 || err != nil {
				t.Errorf("got %q %q %v %v", out, errOut, exit, err)
			}
			if out, _, _, err := run(t.Context(), c, "echo $LANG", ""); out != "xx\n" || err != nil {
				t.Errorf("the environment was not sent: %q %v", out, err)
			}
			big := strings.Repeat("x", 3<<20)
			if out, _, _, err := run(t.Context(), c, "cat", big); out != big || err != nil {
				t.Errorf("got %d bytes, %v", len(out), err)
			}
			f, err := net.Dial("unix", sock)
			if err != nil {
				t.Error("not forwarded: ", err)
			} else {
				f.Close()
			}
			if n := h.Stats().Logins; n != 1 {
				t.Errorf("%d logins", n)
			}
			dir := c.(*client).master.dir
			c.Close()
			if _, err := os.Stat(dir); err == nil {
				t.Error("left behind: ", dir)
			}
			h.Close() // waits for the master to be gone
		})
	}
}

// When the master loses its host, so do the commands.
func TestOpenSSHLost(t *testing.T) {
	if _, err := exec.LookPath("ssh"); err != nil {
		t.Skip("no ssh program here: ", err)
	}
	w, h := newWorld(t), newHost(t, sshtest.Options{})
	o := w.options(h)
	o.CommonArgs = "-F none -D 127.0.0.1:0 -o UserKnownHostsFile=/dev/null"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.CommonArgs = strings.Replace(o.CommonArgs, "-D 127.0.0.1:0", "-R 127.0.0.1:1:127.0.0.1:2", 1)
	c, err := w.d.Dial(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := c.Start(ctx, "cat")
	if err != nil {
		t.Fatal(err)
	}
	h.Cut()
	_, err = s.Wait()
	if u, ok := err.(*connection.Unreachable); !ok || !u.Lost {
		t.Errorf("got %v", err)
	}
}
