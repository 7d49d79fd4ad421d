package ansibleutils

import (
	"context"
	"fmt"
	stdnet "net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

// The tests use Python's ipaddress, not netaddr: networks have no bits behind
// their prefix, and the ranges are those of ipaddress in Python 3.11.7.

func init() {
	onValue("ip", func(v value.Value) bool { _, ok := pyNetwork(v); return ok })
	onValue("ipv4", func(v value.Value) bool { n, ok := pyNetwork(v); return ok && n.version == 4 })
	onValue("ipv6", func(v value.Value) bool { n, ok := pyNetwork(v); return ok && n.version == 6 })
	onAddress("ip_address", func(addr) bool { return true })
	onAddress("ipv4_address", func(a addr) bool { return a.version == 4 })
	onAddress("ipv6_address", func(a addr) bool { return a.version == 6 })
	onAddress("ipv6_ipv4_mapped", inRange("::ffff:0:0/96"))
	onAddress("ipv6_sixtofour", inRange("2002::/16"))
	onAddress("ipv6_teredo", inRange("2001::/32"))
	onAddress("loopback", inRange("127.0.0.0/8", "::1/128"))
	onAddress("multicast", inRange("224.0.0.0/4", "ff00::/8"))
	onAddress("unspecified", inRange("0.0.0.0/32", "::/128"))
	onAddress("reserved", inRange("240.0.0.0/4", "::/8", "100::/8", "200::/7", "400::/6", "800::/5", "1000::/4", "4000::/3", "6000::/3",
		"8000::/3", "a000::/3", "c000::/3", "e000::/4", "f000::/5", "f800::/6", "fe00::/9"))
	private := inRange("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29", "192.0.0.170/31", "192.0.2.0/24",
		"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "255.255.255.255/32",
		"::1/128", "::/128", "::ffff:0:0/96", "100::/64", "2001::/23", "2001:2::/48", "2001:db8::/32", "2001:10::/28", "fc00::/7", "fe80::/10")
	shared := inRange("100.64.0.0/10")
	onAddress("private", private)
	onAddress("public", func(a addr) bool { return !private(a) && !shared(a) })
	onValue("ipv4_netmask", func(v value.Value) bool { return isMaskOf10(v, network.netmask) })
	onValue("ipv4_hostmask", func(v value.Value) bool { return isMaskOf10(v, network.hostmask) })
	onNetworks("in_network", "network", network.in)
	onNetworks("subnet_of", "network_b", network.in)
	onNetworks("supernet_of", "network_b", func(a, b network) bool { return b.in(a) })
	counting("in_any_network", func(n int) bool { return n > 0 })
	counting("in_one_network", func(n int) bool { return n == 1 })
	addTest("mac", "_mac", isMAC)
	addTest("resolvable", "_resolvable", resolvable)
}

func onValue(name string, is func(value.Value) bool) {
	param := "ip"
	if name == "ipv4_netmask" {
		param = "mask"
	}
	addTest(name, "_"+name, func(c *expr.Call) (bool, error) {
		var v value.Value
		if err := c.Unpack(param, &v); err != nil {
			return false, err
		}
		return is(v), nil
	})
}

func onAddress(name string, is func(addr) bool) {
	onValue(name, func(v value.Value) bool {
		s, ok := value.AsText(v)
		if !ok {
			return false
		}
		a, ok := parseAddr(withoutZone(s))
		return ok && is(a)
	})
}

func onNetworks(name, param string, is func(a, b network) bool) {
	first := "ip"
	if param == "network_b" {
		first = "network_a"
	}
	addTest(name, "_"+name, func(c *expr.Call) (bool, error) {
		var v, other value.Value
		if err := c.Unpack(first, &v, param, &other); err != nil {
			return false, err
		}
		a, okA := pyNetwork(v)
		b, okB := pyNetwork(other)
		return okA && okB && is(a, b), nil
	})
}

// counting is a test of how many of some networks a network lies in.
func counting(name string, enough func(int) bool) {
	addTest(name, "_"+name, func(c *expr.Call) (bool, error) {
		var v, others value.Value
		if err := c.Unpack("ip", &v, "networks", &others); err != nil {
			return false, err
		}
		items, err := value.Items(others)
		if err != nil {
			return false, err
		}
		a, ok := pyNetwork(v)
		n := 0
		for _, item := range items {
			if b, okB := pyNetwork(item); ok && okB && a.in(b) {
				n++
			}
		}
		return enough(n), nil
	})
}

func inRange(texts ...string) func(addr) bool {
	ranges := sync.OnceValue(func() []network {
		out := make([]network, len(texts))
		for i, s := range texts {
			out[i], _ = parseNetwork(s)
		}
		return out
	})
	return func(a addr) bool { return slices.ContainsFunc(ranges(), a.host().in) }
}

// withoutZone takes the interface from a link-local address.
func withoutZone(s string) string {
	if a, zone, ok := strings.Cut(s, "%"); ok && zone != "" && strings.Contains(a, ":") && !strings.ContainsAny(zone, "%/") {
		return a
	}
	return s
}

// pyNetwork reads a network as ipaddress.ip_network does.
func pyNetwork(v value.Value) (network, bool) {
	if s, ok := value.AsText(v); ok {
		v = value.Str(withoutZone(s))
	}
	n, err := strictNetwork(v)
	return n, err == nil
}

// isMaskOf10 asks as the reference does: whether 10.0.0.0 with the mask is a
// network with that very mask, which lets masks pass that leave its bits alone.
func isMaskOf10(v value.Value, mask func(network) addr) bool {
	s, ok := value.AsText(v)
	if !ok {
		return false
	}
	n, ok := pyNetwork(value.Str("10.0.0.0/" + s))
	return ok && mask(n).String() == s
}

var macs = sync.OnceValues(func() (*pyre.Regexp, error) {
	return pyre.Compile(`(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$|[0-9a-f]{12}$`, pyre.IgnoreCase)
})

func isMAC(c *expr.Call) (bool, error) {
	var v value.Value
	if err := c.Unpack("mac", &v); err != nil {
		return false, err
	}
	s, ok := value.AsText(v)
	if !ok {
		return false, fmt.Errorf("expected string or bytes-like object, got '%s'", v.Type())
	}
	re, err := macs()
	if err != nil {
		return false, err
	}
	m, err := re.Match(s)
	return m != nil, err
}

// maxResolve bounds how long a name server may take.
const maxResolve = 30 * time.Second

func resolvable(c *expr.Call) (bool, error) {
	var v value.Value
	if err := c.Unpack("host", &v); err != nil {
		return false, err
	}
	s, ok := value.AsText(v)
	if !ok || s == "" {
		return false, nil
	}
	ctx := c.Ctx.Std
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithTimeout(ctx, maxResolve)
	defer cancel()
	addrs, err := stdnet.DefaultResolver.LookupHost(ctx, s)
	return err == nil && len(addrs) > 0, nil
}
