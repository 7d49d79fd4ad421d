package ssh

import (
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// choose applies a list of algorithms as ssh_config(5) writes it: a plain list
// replaces, +list appends to, -list removes from and ^list goes to the front of
// the defaults. Patterns hold in all of them. Of the result only what
// is supported stays.
func choose(spec string, defaults, supported []string) []string {
	if spec == "" {
		return defaults
	}
	list := strings.Split(strings.TrimLeft(spec, "+-^"), ",")
	var named []string
	for _, p := range list {
		for _, a := range supported {
			if matchPattern(p, a) && !slices.Contains(named, a) {
				named = append(named, a)
			}
		}
	}
	without := slices.DeleteFunc(slices.Clone(defaults), func(a string) bool { return slices.Contains(named, a) })
	switch spec[0] {
	case '+':
		return append(slices.Clone(defaults), slices.DeleteFunc(named, func(a string) bool { return slices.Contains(defaults, a) })...)
	case '-':
		return without
	case '^':
		return append(named, without...)
	}
	return named
}

// algorithms fills in what the settings say about cryptography. A list that
// leaves nothing that this process can do is a *NeedsOpenSSH.
func (s *settings) algorithms(c *ssh.ClientConfig, known []*knownKey) error {
	good, weak := ssh.SupportedAlgorithms(), ssh.InsecureAlgorithms()
	for _, x := range []struct {
		option, spec string
		good, weak   []string
		to           *[]string
	}{
		{"Ciphers", s.ciphers, good.Ciphers, weak.Ciphers, &c.Ciphers},
		{"KexAlgorithms", s.kex, good.KeyExchanges, weak.KeyExchanges, &c.KeyExchanges},
		{"MACs", s.macs, good.MACs, weak.MACs, &c.MACs},
		{"HostKeyAlgorithms", s.hostKeyAlgorithms, good.HostKeys, weak.HostKeys, &c.HostKeyAlgorithms},
	} {
		defaults := x.good
		if x.option == "HostKeyAlgorithms" {
			defaults = preferHostKeys(x.good)
		}
		if x.spec == "" && x.option != "HostKeyAlgorithms" {
			continue // those of x/crypto/ssh
		}
		*x.to = choose(x.spec, defaults, append(slices.Clone(x.good), x.weak...))
		if len(*x.to) == 0 {
			return &NeedsOpenSSH{Option: x.option + " " + x.spec}
		}
	}
	if s.hostKeyAlgorithms == "" || s.hostKeyAlgorithms[0] == '+' || s.hostKeyAlgorithms[0] == '-' {
		c.HostKeyAlgorithms = preferKnown(c.HostKeyAlgorithms, known)
	}
	return nil
}

// hostKeyOrder is the order of OpenSSH's defaults: it decides which key of a host
// that nobody knows yet gets remembered.
var hostKeyOrder = []string{"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256"}

// preferHostKeys puts algorithms into that order, those of certificates first.
func preferHostKeys(algorithms []string) []string {
	const cert = "-cert-v01@openssh.com"
	rank := func(a string) int {
		plain := strings.TrimSuffix(a, cert)
		i := slices.Index(hostKeyOrder, plain)
		if i < 0 {
			i = len(hostKeyOrder)
		}
		if plain == a {
			i += len(hostKeyOrder) + 1
		}
		return i
	}
	out := slices.Clone(algorithms)
	slices.SortStableFunc(out, func(a, b string) int { return rank(a) - rank(b) })
	return out
}

// preferKnown puts those algorithms first for which a key of the host is known,
// as OpenSSH does: else a host with several keys could show one that is not.
func preferKnown(algorithms []string, known []*knownKey) []string {
	rank := func(a string) int {
		cert := strings.HasSuffix(a, "-cert-v01@openssh.com")
		if slices.ContainsFunc(known, func(k *knownKey) bool { return k.marker == "revoked" && k.key.Type() == keyType(a) }) {
			return 1 // better one that is not
		}
		for _, k := range known {
			if k.marker == "cert-authority" && cert {
				return 0
			}
			if k.marker == "" && !cert && k.key.Type() == keyType(a) {
				return 0
			}
		}
		return 1
	}
	out := slices.Clone(algorithms)
	if slices.ContainsFunc(known, func(k *knownKey) bool { return k.marker == "" }) &&
		!slices.ContainsFunc(known, func(k *knownKey) bool { return k.marker == "cert-authority" }) {
		// A certificate that no known CA signed would only be in the way.
		rankPlain := rank
		rank = func(a string) int {
			if strings.HasSuffix(a, "-cert-v01@openssh.com") {
				return 2
			}
			return rankPlain(a)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return rank(a) - rank(b) })
	return out
}

// keyType is the type of the keys that a signature algorithm is for.
func keyType(algorithm string) string {
	switch algorithm {
	case ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512:
		return ssh.KeyAlgoRSA
	}
	return algorithm
}
