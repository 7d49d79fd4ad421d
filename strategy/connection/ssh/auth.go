package ssh

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// login chooses the next way to log in, one key at a time, so that a key that
// cannot sign does not take the others with it.
type login struct {
	h        *handshake
	host     *hostKeys
	u        *unlocker
	agent    net.Conn
	keys     []ssh.Signer
	prepared bool
	tried    map[string]int // attempts of the password methods
	offered  []string       // methods, as the host last listed them
	hardware string         // a security key's file that was passed over
}

func (l *login) close() {
	if l.agent != nil {
		l.agent.Close()
	}
}

// next is an ssh.ClientAuthCallback.
func (l *login) next(c *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	if err := l.h.link.failure(); err != nil {
		return nil, err
	}
	if err := l.u.ctx.Err(); err != nil {
		return nil, err
	}
	l.offered = c.AllowedMethods
	s := l.h.s
	for _, m := range s.preferred {
		if !slices.Contains(c.AllowedMethods, m) {
			continue
		}
		switch m {
		case "publickey":
			if !s.publicKey {
				continue
			}
			if !l.prepared {
				l.prepare()
			}
			if len(l.keys) > 0 {
				k := l.keys[0]
				l.keys = l.keys[1:]
				verbose(l.h.o, fmt.Sprintf("offering the key %s %s", k.PublicKey().Type(), ssh.FingerprintSHA256(k.PublicKey())))
				return ssh.PublicKeys(k), nil
			}
		case "password":
			if s.password && l.mayAsk(m) {
				return ssh.PasswordCallback(func() (string, error) { return l.secret(m) }), nil
			}
		case "keyboard-interactive":
			if s.interactive && l.mayAsk(m) {
				return ssh.KeyboardInteractive(l.answer), nil
			}
		}
	}
	return nil, &deniedError{who: s.user + "@" + s.alias, methods: c.AllowedMethods}
}

// mayAsk says whether a password method has another attempt, and counts it.
func (l *login) mayAsk(method string) bool {
	limit := 1 // the password of the inventory will not change
	if l.h.s.batch {
		return false
	}
	if l.h.o.Password == nil {
		if l.h.jump == "" || l.h.o.Prompt == nil {
			return false
		}
		limit = l.h.s.passwordPrompts
	}
	if l.host.untrusted || l.tried[method] >= limit {
		return false
	}
	l.tried[method]++
	return true
}

func (l *login) secret(method string) (string, error) {
	if p := l.h.o.Password; p != nil {
		return p(l.u.ctx)
	}
	return l.h.ask(l.u.ctx, fmt.Sprintf("%s@%s's password: ", l.h.s.user, l.h.s.alias))
}

