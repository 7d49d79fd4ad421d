package ssh

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/connection/sshtest"
)

// The texts are those that ansible-core 2.19.14 printed over OpenSSH 9.2p1 on
// Debian 12 in the same situations; PORT, FINGERPRINT and FILE stand for what
// varies. testdata/record.sh makes the situations anew.
func TestMessages(t *testing.T) {
	const p = "Failed to connect to the host via ssh: "
	changed := strings.Join([]string{
		atSigns, "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @", atSigns,
		"IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!",
		"Someone could be eavesdropping on you right now (man-in-the-middle attack)!",
		"It is also possible that a host key has just been changed.",
		"The fingerprint for the ED25519 key sent by the remote host is\nFINGERPRINT.",
		"Please contact your system administrator.",
		"Add correct host key in FILE to get rid of this message.",
		"Offending ED25519 key in FILE:1", "  remove with:",
		`  ssh-keygen -f "FILE" -R "[127.0.0.1]:PORT"`, "",
	}, "\r\n")
	revoked := strings.Join([]string{
		atSigns, "@       WARNING: REVOKED HOST KEY DETECTED!               @", atSigns,
		"The ED25519 host key for [127.0.0.1]:PORT is marked as revoked.",
		"This could mean that a stolen key is being used to", "impersonate this host.", "",
	}, "\r\n")
	other := newHost(t, sshtest.Options{})
	known := func(marker string, key ssh.PublicKey, port int) string {
		return fmt.Sprintf("%s[127.0.0.1]:%d %s", marker, port, ssh.MarshalAuthorizedKey(key))
	}
	for _, x := range []struct {
		name  string
		host  sshtest.Options
		setup func(w *world, h *sshtest.Host, o *connection.Options)
		want  string
	}{
		{"refused", sshtest.Options{}, func(w *world, h *sshtest.Host, o *connection.Options) { h.Refuse() },
			p + "ssh: connect to host 127.0.0.1 port PORT: Connection refused"},
		{"time-out", sshtest.Options{}, func(w *world, h *sshtest.Host, o *connection.Options) {
			h.Hang()
			o.ConnectTimeout = time.Second
		}, p + "Connection timed out during banner exchange\r\nConnection to 127.0.0.1 port PORT timed out"},
		{"no key", sshtest.Options{Password: "x"}, func(w *world, h *sshtest.Host, o *connection.Options) { o.PrivateKeyFiles = nil },
			p + "Warning: Permanently added '[127.0.0.1]:PORT' (ED25519) to the list of known hosts.\r\nme@127.0.0.1: Permission denied (password,publickey,keyboard-interactive)."},
		{"no such identity", sshtest.Options{Password: "x"}, func(w *world, h *sshtest.Host, o *connection.Options) {
			o.PrivateKeyFiles = []string{"/no/such"}
			w.write("known_hosts", h.KnownHostsLine())
		}, p + "no such identity: /no/such: No such file or directory\r\nme@127.0.0.1: Permission denied (password,publickey,keyboard-interactive)."},
		{"wrong password", sshtest.Options{Password: "x", NoClientKey: true}, func(w *world, h *sshtest.Host, o *connection.Options) {
			o.Password = password("y")
			w.write("known_hosts", h.KnownHostsLine())
		}, p + "me@127.0.0.1: Permission denied (password,publickey,keyboard-interactive)."},
		{"unknown host key", sshtest.Options{}, func(w *world, h *sshtest.Host, o *connection.Options) { o.HostKeyChecking = true },
			p + "Host key verification failed."},
		{"unknown host key, yes", sshtest.Options{}, func(w *world, h *sshtest.Host, o *connection.Options) {
			o.HostKeyChecking = true
			o.CommonArgs = "-o StrictHostKeyChecking=yes"
		}, p + "No ED25519 host key is known for [127.0.0.1]:PORT and you have requested strict checking.\r\nHost key verification failed."},
		{"changed host key", sshtest.Options{}, func(w *world, h *sshtest.Host, o *connection.Options) {
			o.HostKeyChecking = true
			w.write("known_hosts", known("", other.HostKey(), h.Port()))
		}, p + changed + "Host key for [127.0.0.1]:PORT has changed and you have requested strict checking.\r\nHost key verification failed."},
		{"changed host key, unchecked, password", sshtest.Options{Password: "x", NoClientKey: true}, func(w *world, h *sshtest.Host, o *connection.Options) {
			o.Password = password("x")
			w.write("known_hosts", known("", other.HostKey(), h.Port()))
		}, p + changed + "Password authentication is disabled to avoid man-in-the-middle attacks.\r\nKeyboard-interactive authentication is disabled to avoid man-in-the-middle attacks.\r\nme@127.0.0.1: Permission denied (password,publickey,keyboard-interactive)."},
		{"revoked host key", sshtest.Options{}, func(w *world, h *sshtest.Host, o *connection.Options) {
			o.HostKeyChecking = true
			w.write("known_hosts", h.KnownHostsLine()+known("@revoked ", h.HostKey(), h.Port()))
		}, p + revoked + "ED25519 host key for [127.0.0.1]:PORT was revoked and you have requested strict checking.\r\nHost key verification failed."},
		{"unknown option", sshtest.Options{}, func(w *world, h *sshtest.Host, o *connection.Options) { o.CommonArgs = "-o Frobnicate=yes" },
			p + "command-line: line 0: Bad configuration option: frobnicate"},
		{"jump refused", sshtest.Options{}, func(w *world, h *sshtest.Host, o *connection.Options) {
			other := newHost(w.t, sshtest.Options{})
			other.Refuse()
			o.CommonArgs = fmt.Sprintf("-J 127.0.0.1:%d", other.Port())
		}, "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535"},
	} {
		t.Run(x.name, func(t *testing.T) {
			w, h := newWorld(t), newHost(t, x.host)
			o := w.options(h)
			x.setup(w, h, &o)
			c, err := w.d.Dial(t.Context(), o)
			if err == nil {
				c.Close()
				t.Fatal("connected")
			}
			var u *connection.Unreachable
			if !errors.As(err, &u) || u.Host != "h1" || u.Lost {
				t.Fatalf("not an Unreachable of h1: %#v", err)
			}
			got := strings.NewReplacer(
				fmt.Sprintf("port %d", h.Port()), "port PORT", fmt.Sprintf("]:%d", h.Port()), "]:PORT",
				ssh.FingerprintSHA256(h.HostKey()), "FINGERPRINT", w.home+"/.ssh/known_hosts", "FILE",
			).Replace(u.Msg)
			if x.name == "jump refused" { // its first line names the jump's port
				got = got[strings.Index(got, "kex_"):]
			}
			if got != x.want {
				t.Errorf("got  %q\nwant %q", got, x.want)
			}
		})
	}
}

