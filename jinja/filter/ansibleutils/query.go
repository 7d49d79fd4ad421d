package ansibleutils

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// subject is what ipaddr asks a query of: a value that is an address or a network.
type subject struct {
	network
	text    string // as it was given; numbers in the usual form
	slashed bool   // it was given with a prefix
}

// query answers with a value; False and None are refusals.
type query func(subject) (value.Value, error)

// queries by name. It is filled here only.
var queries = map[string]query{
	"": func(s subject) (value.Value, error) {
		if s.slashed {
			return text(s.network), nil
		}
		return text(s.addr), nil
	},
	"6to4":             sixToFour,
	"address":          address,
	"address/prefix":   hostPrefix,
	"bool":             func(subject) (value.Value, error) { return value.True, nil },
	"broadcast":        broadcast,
	"cidr":             func(s subject) (value.Value, error) { return text(s.network), nil },
	"first_usable":     usableOf(func(first, _ addr) string { return first.String() }),
	"gateway":          hostPrefix,
	"gw":               hostPrefix,
	"host":             ifHost(value.None, func(s subject) string { return s.network.String() }, true),
	"host/prefix":      hostPrefix,
	"hostmask":         func(s subject) (value.Value, error) { return text(s.hostmask()), nil },
	"hostnet":          hostPrefix,
	"int":              number,
	"ip":               address,
	"ip/prefix":        ifHost(value.None, func(s subject) string { return s.network.String() }, false),
	"ip_netmask":       ifHost(value.None, func(s subject) string { return s.addr.String() + " " + s.netmask().String() }, false),
	"ipv4":             toIPv4,
	"ipv6":             toIPv6,
	"last_usable":      usableOf(func(_, last addr) string { return last.String() }),
	"link-local":       where(func(s subject) bool { return s.addr.host().is("link") }),
	"lo":               where(func(s subject) bool { return s.addr.host().is("loopback") }),
	"loopback":         where(func(s subject) bool { return s.addr.host().is("loopback") }),
	"multicast":        where(func(s subject) bool { return s.is("multicast") }),
	"net":              net,
	"netmask":          func(s subject) (value.Value, error) { return text(s.netmask()), nil },
	"network":          func(s subject) (value.Value, error) { return text(s.first()), nil },
	"network/prefix":   func(s subject) (value.Value, error) { return text(s.cidr()), nil },
	"network_id":       func(s subject) (value.Value, error) { return text(s.first()), nil },
	"network_netmask":  func(s subject) (value.Value, error) { return both(s.first(), s.netmask()), nil },
	"network_wildcard": func(s subject) (value.Value, error) { return both(s.first(), s.hostmask()), nil },
	"next_usable":      func(s subject) (value.Value, error) { return neighbour(s, 1) },
	"peer":             peer,
	"prefix":           func(s subject) (value.Value, error) { return value.Int(s.prefix), nil },
	"previous_usable":  func(s subject) (value.Value, error) { return neighbour(s, -1) },
	"private":          where(func(s subject) bool { return !s.isGlobal() && !s.addr.host().is("multicast") }),
	"public":           where(func(s subject) bool { return s.isGlobal() && !s.addr.host().is("multicast") && !s.isMask() }),
	"range_usable":     usableOf(func(first, last addr) string { return first.String() + "-" + last.String() }),
	"revdns":           func(s subject) (value.Value, error) { return value.Str(s.reverse()), nil },
	"router":           hostPrefix,
	"size":             func(s subject) (value.Value, error) { return value.NewInt(s.size()), nil },
	"size_usable":      sizeUsable,
	"subnet":           func(s subject) (value.Value, error) { return text(s.cidr()), nil },
	"type":             kind,
	"unicast":          where(func(s subject) bool { return !s.is("multicast") }),
	"version":          func(s subject) (value.Value, error) { return value.Int(s.version), nil },
	"wildcard":         func(s subject) (value.Value, error) { return text(s.hostmask()), nil },
	"wrap":             wrap,

	// These fail in the reference whatever they are asked.
	"cidr_lookup": func(subject) (value.Value, error) { return nil, errors.New("'iplist'") },
	"v4": func(subject) (value.Value, error) {
		return nil, errors.New("_ipv4_query() missing 1 required positional argument: 'value'")
	},
	"v6": func(subject) (value.Value, error) {
		return nil, errors.New("_ipv6_query() missing 1 required positional argument: 'value'")
	},
}

func text(s fmt.Stringer) value.Value { return value.Str(s.String()) }

func both(a, b addr) value.Value { return value.Str(a.String() + " " + b.String()) }

// where answers with the value itself where it is of a kind.
func where(is func(subject) bool) query {
	return func(s subject) (value.Value, error) {
		if is(s) {
			return value.Str(s.text), nil
		}
		return value.None, nil
	}
}

// ifHost answers for addresses of hosts, and of a network of two; alone says
// whether an address without a network counts.
func ifHost(otherwise value.Value, answer func(subject) string, alone bool) query {
	return func(s subject) (value.Value, error) {
		bits := s.width() - s.prefix
		if bits == 0 && alone || bits == 1 || bits > 1 && !s.isFirst() {
			return value.Str(answer(s)), nil
		}
		return otherwise, nil
	}
}

