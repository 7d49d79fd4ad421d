package consulmaintmode

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/consul/consultest"
	"github.com/churten/churten/modules/kit/module"
)

// TestAccess asks a Consul with access control: which right is missing is said.
func TestAccess(t *testing.T) {
	t.Parallel()
	const root = "e95b599e-166e-7d80-08ad-aee76e7ddf19"
	f := &fixture{Cluster: consultest.Start(t, consultest.Options{
		Servers: 1, Agents: 1, Token: root,
		HCL: `acl { enabled=true default_policy="deny" tokens { master="` + root + `" agent="` + root + `" } }`,
	})}
	n := f.on(t, 1, "guarded")
	all := map[string]string{
		"agent": `agent_prefix "" { policy="read" }`, "nodes": `node_prefix "" { policy="read" }`, "services": `service_prefix "" { policy="read" }`,
		"session": `session_prefix "" { policy="write" }`, "keys": `key_prefix "churten/maintmode/" { policy="write" }`, "service": `service "guarded" { policy="write" }`,
	}
	for _, c := range []struct{ without, msg string }{
		{"agent", "permission denied: the token lacks agent:read"},
		{"nodes", "is not in the catalogue: the token lacks service:read or node:read"},
		{"services service", "service guarded is not registered on node web1"},
		{"session", "permission denied: the token lacks session:write"},
		{"keys", "permission denied: the token lacks key:read"},
		{"service", "permission denied: the token lacks service:write"},
		{"", ""},
	} {
		rules := ""
		for name, rule := range all {
			if !strings.Contains(" "+c.without+" ", " "+name+" ") {
				rules += rule + "\n"
			}
		}
		token := f.token(t, rules)
		call := callOf(n[0])
		r := module.Run(t.Context(), &Module, argsOf("state", "enabled", "services", []string{"guarded"}, "token", token), call)
		if strings.Contains(value.Repr(r.Dict()), token) {
			t.Fatal("the token is in the result")
		}
		if c.msg == "" {
			want(t, r, "granted=True")
			file := filepath.Join(t.TempDir(), "token")
			if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			want(t, ask(t, n[0], "state", "disabled", "services", []string{"guarded"}, "token_file", file), "changed=True")
			call := callOf(n[0])
			call.Env = append(call.Env, "CONSUL_HTTP_TOKEN="+token)
			r := module.Run(t.Context(), &Module, argsOf("state", "status", "services", []string{"guarded"}), call)
			want(t, r, "maintenance=False")
			continue
		}
		want(t, r, "failed=True", "granted=False", "msg~"+c.msg)
	}
	want(t, ask(t, n[0], "state", "status", "token", "11111111-2222-3333-4444-555555555555"), "failed=True", "msg~does not know the token")
	want(t, ask(t, n[0], "state", "status"), "failed=True", "msg~permission denied: no token was given, and agent:read is needed")
}

// token makes a token with these rules.
func (f *fixture) token(t *testing.T, rules string) string {
	name := fmt.Sprintf("p%d", time.Now().UnixNano())
	f.Must(f.Servers[0], "PUT", "/v1/acl/policy", map[string]any{"Name": name, "Rules": rules}, nil)
	var token struct{ SecretID string }
	f.Must(f.Servers[0], "PUT", "/v1/acl/token", map[string]any{"Policies": []map[string]string{{"Name": name}}}, &token)
	return token.SecretID
}

// TestTransports: HTTPS with certificates on both sides, and a unix socket.
func TestTransports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca, cert, key := certificates(t, dir)
	f := &fixture{Cluster: consultest.Start(t, consultest.Options{Servers: 1, HCL: fmt.Sprintf(
		`ports { https=8501 } verify_incoming_https=true ca_file=%q cert_file=%q key_file=%q`, ca, cert, key)})}
	f.Register(f.Servers[0], "tls", nil)
	at := "https://" + f.Servers[0].IP + ":8501"
	s := []string{"tls"}
	good := []any{"consul_addr", at, "ca_cert", ca, "client_cert", cert, "client_key", key, "tls_server_name", "consul.test"}
	want(t, ask(t, f.Servers[0], with(good, "state", "enabled", "services", s)...), "granted=True")
	want(t, ask(t, f.Servers[0], with(good, "state", "disabled", "services", s)...), "changed=True")
	want(t, ask(t, f.Servers[0], "state", "status", "consul_addr", at, "client_cert", cert, "client_key", key), "failed=True", "msg~is not trusted")
	want(t, ask(t, f.Servers[0], "state", "status", "consul_addr", at, "client_cert", cert, "client_key", key, "ca_cert", ca, "tls_server_name", "other.test"), "failed=True", "msg~is not trusted")
	want(t, ask(t, f.Servers[0], "state", "status", "consul_addr", at, "ca_cert", ca, "tls_server_name", "consul.test"), "failed=True")
	call := callOf(f.Servers[0])
	call.Env = []string{"CONSUL_HTTP_ADDR=" + strings.TrimPrefix(at, "https://"), "CONSUL_HTTP_SSL=true", "CONSUL_CAPATH=" + filepath.Dir(ca), "CONSUL_CLIENT_CERT=" + cert, "CONSUL_CLIENT_KEY=" + key, "CONSUL_TLS_SERVER_NAME=consul.test"}
	want(t, module.Run(t.Context(), &Module, argsOf("state", "status", "services", s), call), "maintenance=False")
	call = callOf(f.Servers[0])
	call.Env = []string{"CONSUL_HTTP_ADDR=" + at, "CONSUL_HTTP_SSL_VERIFY=false", "CONSUL_CLIENT_CERT=" + cert, "CONSUL_CLIENT_KEY=" + key}
	want(t, module.Run(t.Context(), &Module, argsOf("state", "status", "services", s), call), "maintenance=False")
	socket := forward(t, filepath.Join(dir, "s"), f.Servers[0].IP+":8500")
	want(t, ask(t, f.Servers[0], "state", "enabled", "services", s, "consul_addr", "unix://"+socket), "granted=True")
	want(t, ask(t, f.Servers[0], "state", "disabled", "services", s, "consul_addr", "unix://"+socket), "changed=True")
}

// forward serves a TCP address on a unix socket until the test ends.
func forward(t *testing.T, socket, to string) string {
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			all.Go(func() { _, _ = io.Copy(out, in); out.Close() })
			all.Go(func() { _, _ = io.Copy(in, out); in.Close() })
		}
	})
	return socket
}

// certificates makes an authority and a certificate for consul.test; each
// stands in a file, the authority's in a directory of its own.
func certificates(t *testing.T, dir string) (ca, cert, key string) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		must(os.MkdirAll(filepath.Dir(path), 0o700))
		must(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return path
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	der, err := x509.CreateCertificate(rand.Reader, authority, authority, &authorityKey.PublicKey, authorityKey)
	must(err)
	ca = write("ca/ca.pem", "CERTIFICATE", der)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "consul.test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"consul.test"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	der, err = x509.CreateCertificate(rand.Reader, leaf, authority, &leafKey.PublicKey, authorityKey)
	must(err)
	cert = write("cert.pem", "CERTIFICATE", der)
	der, err = x509.MarshalECPrivateKey(leafKey)
	must(err)
	return ca, cert, write("key.pem", "EC PRIVATE KEY", der)
}