// answer serves keyboard-interactive: the first hidden question gets the
// password, further ones (a second factor) go to the person. Where there is
// none they get the password again, as from the reference's askpass, and the
// host may have something to say to that.
func (l *login) answer(_, instruction string, questions []string, echo []bool) ([]string, error) {
	if instruction != "" && l.h.s.level >= levelInfo {
		l.h.said = append(l.h.said, strings.TrimSuffix(instruction, "\r\n")+"\r\n")
	}
	answers := make([]string, len(questions))
	for i, q := range questions {
		hidden := !echo[i] && l.h.o.Password != nil
		var err error
		if hidden && l.tried["answered"] == 0 {
			l.tried["answered"]++
			answers[i], err = l.h.o.Password(l.u.ctx)
		} else if answers[i], err = l.h.askEcho(l.u.ctx, l.question(instruction, q), echo[i]); err != nil && l.u.ctx.Err() == nil {
			answers[i], err = "", nil
			if hidden {
				answers[i], err = l.h.o.Password(l.u.ctx)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// question is what the person reads.
func (l *login) question(instruction, q string) string {
	text := fmt.Sprintf("(%s@%s) %s", l.h.s.user, l.h.s.alias, q)
	if instruction != "" {
		text = instruction + "\n" + text
	}
	return text
}

// prepare lists the keys to offer. Those that the user named come first, for a
// server takes only six by default; then those of the agent, then the default
// files.
func (l *login) prepare() {
	l.prepared = true
	s := l.h.s
	inAgent := l.agentKeys()
	var named, rest []ssh.Signer
	if text := l.h.o.PrivateKey; text != "" {
		key, err := ssh.ParsePrivateKey([]byte(text))
		var locked *ssh.PassphraseMissingError
		if errors.As(err, &locked) {
			key, err = ssh.ParsePrivateKeyWithPassphrase([]byte(text), []byte(l.h.o.PrivateKeyPassphrase))
		}
		if err != nil {
			l.h.say("the private key that is given as text cannot be read: " + err.Error())
		} else {
			named = append(named, key)
		}
	}
	for _, id := range s.identityFiles {
		f := l.h.d.keys.load(id.file, l.h.d.env.UID)
		signers := l.ofFile(f, id, inAgent)
		if id.named {
			named = append(named, signers...)
		} else {
			rest = append(rest, signers...)
		}
	}
	all := named
	if !s.identitiesOnly {
		all = append(all, inAgent...)
	}
	all = append(all, rest...)
	seen := map[string]bool{}
	for _, k := range all {
		id := string(k.PublicKey().Marshal())
		if k = l.accepted(k); k != nil && !seen[id] {
			l.keys = append(l.keys, k)
		}
		seen[id] = true
	}
}

// agentKeys asks the agent; without one there are none.
func (l *login) agentKeys() []ssh.Signer {
	if l.h.s.identityAgent == "" {
		return nil
	}
	c, err := net.Dial("unix", l.h.s.identityAgent)
	if err != nil {
		verbose(l.h.o, fmt.Sprintf("no ssh agent at %s: %v", l.h.s.identityAgent, err))
		return nil
	}
	l.agent = c
	signers, err := agent.NewClient(c).Signers()
	if err != nil {
		verbose(l.h.o, fmt.Sprintf("the ssh agent does not list its keys: %v", err))
	}
	return signers
}

// ofFile returns the signers of one identity: its certificates, then the key
// itself, by the agent when that has it.
func (l *login) ofFile(f *keyFile, id identity, inAgent []ssh.Signer) []ssh.Signer {
	if f.pub == nil && f.err == nil {
		// An old format that tells its public key only when unlocked.
		if s, err := f.unlock(l.u); err == nil {
			f.pub = s.PublicKey()
		}
	}
	var key ssh.Signer
	if f.pub != nil {
		i := slices.IndexFunc(inAgent, func(s ssh.Signer) bool { return sameKey(s.PublicKey(), f.pub) })
		if i >= 0 {
			key = inAgent[i]
		} else if f.err == nil {
			key = lazySigner{f, l.u}
		}
	}
	if key == nil {
		l.complain(f, id)
		return nil
	}
	var signers []ssh.Signer
	certs := []*ssh.Certificate{f.cert}
	for _, name := range l.h.s.certificates {
		cert, _ := readPublic(name).(*ssh.Certificate)
		certs = append(certs, cert)
	}
	for _, c := range certs {
		if c != nil && sameKey(c.Key, f.pub) {
			if s, err := ssh.NewCertSigner(c, key); err == nil {
				signers = append(signers, s)
			}
		}
	}
	return append(signers, key)
}

func (l *login) complain(f *keyFile, id identity) {
	var open *openKeyError
	switch {
	case f.err == nil:
	case f.err == errHardware:
		l.hardware = f.name
	case errors.Is(f.err, fs.ErrNotExist):
		if id.named {
			l.h.say(fmt.Sprintf("no such identity: %s: No such file or directory", f.name))
		}
	case errors.As(f.err, &open):
		l.h.say(f.err.Error())
	case errors.Is(f.err, fs.ErrPermission):
		l.h.say(fmt.Sprintf("Load key \"%s\": Permission denied", f.name))
	case strings.HasPrefix(f.err.Error(), "Load key"):
		l.h.say(f.err.Error())
	default:
		verbose(l.h.o, f.err.Error())
	}
}

// preferSHA512 has an RSA key sign by SHA-512 where the host takes that, as
// OpenSSH does; x/crypto begins with SHA-256.
func preferSHA512(k ssh.AlgorithmSigner) ssh.Signer {
	plain := k.PublicKey()
	if cert, ok := plain.(*ssh.Certificate); ok {
		plain = cert.Key
	}
	if plain.Type() != ssh.KeyAlgoRSA {
		return k
	}
	ordered, err := ssh.NewSignerWithAlgorithms(k, []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA})
	if err != nil {
		return k // one that signs in its own way
	}
	return ordered
}

// accepted limits a key to PubkeyAcceptedAlgorithms; nil when nothing is left.
func (l *login) accepted(k ssh.Signer) ssh.Signer {
	spec := l.h.s.signatures
	as, ok := k.(ssh.AlgorithmSigner)
	if !ok {
		return k
	}
	if spec == "" {
		return preferSHA512(as)
	}
	all := append(ssh.SupportedAlgorithms().PublicKeyAuths, ssh.InsecureAlgorithms().PublicKeyAuths...)
	allowed := choose(spec, ssh.SupportedAlgorithms().PublicKeyAuths, all)
	allowed = slices.DeleteFunc(allowed, func(a string) bool { return keyType(a) != k.PublicKey().Type() })
	if len(allowed) == 0 {
		return nil
	}
	if _, ok := k.PublicKey().(*ssh.Certificate); ok || keyType(allowed[0]) != ssh.KeyAlgoRSA {
		return k
	}
	limited, err := ssh.NewSignerWithAlgorithms(as, allowed)
	if err != nil {
		return nil
	}
	return limited
}
