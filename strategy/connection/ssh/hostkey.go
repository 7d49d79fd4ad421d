package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/churten/churten/strategy/connection"
)

// errHostKey ends a handshake after a refused host key; what is to be said
// about it has been said.
var errHostKey = errors.New("Host key verification failed.") //nolint:staticcheck // OpenSSH's words

// hostKeys decides about the key that one host shows.
type hostKeys struct {
	known  *knownHosts
	s      *settings
	ask    connection.Prompt
	say    func(line string) // a line that ssh would write on stderr
	tell   func(line string) // one that is no error
	askMu  chan struct{}     // one question at a time
	ctx    context.Context
	remote string // IP address, for the question
	// untrusted is set when the key had changed and the user wanted no
	// checks: no password may be sent then.
	untrusted bool
}

// name is that of the host in known_hosts files.
func (s *settings) knownName() string {
	if s.hostKeyAlias != "" {
		return s.hostKeyAlias
	}
	return withPort(s.hostName, s.port)
}

// fingerprint is that of FingerprintHash.
func (s *settings) fingerprint(key ssh.PublicKey) string {
	if s.md5 {
		return "MD5:" + ssh.FingerprintLegacyMD5(key)
	}
	return ssh.FingerprintSHA256(key)
}

func withPort(host string, port int) string {
	if port == 22 {
		return host
	}
	return "[" + host + "]:" + strconv.Itoa(port)
}

func (h *hostKeys) files() []string {
	return append(append([]string(nil), h.s.userKnownHosts...), h.s.globalKnownHosts...)
}

// check is an ssh.HostKeyCallback.
func (h *hostKeys) check(_ string, remote net.Addr, key ssh.PublicKey) error {
	if a, ok := remote.(*net.TCPAddr); ok {
		h.remote = a.IP.String()
	}
	lines := h.known.find(h.files(), h.s.knownName())
	cert, _ := key.(*ssh.Certificate)
	if cert != nil {
		if h.certificate(cert, lines) {
			return nil
		}
		key = cert.Key
	}
	v, line := judge(lines, key)
	if cert != nil && h.revokes(lines, cert) {
		v, key = keyRevoked, cert
	}
	if v == keyNew && h.s.hostKeyAlias == "" && h.s.port != 22 {
		// OpenSSH accepts what it knows of the host without its port.
		if v, _ := judge(h.known.find(h.files(), h.s.hostName), key); v == keyOK {
			return nil
		}
	}
	switch v {
	case keyOK:
		return nil
	case keyNew:
		return h.unknown(key)
	case keyRevoked:
		h.sayRevoked(key)
	case keyChanged:
		h.sayChanged(key, line)
	}
	if h.s.strict == "no" {
		h.untrusted = true
		if h.s.password {
			h.say("Password authentication is disabled to avoid man-in-the-middle attacks.")
		}
		if h.s.interactive {
			h.say("Keyboard-interactive authentication is disabled to avoid man-in-the-middle attacks.")
		}
		return nil
	}
	did := "has changed and you have requested strict checking."
	head := "Host key for "
	if v == keyRevoked {
		did, head = "was revoked and you have requested strict checking.", keyName(key)+" host key for "
	}
	h.say(head + h.s.knownName() + " " + did)
	return errHostKey
}

// certificate says whether a CA that holds for the host vouches for it.
func (h *hostKeys) certificate(cert *ssh.Certificate, lines []*knownKey) bool {
	if h.revokes(lines, cert) {
		return false
	}
	for _, l := range lines {
		if l.marker != "cert-authority" || !sameKey(l.key, cert.SignatureKey) || cert.CertType != ssh.HostCert {
			continue
		}
		checker := ssh.CertChecker{Clock: time.Now}
		principal := h.s.keyAlias()
		if err := checker.CheckCert(principal, cert); err != nil {
			h.say("Certificate invalid: " + whyInvalid(cert, principal, err))
			return false
		}
		return true
	}
	return false
}

// revokes says whether the files revoke a certificate's key or its CA's.
func (h *hostKeys) revokes(lines []*knownKey, cert *ssh.Certificate) bool {
	return slices.ContainsFunc(lines, func(l *knownKey) bool {
		return l.marker == "revoked" && (sameKey(l.key, cert.SignatureKey) || sameKey(l.key, cert.Key))
	})
}

// whyInvalid is what OpenSSH says of a certificate that does not do.
func whyInvalid(cert *ssh.Certificate, principal string, err error) string {
	now := uint64(time.Now().Unix()) //nolint:gosec // after 1970
	switch {
	case now < cert.ValidAfter:
		return "not yet valid"
	case now >= cert.ValidBefore && cert.ValidBefore != ssh.CertTimeInfinity:
		return "expired"
	case len(cert.ValidPrincipals) > 0 && !slices.Contains(cert.ValidPrincipals, principal):
		return "name is not a listed principal"
	}
	return err.Error()
}

