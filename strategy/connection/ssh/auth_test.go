package ssh

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/connection/sshtest"
)

func newSigner(t *testing.T) (ed25519.PrivateKey, ssh.Signer) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return key, s
}

// withAgent gives the world an agent with some keys of its own and those given.
func (w *world) withAgent(t *testing.T, own int, keys ...any) {
	t.Helper()
	ring := agent.NewKeyring()
	for range own {
		key, _ := newSigner(t)
		keys = append(keys, key)
	}
	for _, k := range keys {
		if err := ring.Add(agent.AddedKey{PrivateKey: k}); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := os.MkdirTemp("", "agent") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	sock := filepath.Join(dir, "s")
	l, err := net.Listen("unix", sock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); os.RemoveAll(dir) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(ring, c); c.Close() }()
		}
	}()
	w.d.env.Environ = append(w.d.env.Environ, "SSH_AUTH_SOCK="+sock)
}

func TestLogin(t *testing.T) {
	key, signer := newSigner(t)
	with := sshtest.Options{NoClientKey: true, AuthorizedKeys: []ssh.PublicKey{signer.PublicKey()}}
	save := func(w *world, name, phrase string) string {
		f, err := sshtest.WritePrivateKey(filepath.Join(w.home, ".ssh", name), key, phrase)
		if err != nil {
			w.t.Fatal(err)
		}
		return f
	}
	for _, x := range []struct {
		name   string
		host   sshtest.Options
		setup  func(w *world, o *connection.Options)
		last   string // how the host was convinced
		asked  []string
		denied bool
	}{
		{"default key", with, func(w *world, o *connection.Options) { save(w, "id_ed25519", "") }, "publickey", nil, false},
		{"key of the config", with, func(w *world, o *connection.Options) {
			save(w, "deploy", "")
			w.write("config", "Host 127.0.0.*\n  IdentityFile ~/.ssh/%r/../deploy\n  User x\n")
			os.Mkdir(filepath.Join(w.home, ".ssh", "x"), 0o700)
		}, "publickey", nil, false},
		{"agent", with, func(w *world, o *connection.Options) { w.withAgent(w.t, 2, key) }, "publickey", nil, false},
		{"IdentityAgent none", with, func(w *world, o *connection.Options) {
			w.withAgent(w.t, 0, key)
			o.CommonArgs = "-o IdentityAgent=none"
		}, "", nil, true},
		{"IdentitiesOnly leaves the agent's others", with, func(w *world, o *connection.Options) {
			w.withAgent(w.t, 0, key)
			o.CommonArgs = "-o IdentitiesOnly=yes"
		}, "", nil, true},
		{"IdentitiesOnly with a public key's file", with, func(w *world, o *connection.Options) {
			w.withAgent(w.t, 0, key)
			f := w.write("id.pub", string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
			o.CommonArgs = "-o IdentitiesOnly=yes -i " + f
		}, "publickey", nil, false},
		{"passphrase given", with, func(w *world, o *connection.Options) {
			save(w, "id_ed25519", "open sesame")
			o.PrivateKeyPassphrase = "open sesame"
		}, "publickey", nil, false},
		{"passphrase asked", with, func(w *world, o *connection.Options) {
			save(w, "id_ed25519", "open sesame")
			w.answers(o, "wrong", "open sesame")
		}, "publickey", []string{"Enter passphrase for key 'HOME/.ssh/id_ed25519': ", "Enter passphrase for key 'HOME/.ssh/id_ed25519': "}, false},
		{"passphrase not known", with, func(w *world, o *connection.Options) {
			save(w, "id_ed25519", "open sesame")
			w.answers(o, "")
		}, "", []string{"Enter passphrase for key 'HOME/.ssh/id_ed25519': "}, true},
		{"no passphrase for a key that would not do", sshtest.Options{}, func(w *world, o *connection.Options) {
			save(w, "id_ed25519", "open sesame")
			w.answers(o)
		}, "", nil, true},
		{"locked key in the agent", with, func(w *world, o *connection.Options) {
			o.PrivateKeyFiles = []string{save(w, "id_ed25519", "open sesame")}
			w.withAgent(w.t, 0, key)
			w.answers(o)
		}, "publickey", nil, false},
		{"open key file", with, func(w *world, o *connection.Options) {
			os.Chmod(save(w, "id_ed25519", ""), 0o644)
		}, "", nil, true},
		{"password", sshtest.Options{Password: "pw"}, func(w *world, o *connection.Options) { o.Password = password("pw") }, "keyboard-interactive", nil, false},
		{"password method", sshtest.Options{Password: "pw"}, func(w *world, o *connection.Options) {
			o.Password = password("pw")
			o.SSHArgs = "-o PreferredAuthentications=password"
		}, "password", nil, false},
		{"keyboard-interactive only", sshtest.Options{Password: "pw", OnlyKeyboardInteractive: true}, func(w *world, o *connection.Options) { o.Password = password("pw") }, "keyboard-interactive", nil, false},
		{"no password given", sshtest.Options{Password: "pw"}, func(w *world, o *connection.Options) { w.answers(o) }, "", nil, true},
		{"key and password", sshtest.Options{Password: "pw", BothNeeded: true, NoClientKey: true, AuthorizedKeys: with.AuthorizedKeys},
			func(w *world, o *connection.Options) {
				save(w, "id_ed25519", "")
				o.Password = password("pw")
			}, "keyboard-interactive", nil, false},
		{"PubkeyAuthentication no", with, func(w *world, o *connection.Options) {
			save(w, "id_ed25519", "")
			o.CommonArgs = "-o PubkeyAuthentication=no"
		}, "", nil, true},
		{"PubkeyAcceptedAlgorithms", with, func(w *world, o *connection.Options) {
			save(w, "id_ed25519", "")
			o.CommonArgs = "-o PubkeyAcceptedAlgorithms=-ssh-ed25519"
		}, "", nil, true},
		{"user", sshtest.Options{User: "deploy", Password: "pw"}, func(w *world, o *connection.Options) {
			o.Password = password("pw")
			o.Address = "deploy@127.0.0.1"
		}, "keyboard-interactive", nil, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			w, h := newWorld(t), newHost(t, x.host)
			o := connection.Options{Address: "127.0.0.1", Port: h.Port()}
			x.setup(w, &o)
			c, err := w.d.Dial(t.Context(), o)
			if (err != nil) != x.denied {
				t.Fatalf("error %v; the host saw %q", err, h.Stats().Auth)
			}
			if err != nil {
				if !strings.Contains(err.Error(), "Permission denied (") {
					t.Errorf("got %q", err)
				}
			} else {
				c.Close()
				auth := h.Stats().Auth
				if last := auth[len(auth)-1]; !strings.HasPrefix(last, x.last) {
					t.Errorf("the host saw %q", auth)
				}
			}
			var asked []string
			for _, a := range w.asked {
				asked = append(asked, strings.ReplaceAll(a, w.home, "HOME"))
			}
			if !slices.Equal(asked, x.asked) {
				t.Errorf("asked %q, want %q", asked, x.asked)
			}
		})
	}
}

