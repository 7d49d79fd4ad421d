package setup

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// nameTimeout bounds the questions to name servers for one host's own name;
// the C library would wait for as many seconds as resolv.conf says.
const nameTimeout = 5 * time.Second

// fqdn is what Python's getfqdn gives: the first name with a dot of those that
// the address of the host's own name has.
func (h *host) fqdn(ctx context.Context, node string) string {
	names := h.namesOf(ctx, node)
	for _, name := range names {
		if strings.Contains(name, ".") {
			return name
		}
	}
	if len(names) > 0 {
		return names[0]
	}
	return node
}

// namesOf asks for the address of name and for the names of that address, in
// the sources that nsswitch.conf names.
func (h *host) namesOf(ctx context.Context, name string) []string {
	sources := nameSources(h.data("/etc/nsswitch.conf"))
	hosts := parseHosts(h.data("/etc/hosts"))
	var addr netip.Addr
	for _, source := range sources {
		switch source {
		case "files":
			addr = hosts.address(name)
		case "dns", "resolve":
			addr = h.lookupAddr(ctx, name)
		case "myhostname":
			return []string{name}
		}
		if addr.IsValid() {
			break
		}
	}
	if !addr.IsValid() {
		return nil
	}
	for _, source := range sources {
		switch source {
		case "files":
			if names := hosts.names(addr); names != nil {
				return names
			}
		case "dns", "resolve":
			if names := h.lookupNames(ctx, addr); names != nil {
				return names
			}
		case "myhostname":
			return []string{name}
		}
	}
	return nil
}

func (h *host) lookupAddr(ctx context.Context, name string) netip.Addr {
	if h.root != "" {
		return netip.Addr{}
	}
	ctx, cancel := context.WithTimeout(ctx, nameTimeout)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil || len(addrs) == 0 {
		return netip.Addr{}
	}
	return addrs[0].Unmap()
}

func (h *host) lookupNames(ctx context.Context, addr netip.Addr) []string {
	if h.root != "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, nameTimeout)
	defer cancel()
	names, err := net.DefaultResolver.LookupAddr(ctx, addr.String())
	if err != nil || len(names) == 0 {
		return nil
	}
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], ".")
	}
	return names
}

// nameSources gives the sources of host names in nsswitch.conf.
func nameSources(conf string) []string {
	for _, line := range lines(conf) {
		line, _, _ = strings.Cut(line, "#")
		if name, list, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "hosts" {
			return slices.DeleteFunc(strings.Fields(list), func(s string) bool { return strings.ContainsAny(s, "[]=") })
		}
	}
	return []string{"files", "dns"}
}

type hostsLine struct {
	addr  netip.Addr
	names []string
}

type hostsFile []hostsLine

func parseHosts(text string) hostsFile {
	var out hostsFile
	for _, line := range lines(text) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		if addr, err := netip.ParseAddr(fields[0]); err == nil {
			out = append(out, hostsLine{addr.Unmap(), fields[1:]})
		}
	}
	return out
}

// address gives the address of a name; one of IPv6 is preferred only when it
// is the loopback, which is what the rules of address selection come to here.
func (f hostsFile) address(name string) netip.Addr {
	var first netip.Addr
	for _, line := range f {
		if !slices.ContainsFunc(line.names, func(n string) bool { return strings.EqualFold(n, name) }) {
			continue
		}
		if line.addr == netip.IPv6Loopback() {
			return line.addr
		}
		if !first.IsValid() || first.Is6() && line.addr.Is4() {
			first = line.addr
		}
	}
	return first
}

func (f hostsFile) names(addr netip.Addr) []string {
	for _, line := range f {
		if line.addr == addr {
			return line.names
		}
	}
	return nil
}
