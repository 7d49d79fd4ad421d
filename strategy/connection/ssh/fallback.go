package ssh

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"

	"golang.org/x/crypto/ssh"
)

// algorithms turns a handshake that found nothing in common into a case for
// OpenSSH, which knows more algorithms, when there is one.
func (h *handshake) algorithms(err error) *NeedsOpenSSH {
	var none *ssh.AlgorithmNegotiationError
	if h.jump != "" || !errors.As(err, &none) {
		return nil
	}
	if _, err := exec.LookPath(h.d.env.OpenSSH); err != nil {
		return nil
	}
	return &NeedsOpenSSH{Option: "what the host offers as " + offer(none.What)}
}

// gssapi turns a refused login into a case for OpenSSH when that could still
// log in by what this process cannot: GSSAPI is on (Debian turns it on
// for all), the host offers it, and there is a ticket.
func (h *handshake) gssapi(err error, offered []string) *NeedsOpenSSH {
	var denied *deniedError
	const method = "gssapi-with-mic"
	if !errors.As(err, &denied) || !h.s.gssapi || h.jump != "" ||
		!slices.Contains(offered, method) || !slices.Contains(h.s.preferred, method) {
		return nil
	}
	if h.d.env.Getenv("KRB5CCNAME") == "" {
		if _, err := os.Stat(fmt.Sprintf("/tmp/krb5cc_%d", h.d.env.UID)); err != nil {
			return nil
		}
	}
	return &NeedsOpenSSH{Option: "GSSAPIAuthentication"}
}

// securityKey turns a refused login into a case for OpenSSH when a security key
// was passed over.
func (h *handshake) securityKey(err error, file string) *NeedsOpenSSH {
	var denied *deniedError
	if !errors.As(err, &denied) || file == "" || h.jump != "" {
		return nil
	}
	if _, err := exec.LookPath(h.d.env.OpenSSH); err != nil {
		return nil
	}
	return &NeedsOpenSSH{Option: "the security key " + file}
}