// address answers with the address, unless that is an IPv4 network's own.
func address(s subject) (value.Value, error) {
	if s.version == 4 && s.isFirst() && s.width()-s.prefix > 1 {
		return value.None, nil
	}
	return text(s.addr), nil
}

// hostPrefix answers for addresses that a host can have.
func hostPrefix(s subject) (value.Value, error) {
	if first, last, ok := s.usable(); ok && !between(s.addr, first, last) {
		return value.False, nil
	}
	return text(s.network), nil
}

func sixToFour(s subject) (value.Value, error) {
	switch {
	case s.version == 6:
		if new(big.Int).Rsh(s.n, 112).Int64() == 0x2002 {
			return value.Str(s.text), nil
		}
		return value.False, nil
	case s.addr.host().is("multicast"), s.prefix < s.width() && s.isFirst():
		return value.False, nil
	}
	n := s.n.Uint64()
	return value.Str(fmt.Sprintf("2002:%04x:%04x::1/48", n>>16, n&0xffff)), nil
}

func broadcast(s subject) (value.Value, error) {
	if s.width()-s.prefix < 2 {
		return value.None, nil
	}
	return text(s.last()), nil
}

func number(s subject) (value.Value, error) {
	if s.slashed {
		return value.Str(s.n.String() + "/" + strconv.Itoa(s.prefix)), nil
	}
	return value.NewInt(s.n), nil
}

// toIPv4 undoes the ways to write an IPv4 address as an IPv6 one.
func toIPv4(s subject) (value.Value, error) {
	if s.version == 4 {
		return value.Str(s.text), nil
	}
	if high := new(big.Int).Rsh(s.n, 32).Int64(); s.n.BitLen() > 48 || high != 0 && high != 0xffff {
		return value.False, nil
	}
	low := addr{new(big.Int).And(s.n, big.NewInt(1<<32-1)), 4}
	if s.prefix < 96 {
		return value.False, nil
	}
	return text(network{low, s.prefix - 96}), nil
}

func toIPv6(s subject) (value.Value, error) {
	if s.version == 6 {
		return value.Str(s.text), nil
	}
	mapped := new(big.Int).Or(s.n, new(big.Int).Lsh(big.NewInt(0xffff), 32))
	return text(network{addr{mapped, 6}, s.prefix + 96}), nil
}

func net(s subject) (value.Value, error) {
	if s.prefix < s.width() && s.isFirst() {
		return text(s.cidr()), nil
	}
	return value.None, nil
}

var errNoNetwork = errors.New("Not a network address")

func usableOf(answer func(first, last addr) string) query {
	return func(s subject) (value.Value, error) {
		if !s.slashed {
			return nil, errNoNetwork
		}
		first, last, ok := s.usable()
		if !ok {
			return value.None, nil
		}
		return value.Str(answer(first, last)), nil
	}
}

func neighbour(s subject, step int64) (value.Value, error) {
	if !s.slashed {
		return nil, errNoNetwork
	}
	return s.nthUsable(big.NewInt(step))
}

// nthUsable gives the address that is so many away, if a host can have it.
func (n network) nthUsable(offset *big.Int) (value.Value, error) {
	first, last, ok := n.usable()
	if !ok {
		return value.None, nil
	}
	to := n.plus(offset)
	if to.n.Sign() < 0 || to.n.BitLen() > 128 {
		return nil, fmt.Errorf("failed to detect a valid IP address from %s", to.n)
	}
	if !between(to, first, last) {
		return value.None, nil
	}
	return text(to), nil
}

func peer(s subject) (value.Value, error) {
	if !s.slashed {
		return nil, errNoNetwork
	}
	switch s.width() - s.prefix {
	case 1:
		return text(addr{new(big.Int).Xor(s.n, one), s.version}), nil
	case 2:
		switch {
		case s.isFirst():
			return nil, errors.New("Network address of /30 has no peer")
		case s.n.Cmp(s.last().n) == 0:
			return nil, errors.New("Broadcast address of /30 has no peer")
		}
		return text(addr{new(big.Int).Xor(s.n, big.NewInt(3)), s.version}), nil
	}
	return nil, errors.New("Not a point-to-point network")
}

func sizeUsable(s subject) (value.Value, error) {
	switch s.width() - s.prefix {
	case 0:
		return value.Int(0), nil
	case 1:
		return value.Int(2), nil
	}
	return value.NewInt(new(big.Int).Sub(s.size(), big.NewInt(2))), nil
}

func kind(s subject) (value.Value, error) {
	if s.prefix < s.width() && s.isFirst() {
		return value.Str("network"), nil
	}
	return value.Str("address"), nil
}

func wrap(s subject) (value.Value, error) {
	switch {
	case s.version == 4:
		return value.Str(s.text), nil
	case s.slashed:
		return value.Str("[" + s.addr.String() + "]/" + strconv.Itoa(s.prefix)), nil
	}
	return value.Str("[" + s.addr.String() + "]"), nil
}

// reverse is the name under which the DNS has the address's name.
func (a addr) reverse() string {
	if a.version == 4 {
		parts := strings.Split(a.String(), ".")
		slices.Reverse(parts)
		return strings.Join(parts, ".") + ".in-addr.arpa."
	}
	digits := strings.Split(fmt.Sprintf("%032x", a.n), "")
	slices.Reverse(digits)
	return strings.Join(digits, ".") + ".ip6.arpa."
}
