package ssh

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/churten/churten/strategy/connection/sshtest"
)

func TestHostKeys(t *testing.T) {
	other := newHost(t, sshtest.Options{})
	key := func(k ssh.PublicKey) string { return string(ssh.MarshalAuthorizedKey(k)) }
	for _, x := range []struct {
		name    string
		known   func(h *sshtest.Host) string
		args    string
		answers []string
		ok      bool
		added   string // to known_hosts: HOST stands for the name
	}{
		{"known", (*sshtest.Host).KnownHostsLine, "", nil, true, ""},
		{"unknown, nobody there", nil, "", nil, false, ""},
		{"unknown, yes", nil, "", []string{"yes"}, true, "HOST KEY"},
		{"unknown, on second thought", nil, "", []string{"hm", "YES"}, true, "HOST KEY"},
		{"unknown, no", nil, "", []string{"no"}, false, ""},
		{"unknown, wrong fingerprint", nil, "", []string{"SHA256:x", "no"}, false, ""},
		{"unknown, fingerprint", nil, "", []string{"FINGERPRINT"}, true, "HOST KEY"},
		{"unknown, batch", nil, "-o BatchMode=yes", []string{"yes"}, false, ""},
		{"accept-new", nil, "-o StrictHostKeyChecking=accept-new", nil, true, "HOST KEY"},
		{"no", nil, "-o StrictHostKeyChecking=no", nil, true, "HOST KEY"},
		{"yes", nil, "-o StrictHostKeyChecking=yes", nil, false, ""},
		{"nowhere to add", nil, "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null", nil, true, ""},
		{"hashed when added", nil, "-o StrictHostKeyChecking=no -o HashKnownHosts=yes", nil, true, "|1|* KEY"},
		{"alias when added", nil, "-o StrictHostKeyChecking=no -o HostKeyAlias=web", nil, true, "web KEY"},
		{"changed", func(h *sshtest.Host) string { return fmt.Sprintf("[127.0.0.1]:%d %s", h.Port(), key(other.HostKey())) }, "", []string{"yes"}, false, ""},
		{"changed, accept-new", func(h *sshtest.Host) string { return fmt.Sprintf("[127.0.0.1]:%d %s", h.Port(), key(other.HostKey())) }, "-o StrictHostKeyChecking=accept-new", nil, false, ""},
		{"changed, no", func(h *sshtest.Host) string { return fmt.Sprintf("[127.0.0.1]:%d %s", h.Port(), key(other.HostKey())) }, "-o StrictHostKeyChecking=no", nil, true, ""},
		{"hashed", func(h *sshtest.Host) string {
			return knownhosts.HashHostname(fmt.Sprintf("[127.0.0.1]:%d", h.Port())) + " " + key(h.HostKey())
		}, "", nil, true, ""},
		{"pattern", func(h *sshtest.Host) string { return "[127.0.0.*]:* " + key(h.HostKey()) }, "", nil, true, ""},
		{"negated pattern", func(h *sshtest.Host) string { return "[127.0.0.*]:*,![127.0.0.1]:* " + key(h.HostKey()) }, "", nil, false, ""},
		{"without port", func(h *sshtest.Host) string { return "127.0.0.1 " + key(h.HostKey()) }, "", nil, true, ""},
		{"other host", func(h *sshtest.Host) string { return "127.0.0.2 " + key(h.HostKey()) }, "", nil, false, ""},
		{"alias", func(h *sshtest.Host) string { return "web " + key(h.HostKey()) }, "-o HostKeyAlias=WEB", nil, true, ""},
		{"revoked", func(h *sshtest.Host) string { return h.KnownHostsLine() + "@revoked * " + key(h.HostKey()) }, "", nil, false, ""},
		{"broken lines", func(h *sshtest.Host) string {
			return "rubbish\n[x\n|1|a|b ssh-rsa !!\n* ssh-foo AAAA\n\n# c\n" + h.KnownHostsLine()
		}, "", nil, true, ""},
		{"no newline at the end", func(h *sshtest.Host) string { return "a " + strings.TrimSpace(key(other.HostKey())) }, "-o StrictHostKeyChecking=no", nil, true, "HOST KEY"},
		{"a second file", func(h *sshtest.Host) string { return "" }, "-o UserKnownHostsFile=\"~/.ssh/none ~/.ssh/second\"", nil, true, ""},
		{"a CA is no key of a host", func(h *sshtest.Host) string { return "@cert-authority * " + key(h.HostKey()) }, "", nil, false, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			w, h := newWorld(t), newHost(t, sshtest.Options{})
			o := w.options(h)
			o.HostKeyChecking, o.CommonArgs = true, x.args
			before := ""
			if x.known != nil {
				before = x.known(h)
				w.write("known_hosts", before)
			}
			w.write("second", h.KnownHostsLine())
			for i, a := range x.answers {
				x.answers[i] = strings.ReplaceAll(a, "FINGERPRINT", ssh.FingerprintSHA256(h.HostKey()))
			}
			if x.answers != nil {
				w.answers(&o, x.answers...)
			}
			c, err := w.d.Dial(t.Context(), o)
			if (err == nil) != x.ok {
				t.Fatalf("error %v", err)
			}
			added := strings.TrimPrefix(w.read("known_hosts"), before)
			if x.ok {
				c.Close()
				// The next one knows it, in this run and in the next run.
				o.Prompt = nil
				w.dial(o)
				if x.added != "" {
					w.d = NewDialer(w.d.env)
					o.CommonArgs = strings.ReplaceAll(x.args, "Checking=no", "Checking=yes")
					w.dial(o)
				}
			}
			want := strings.NewReplacer("HOST", fmt.Sprintf("[127.0.0.1]:%d", h.Port()), "KEY", strings.TrimSpace(key(h.HostKey())), "\\*", "*").Replace(x.added)
			if !matchPattern(want, strings.TrimSpace(added)) {
				t.Errorf("added %q, want %q", added, want)
			}
			if added != "" {
				if !strings.HasSuffix(added, "\n") || before != "" && !strings.HasSuffix(before, "\n") && added[0] != '\n' {
					t.Errorf("added %q", added)
				}
				if i, err := os.Stat(filepath.Join(w.home, ".ssh", "known_hosts")); err != nil || i.Mode().Perm() != 0o600 {
					t.Errorf("mode %v %v", i.Mode(), err)
				}
			}
		})
	}
}