// answers makes the person at the terminal give these answers and then none.
func (w *world) answers(o *connection.Options, answers ...string) {
	o.Prompt = func(_ context.Context, text string, echo bool) (string, error) {
		w.asked = append(w.asked, text)
		if len(answers) == 0 {
			return "", errors.New("no answer left")
		}
		a := answers[0]
		answers = answers[1:]
		return a, nil
	}
}

func TestUserCertificate(t *testing.T) {
	_, ca := newSigner(t)
	key, signer := newSigner(t)
	cert := &ssh.Certificate{Key: signer.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{"me"}, ValidBefore: ssh.CertTimeInfinity}
	if err := cert.SignCert(rand.Reader, ca); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"id_ed25519-cert.pub", "elsewhere.pub"} {
		w, h := newWorld(t), newHost(t, sshtest.Options{NoClientKey: true, UserCA: ca.PublicKey()})
		if _, err := sshtest.WritePrivateKey(filepath.Join(w.home, ".ssh", "id_ed25519"), key, ""); err != nil {
			t.Fatal(err)
		}
		file := w.write(name, string(ssh.MarshalAuthorizedKey(cert)))
		o := connection.Options{Address: "127.0.0.1", Port: h.Port()}
		if name == "elsewhere.pub" {
			o.CommonArgs = "-o CertificateFile=" + file
		}
		w.dial(o)
	}
}

func TestForwardAgent(t *testing.T) {
	w, h := newWorld(t), newHost(t, sshtest.Options{})
	key, signer := newSigner(t)
	w.withAgent(t, 0, key)
	o := w.options(h)
	o.CommonArgs = "-A"
	c := w.dial(o)
	out, _, _, err := run(t.Context(), c, `echo "$SSH_AUTH_SOCK"; ssh-add -L 2>/dev/null || echo none`, "")
	if err != nil || !strings.HasPrefix(out, "/") {
		t.Fatalf("no socket on the host: %q %v", out, err)
	}
	if want := strings.Fields(string(ssh.MarshalAuthorizedKey(signer.PublicKey())))[1]; !strings.Contains(out, want) && !strings.Contains(out, "none") {
		t.Errorf("got %q", out)
	}
}

// A passphrase is asked for once, however many hosts want the key.
func TestOnePassphraseForAll(t *testing.T) {
	key, signer := newSigner(t)
	w := newWorld(t)
	if _, err := sshtest.WritePrivateKey(filepath.Join(w.home, ".ssh", "id_ed25519"), key, "pp"); err != nil {
		t.Fatal(err)
	}
	var o connection.Options
	w.answers(&o, "pp")
	errs := make(chan error)
	const hosts = 8
	for range hosts {
		h := newHost(t, sshtest.Options{NoClientKey: true, AuthorizedKeys: []ssh.PublicKey{signer.PublicKey()}})
		go func() {
			o := o
			o.Address, o.Port = "127.0.0.1", h.Port()
			c, err := w.d.Dial(t.Context(), o)
			if err == nil {
				c.Close()
			}
			errs <- err
		}()
	}
	for range hosts {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if len(w.asked) != 1 {
		t.Errorf("asked %q", w.asked)
	}
}
