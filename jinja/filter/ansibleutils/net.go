package ansibleutils

import (
	"fmt"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
)

// addr is an address: a number and the version of the protocol.
type addr struct {
	n       *big.Int
	version int
}

// network is an address with the length of its network's prefix; what lies
// behind the prefix is kept, as netaddr's IPNetwork does.
type network struct {
	addr
	prefix int
}

var one = big.NewInt(1)

func (a addr) width() int {
	if a.version == 4 {
		return 32
	}
	return 128
}

// String is netaddr's text: that of inet_ntop, which writes addresses that hold
// an IPv4 one in the old way.
func (a addr) String() string {
	var b [16]byte
	a.n.FillBytes(b[:])
	if a.version == 4 {
		return netip.AddrFrom4([4]byte(b[12:])).String()
	}
	x := netip.AddrFrom16(b)
	if x.Is4In6() {
		return "::ffff:" + x.Unmap().String()
	}
	for _, c := range b[:12] {
		if c != 0 {
			return x.String()
		}
	}
	if b[12] == 0 && b[13] == 0 {
		return x.String()
	}
	return "::" + netip.AddrFrom4([4]byte(b[12:])).String()
}

func (a addr) plus(n *big.Int) addr { return addr{new(big.Int).Add(a.n, n), a.version} }

// inside reports whether the number is one that the version has room for.
func (a addr) inside() bool { return a.n.Sign() >= 0 && a.n.BitLen() <= a.width() }

// groups gives the number in groups of bits, 8 or 16.
func (a addr) groups() []uint64 {
	bits := 16
	if a.version == 4 {
		bits = 8
	}
	out := make([]uint64, a.width()/bits)
	for i := range out {
		out[i] = new(big.Int).And(new(big.Int).Rsh(a.n, uint(a.width()-bits*(i+1))), big.NewInt(1<<bits-1)).Uint64()
	}
	return out
}

// expanded writes all groups, with digits per group.
func (a addr) expanded(digits int) string {
	if a.version == 4 {
		return a.String()
	}
	var parts []string
	for _, g := range a.groups() {
		parts = append(parts, fmt.Sprintf("%0*x", digits, g))
	}
	return strings.Join(parts, ":")
}

func (n network) String() string { return n.addr.String() + "/" + strconv.Itoa(n.prefix) }

// hostmask has the bits behind the prefix.
func (n network) hostmask() addr {
	m := new(big.Int).Lsh(one, uint(n.width()-n.prefix))
	return addr{m.Sub(m, one), n.version}
}

func (n network) netmask() addr {
	m := new(big.Int).Lsh(one, uint(n.width()))
	return addr{m.Sub(m, one).Xor(m, n.hostmask().n), n.version}
}

func (n network) first() addr { return addr{new(big.Int).AndNot(n.n, n.hostmask().n), n.version} }

func (n network) last() addr { return addr{new(big.Int).Or(n.n, n.hostmask().n), n.version} }

// cidr is the network itself.
func (n network) cidr() network { return network{n.first(), n.prefix} }

func (n network) size() *big.Int { return new(big.Int).Lsh(one, uint(n.width()-n.prefix)) }

// isFirst reports whether the address is the network's own.
func (n network) isFirst() bool { return n.n.Cmp(n.first().n) == 0 }

// usable gives the first and the last address for hosts; a network of two has both.
func (n network) usable() (first, last addr, ok bool) {
	switch n.width() - n.prefix {
	case 0:
		return addr{}, addr{}, false
	case 1:
		return n.first(), n.last(), true
	}
	return n.first().plus(one), n.last().plus(big.NewInt(-1)), true
}

// within reports whether all of n lies between two addresses.
func (n network) within(first, last addr) bool {
	return n.version == first.version && n.first().n.Cmp(first.n) >= 0 && n.last().n.Cmp(last.n) <= 0
}

// in reports whether all of n lies in o.
func (n network) in(o network) bool { return n.within(o.first(), o.last()) }

func between(a, first, last addr) bool { return a.n.Cmp(first.n) >= 0 && a.n.Cmp(last.n) <= 0 }

// parseAddr reads an address as inet_pton does.
func parseAddr(s string) (addr, bool) {
	x, err := netip.ParseAddr(s)
	if err != nil || x.Zone() != "" {
		return addr{}, false
	}
	if x.Is4() {
		b := x.As4()
		return addr{new(big.Int).SetBytes(b[:]), 4}, true
	}
	b := x.As16()
	return addr{new(big.Int).SetBytes(b[:]), 6}, true
}

// parseNetwork reads an address with or without a prefix, which may be a mask.
func parseNetwork(s string) (network, bool) {
	text, prefix, slash := strings.Cut(s, "/")
	a, ok := parseAddr(text)
	if !ok {
		return network{}, false
	}
	n := network{a, a.width()}
	if !slash {
		return n, true
	}
	n.prefix, ok = parsePrefix(prefix, a)
	return n, ok
}

func parsePrefix(s string, a addr) (int, bool) {
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil {
		return n, n >= 0 && n <= a.width()
	}
	mask, ok := parseAddr(s)
	if !ok || mask.version != a.version {
		return 0, false
	}
	for prefix := range a.width() + 1 {
		if n := (network{a, prefix}); n.netmask().n.Cmp(mask.n) == 0 {
			return prefix, true
		}
	}
	for prefix := range a.width() + 1 {
		if n := (network{a, prefix}); n.hostmask().n.Cmp(mask.n) == 0 {
			return prefix, true
		}
	}
	return 0, false
}

// fromNumber makes an address of a number; version 0 takes the smallest that has room.
func fromNumber(n *big.Int, version int) (addr, bool) {
	if version == 0 {
		version = 4
		if n.BitLen() > 32 {
			version = 6
		}
	}
	a := addr{n, version}
	return a, a.inside()
}