func TestQuestion(t *testing.T) {
	w, h := newWorld(t), newHost(t, sshtest.Options{})
	w.write("known_hosts", "other,10.0.0.1 "+string(ssh.MarshalAuthorizedKey(h.HostKey())))
	o := w.options(h)
	o.HostKeyChecking = true
	w.answers(&o, "no")
	if _, err := w.d.Dial(t.Context(), o); err == nil {
		t.Fatal("connected")
	}
	want := fmt.Sprintf(`The authenticity of host '[127.0.0.1]:%d ([127.0.0.1]:%[1]d)' can't be established.
ED25519 key fingerprint is %s.
This host key is known by the following other names/addresses:
    %s/.ssh/known_hosts:1: other,10.0.0.1
Are you sure you want to continue connecting (yes/no/[fingerprint])? `, h.Port(), ssh.FingerprintSHA256(h.HostKey()), w.home)
	if len(w.asked) != 1 || w.asked[0] != want {
		t.Errorf("got  %q\nwant %q", w.asked, want)
	}
}

// A host with several keys is asked for the one that is known.
func TestKnownTypeIsAskedFor(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ssh.NewSignerFromKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	_, first := newSigner(t)
	for _, known := range []ssh.Signer{first, second} {
		w, h := newWorld(t), newHost(t, sshtest.Options{HostKeys: []ssh.Signer{first, second}})
		w.write("known_hosts", fmt.Sprintf("[127.0.0.1]:%d %s", h.Port(), ssh.MarshalAuthorizedKey(known.PublicKey())))
		o := w.options(h)
		o.HostKeyChecking = true
		w.dial(o)
	}
}