// unknown decides about a host that is in no file.
func (h *hostKeys) unknown(key ssh.PublicKey) error {
	switch h.s.strict {
	case "yes":
		h.say(fmt.Sprintf("No %s host key is known for %s and you have requested strict checking.", keyName(key), h.s.knownName()))
		return errHostKey
	case "accept-new":
		if h.s.noKnownHosts {
			return errHostKey
		}
	case "ask":
		if h.ask == nil || h.s.batch {
			return errHostKey
		}
		if err := h.question(key); err != nil {
			return err
		}
	}
	if len(h.s.userKnownHosts) > 0 {
		if err := h.known.remember(h.s.userKnownHosts[0], h.s.knownName(), key, h.s.hashKnownHosts); err != nil {
			h.say(err.Error())
			return nil // as OpenSSH: not a reason to stop
		}
	}
	h.tell(fmt.Sprintf("Warning: Permanently added '%s' (%s) to the list of known hosts.", h.s.knownName(), keyName(key)))
	return nil
}

// question asks the person, as OpenSSH does. One question at a time stands on
// the terminal; the answer to an earlier one may have made this one needless.
func (h *hostKeys) question(key ssh.PublicKey) error {
	select {
	case h.askMu <- struct{}{}:
		defer func() { <-h.askMu }()
	case <-h.ctx.Done():
		return h.ctx.Err()
	}
	if v, _ := judge(h.known.find(h.files(), h.s.knownName()), key); v == keyOK {
		return nil
	}
	print := h.s.fingerprint(key)
	var b strings.Builder
	fmt.Fprintf(&b, "The authenticity of host '%s (%s)' can't be established.\n", h.s.knownName(), withPort(h.remote, h.s.port))
	fmt.Fprintf(&b, "%s key fingerprint is %s.\n", keyName(key), print)
	if others := h.known.otherNames(h.files(), key); len(others) == 0 {
		b.WriteString("This key is not known by any other names.\n")
	} else {
		b.WriteString("This host key is known by the following other names/addresses:\n")
		for i, o := range others {
			if i == 9 {
				fmt.Fprintf(&b, "    (%d additional names omitted)\n", len(others)-i)
				break
			}
			name := strings.Join(o.hosts, ",")
			if strings.HasPrefix(name, "|") {
				name = "[hashed name]"
			}
			fmt.Fprintf(&b, "    %s:%d: %s\n", o.file, o.line, name)
		}
	}
	b.WriteString("Are you sure you want to continue connecting (yes/no/[fingerprint])? ")
	for text := b.String(); ; text = "Please type 'yes', 'no' or the fingerprint: " {
		answer, err := h.ask(h.ctx, text, true)
		if err != nil {
			return errHostKey
		}
		switch answer = strings.TrimSpace(answer); {
		case answer == "", strings.EqualFold(answer, "no"):
			return errHostKey
		case strings.EqualFold(answer, "yes"), answer == print:
			return nil
		}
	}
}

const atSigns = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"

// sayChanged and sayRevoked say what OpenSSH 9.2 says.
func (h *hostKeys) sayChanged(key ssh.PublicKey, line *knownKey) {
	for _, l := range []string{
		atSigns,
		"@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
		atSigns,
		"IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!",
		"Someone could be eavesdropping on you right now (man-in-the-middle attack)!",
		"It is also possible that a host key has just been changed.",
		// One message of OpenSSH with newlines of its own.
		fmt.Sprintf("The fingerprint for the %s key sent by the remote host is\n%s.", keyName(key), h.s.fingerprint(key)),
		"Please contact your system administrator.",
		fmt.Sprintf("Add correct host key in %s to get rid of this message.", h.firstFile()),
		fmt.Sprintf("Offending %s key in %s:%d", keyName(line.key), line.file, line.line),
		"  remove with:",
		fmt.Sprintf("  ssh-keygen -f \"%s\" -R \"%s\"", line.file, h.s.knownName()),
	} {
		h.say(l)
	}
}

func (h *hostKeys) firstFile() string {
	if len(h.s.userKnownHosts) == 0 {
		return "/dev/null"
	}
	return h.s.userKnownHosts[0]
}

func (h *hostKeys) sayRevoked(key ssh.PublicKey) {
	for _, l := range []string{
		atSigns,
		"@       WARNING: REVOKED HOST KEY DETECTED!               @",
		atSigns,
		fmt.Sprintf("The %s host key for %s is marked as revoked.", keyName(key), h.s.knownName()),
		"This could mean that a stolen key is being used to",
		"impersonate this host.",
	} {
		h.say(l)
	}
}

// keyName is what OpenSSH calls a type of key.
func keyName(key ssh.PublicKey) string {
	if cert, ok := key.(*ssh.Certificate); ok {
		return keyName(cert.Key) + "-CERT"
	}
	switch key.Type() {
	case ssh.KeyAlgoED25519:
		return "ED25519"
	case ssh.KeyAlgoRSA:
		return "RSA"
	case ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521:
		return "ECDSA"
	case ssh.InsecureKeyAlgoDSA:
		return "DSA"
	case ssh.KeyAlgoSKED25519:
		return "ED25519-SK"
	case ssh.KeyAlgoSKECDSA256:
		return "ECDSA-SK"
	}
	return key.Type()
}
