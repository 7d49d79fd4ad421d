package ansibleutils

import (
	"math/big"
	"slices"
	"sync"
)

// The ranges of IANA's registries of special addresses (RFC 6890 and what
// updated it), as netaddr 1.3 has them.
var special = sync.OnceValue(func() map[string][]network {
	out := map[string][]network{}
	for name, texts := range map[string][]string{
		"loopback":  {"127.0.0.0/8", "::1/128"},
		"link":      {"169.254.0.0/16", "fe80::/10"},
		"multicast": {"224.0.0.0/4", "ff00::/8"},
		"local": {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
			"192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
			"::1/128", "::/128", "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10"},
		// parts of the above that are reachable all the same
		"reachable": {"192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128", "2001:3::/32", "2001:4:112::/48", "2001:20::/28", "2001:30::/28"},
	} {
		for _, text := range texts {
			n, _ := parseNetwork(text)
			out[name] = append(out[name], n)
		}
	}
	return out
})

// is reports whether n lies in one of the ranges called name.
func (n network) is(name string) bool {
	return slices.ContainsFunc(special()[name], n.in)
}

// host is the address alone, as a network.
func (a addr) host() network { return network{a, a.width()} }

// isGlobal reports whether the Internet can reach the address.
func (a addr) isGlobal() bool { return a.host().is("reachable") || !a.host().is("local") }

// isMask reports whether the address is the mask of a network, or of its hosts.
func (a addr) isMask() bool {
	powerOf2 := func(n *big.Int) bool { return new(big.Int).And(n, new(big.Int).Sub(n, one)).Sign() == 0 }
	all := (network{a, 0}).hostmask().n
	inverse := new(big.Int).Xor(a.n, all)
	return powerOf2(inverse.Add(inverse, one)) || powerOf2(new(big.Int).Add(a.n, one))
}
