package sshtest

import (
	"bytes"

	"golang.org/x/crypto/ssh"
)

// serverConfig says who may log in, and how.
func (h *Host) serverConfig() *ssh.ServerConfig {
	c := &ssh.ServerConfig{
		MaxAuthTries:  h.opts.MaxAuthTries,
		ServerVersion: "SSH-2.0-sshtest",
		// Called for each attempt, a query whether a key would do included.
		AuthLogCallback: func(m ssh.ConnMetadata, method string, err error) {
			if method != "publickey" {
				h.note(method)
			}
		},
		PublicKeyCallback: h.publicKey,
	}
	if h.opts.Banner != "" {
		c.BannerCallback = func(ssh.ConnMetadata) string { return h.opts.Banner }
	}
	if h.opts.Password != "" && !h.opts.BothNeeded {
		c.PasswordCallback, c.KeyboardInteractiveCallback = h.passwords()
	}
	for _, s := range h.signers {
		c.AddHostKey(s)
	}
	return c
}

func (h *Host) passwords() (
	func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error),
	func(ssh.ConnMetadata, ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error),
) {
	check := func(m ssh.ConnMetadata, pw string) (*ssh.Permissions, error) {
		if !h.userOK(m) || pw != h.opts.Password {
			return nil, errDenied
		}
		return nil, nil
	}
	password := func(m ssh.ConnMetadata, pw []byte) (*ssh.Permissions, error) {
		return check(m, string(pw))
	}
	if h.opts.OnlyKeyboardInteractive {
		password = nil
	}
	return password, func(m ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
		answers, err := ask("", "", []string{"Password: "}, []bool{false})
		if err != nil || len(answers) != 1 {
			return nil, errDenied
		}
		return check(m, answers[0])
	}
}

func (h *Host) userOK(m ssh.ConnMetadata) bool {
	return h.opts.User == "" || m.User() == h.opts.User
}

func (h *Host) publicKey(m ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	h.note("publickey", ssh.FingerprintSHA256(key))
	if !h.userOK(m) || !h.authorized(m, key) {
		return nil, errDenied
	}
	if !h.opts.BothNeeded {
		return nil, nil
	}
	password, interactive := h.passwords()
	return nil, &ssh.PartialSuccessError{Next: ssh.ServerAuthCallbacks{
		PasswordCallback: password, KeyboardInteractiveCallback: interactive,
	}}
}

func (h *Host) authorized(m ssh.ConnMetadata, key ssh.PublicKey) bool {
	same := func(k ssh.PublicKey) bool { return bytes.Equal(k.Marshal(), key.Marshal()) }
	if !h.opts.NoClientKey && same(h.client.PublicKey()) {
		return true
	}
	for _, k := range h.opts.AuthorizedKeys {
		if same(k) {
			return true
		}
	}
	cert, ok := key.(*ssh.Certificate)
	if !ok || h.opts.UserCA == nil {
		return false
	}
	checker := ssh.CertChecker{IsUserAuthority: func(k ssh.PublicKey) bool {
		return bytes.Equal(k.Marshal(), h.opts.UserCA.Marshal())
	}}
	_, err := checker.Authenticate(m, cert)
	return err == nil
}