// What says nothing, nonsense, or goodbye instead of SSH.
func TestNotSSH(t *testing.T) {
	for _, x := range []struct{ name, says, want string }{
		{"closed", "", "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 127.0.0.1 port PORT"},
		{"http", "HTTP/1.0 400 bad\r\n", "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 127.0.0.1 port PORT"},
	} {
		t.Run(x.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				fmt.Fprint(c, x.says)
				_ = c.(*net.TCPConn).CloseWrite()
				_, _ = c.Read(make([]byte, 256))
				c.Close()
			}()
			port := l.Addr().(*net.TCPAddr).Port
			_, err = newWorld(t).d.Dial(t.Context(), connection.Options{Address: "127.0.0.1", Port: port, ConnectTimeout: 5 * time.Second})
			want := prefix + strings.ReplaceAll(x.want, "PORT", fmt.Sprint(port))
			if err == nil || err.Error() != want {
				t.Errorf("got  %q\nwant %q", err, want)
			}
		})
	}
}

func TestUnresolvable(t *testing.T) {
	_, err := newWorld(t).d.Dial(t.Context(), connection.Options{Address: "no-such-host.invalid", ConnectTimeout: 5 * time.Second})
	if err == nil {
		t.Fatal("connected")
	}
	// Without a resolver the answer is another one, on the reference too.
	none := prefix + "ssh: Could not resolve hostname no-such-host.invalid: Name or service not known"
	fail := prefix + "ssh: Could not resolve hostname no-such-host.invalid: Temporary failure in name resolution"
	if err.Error() != none && err.Error() != fail {
		t.Errorf("got %q", err)
	}
}

func TestTooManyKeys(t *testing.T) {
	w, h := newWorld(t), newHost(t, sshtest.Options{MaxAuthTries: 3})
	o := w.options(h)
	good := o.PrivateKeyFiles[0]
	o.PrivateKeyFiles = nil
	for range 4 {
		key, err := newHost(t, sshtest.Options{}).WriteClientKey(w.home)
		if err != nil {
			t.Fatal(err)
		}
		o.PrivateKeyFiles = append(o.PrivateKeyFiles, key)
	}
	_, err := w.d.Dial(t.Context(), o)
	want := fmt.Sprintf("Received disconnect from 127.0.0.1 port %d:2: Too many authentication failures\r\nDisconnected from 127.0.0.1 port %[1]d", h.Port())
	// x/crypto's server says it with a small letter, sshd with a capital one.
	want = strings.Replace(want, "Too", "too", 1)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %q, want %q", err, want)
	}
	// The key that the user names comes before those of the agent.
	o.PrivateKeyFiles = []string{good}
	w.withAgent(t, 5)
	w.dial(o)
}
