package web

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/tool"
)

// tls gives the configuration for a connection to host.
func (c *Client) tls(host string) (*tls.Config, error) {
	// Checked by ourselves: crypto/tls would complain of the name before it
	// looks who has signed, OpenSSL the other way round.
	config := &tls.Config{ServerName: host, InsecureSkipVerify: true}
	if c.Verify {
		config.VerifyConnection = func(s tls.ConnectionState) error { return verify(&s, config.RootCAs, host) }
	}
	authorities := c.CAPath
	if authorities == "" {
		authorities, _ = tool.Getenv(c.Env, "SSL_CERT_FILE")
		if _, err := os.Stat(authorities); err != nil {
			authorities = ""
		}
	}
	if authorities != "" {
		data, err := os.ReadFile(authorities)
		if err != nil {
			return nil, broken(kit.PyError(err, ""))
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(data) {
			return nil, broken("[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found (_ssl.c:4154)")
		}
	}
	if c.CADir != "" {
		if err := c.authorities(config); err != nil {
			return nil, err
		}
	}
	if c.ClientCert != "" {
		key := c.ClientKey
		if key == "" {
			key = c.ClientCert
		}
		pair, err := tls.LoadX509KeyPair(c.ClientCert, key)
		var errno syscall.Errno
		switch {
		case errors.As(err, &errno):
			return nil, broken(kit.PyError(errno, ""))
		case err != nil:
			return nil, broken("[SSL] PEM lib (_ssl.c:3905)")
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, c.ciphers(config)
}

// authorities adds those of the files in CADir.
func (c *Client) authorities(config *tls.Config) error {
	entries, err := os.ReadDir(c.CADir)
	if err != nil {
		return broken(kit.PyError(err, ""))
	}
	if config.RootCAs == nil {
		config.RootCAs = x509.NewCertPool()
	}
	found := false
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(c.CADir, e.Name()))
		found = err == nil && config.RootCAs.AppendCertsFromPEM(data) || found
	}
	if !found {
		return broken("no certificates in " + c.CADir)
	}
	return nil
}

func verify(s *tls.ConnectionState, roots *x509.CertPool, host string) error {
	o := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, cert := range s.PeerCertificates[1:] {
		o.Intermediates.AddCert(cert)
	}
	_, err := s.PeerCertificates[0].Verify(o)
	if err == nil {
		err = s.PeerCertificates[0].VerifyHostname(host)
	}
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
	}
	return nil
}

// ciphers takes the suites of a list in OpenSSL's format. What Go's TLS cannot
// do is refused, not left out in silence: of the format, names of suites are
// understood, not the classes and operators.
func (c *Client) ciphers(config *tls.Config) error {
	if len(c.Ciphers) == 0 {
		return nil
	}
	known := append(tls.CipherSuites(), tls.InsecureCipherSuites()...)
	for _, name := range strings.Split(strings.Join(c.Ciphers, ":"), ":") {
		i := slices.IndexFunc(known, func(s *tls.CipherSuite) bool { return s.Name == name || openssl(s.Name) == name })
		if i < 0 {
			return broken("('No cipher can be selected.',): " + name + " is not known to churten, which takes names of cipher suites")
		}
		config.CipherSuites = append(config.CipherSuites, known[i].ID)
	}
	return nil
}

// openssl gives OpenSSL's name of a suite of TLS 1.2.
func openssl(name string) string {
	name = strings.TrimPrefix(name, "TLS_")
	kx, cipher, ok := strings.Cut(name, "_WITH_")
	if !ok {
		return name
	}
	cipher = strings.NewReplacer("AES_128", "AES128", "AES_256", "AES256", "CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305", "_CBC_SHA", "-SHA", "3DES_EDE_CBC", "DES-CBC3").Replace(cipher)
	name = strings.ReplaceAll(kx+"-"+cipher, "_", "-")
	return strings.TrimPrefix(name, "RSA-")
}