func TestHostCertificate(t *testing.T) {
	_, ca := newSigner(t)
	_, plain := newSigner(t)
	for _, x := range []struct {
		name, principal, known string
		ok                     bool
	}{
		{"signed", "127.0.0.1", "@cert-authority [127.0.0.1]:* CA", true},
		{"wrong principal", "h2", "@cert-authority [127.0.0.1]:* CA", false},
		{"CA of others", "127.0.0.1", "@cert-authority *.example.com CA", false},
		{"revoked CA", "127.0.0.1", "@cert-authority * CA\n@revoked * CA", false},
		{"the plain key is known", "127.0.0.1", "[127.0.0.1]:* PLAIN", true},
	} {
		t.Run(x.name, func(t *testing.T) {
			cert := &ssh.Certificate{
				Key: plain.PublicKey(), CertType: ssh.HostCert, ValidPrincipals: []string{x.principal}, ValidBefore: ssh.CertTimeInfinity,
			}
			if err := cert.SignCert(rand.Reader, ca); err != nil {
				t.Fatal(err)
			}
			signer, err := ssh.NewCertSigner(cert, plain)
			if err != nil {
				t.Fatal(err)
			}
			w, h := newWorld(t), newHost(t, sshtest.Options{HostKeys: []ssh.Signer{signer, plain}})
			line := func(s ssh.Signer) string { return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.PublicKey()))) }
			w.write("known_hosts", strings.NewReplacer("CA", line(ca), "PLAIN", line(plain)).Replace(x.known)+"\n")
			o := w.options(h)
			o.HostKeyChecking = true
			c, err := w.d.Dial(t.Context(), o)
			if err == nil {
				c.Close()
			}
			if (err == nil) != x.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}

// Many runs and hosts that add to one file at the same time lose no line.
func TestRememberTogether(t *testing.T) {
	w := newWorld(t)
	_, s := newSigner(t)
	file := filepath.Join(w.home, ".ssh", "sub", "known_hosts")
	errs := make(chan error)
	const runs, hosts = 4, 25
	for r := range runs {
		var k knownHosts
		for i := range hosts {
			go func() { errs <- k.remember(file, fmt.Sprintf("h%d-%d", r, i), s.PublicKey(), false) }()
		}
	}
	for range runs * hosts {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f := parseKnownHosts(file, text)
	if n := bytes.Count(text, []byte("\n")); n != runs*hosts || len(f.all) != n {
		t.Errorf("%d lines, %d of them good, want %d", n, len(f.all), runs*hosts)
	}
}

func FuzzKnownHosts(f *testing.F) {
	f.Add([]byte("a,b ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGgK0wY2M3R9m5o8Q0kLQm2vE3bYt1p5g6aWk9ZJ0x4s c\n"), "a")
	f.Add([]byte("@revoked |1|c2FsdA==|aGFzaA== ssh-rsa AAAA\n*.x,!y.x ssh-rsa\n"), "[a]:1")
	f.Fuzz(func(t *testing.T, text []byte, name string) {
		for _, k := range parseKnownHosts("f", text).find(name) {
			if k.key == nil || k.line < 1 {
				t.Errorf("%q gave %+v", text, k)
			}
		}
	})
}

// The key of one host must not be asked about twice.
func TestOneQuestionForTwoConnections(t *testing.T) {
	w, h := newWorld(t), newHost(t, sshtest.Options{})
	o := w.options(h)
	o.HostKeyChecking = true
	w.answers(&o, "yes")
	errs := make(chan error)
	for range 2 {
		go func() {
			c, err := w.d.Dial(t.Context(), o)
			if err == nil {
				c.Close()
			}
			errs <- err
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if len(w.asked) != 1 {
		t.Errorf("asked %d times", len(w.asked))
	}
}
