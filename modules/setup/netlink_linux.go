package setup

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// kernelNet is what the kernel says of addresses and routes, by rtnetlink(7).
type kernelNet struct {
	addresses      []netAddress
	route4, route6 netRoute
	local4, local6 []string
}

// Addresses outside that the reference asks the way to; nothing is sent.
var (
	outside4 = netip.MustParseAddr("8.8.8.8")
	outside6 = netip.MustParseAddr("2404:6800:400a:800::1012")
)

func (h *host) kernelNet() kernelNet {
	var k kernelNet
	if h.root != "" {
		return k
	}
	names := map[int]string{}
	if all, err := net.Interfaces(); err == nil {
		for _, i := range all {
			names[i.Index] = i.Name
		}
	}
	k.addresses = kernelAddresses(names)
	k.route4, k.route6 = wayTo(outside4, names), wayTo(outside6, names)
	k.local4, k.local6 = localRoutes(syscall.AF_INET), localRoutes(syscall.AF_INET6)
	return k
}

func dump(kind, family int) []syscall.NetlinkMessage {
	data, err := syscall.NetlinkRIB(kind, family)
	if err != nil {
		return nil
	}
	messages, err := syscall.ParseNetlinkMessage(data)
	if err != nil {
		return nil
	}
	return messages
}

func kernelAddresses(names map[int]string) []netAddress {
	var out []netAddress
	for _, family := range []int{syscall.AF_INET, syscall.AF_INET6} {
		for _, m := range dump(syscall.RTM_GETADDR, family) {
			if m.Header.Type != syscall.RTM_NEWADDR || len(m.Data) < syscall.SizeofIfAddrmsg {
				continue
			}
			attrs, err := syscall.ParseNetlinkRouteAttr(&m)
			if err != nil {
				continue
			}
			a := netAddress{prefix: int(m.Data[1]), scope: scopeName(m.Data[3]), secondary: m.Data[2]&syscall.IFA_F_SECONDARY != 0,
				device: names[int(binary.NativeEndian.Uint32(m.Data[4:]))]}
			var local, address netip.Addr
			for _, attr := range attrs {
				switch attr.Attr.Type {
				case syscall.IFA_LOCAL:
					local, _ = netip.AddrFromSlice(attr.Value)
				case syscall.IFA_ADDRESS:
					address, _ = netip.AddrFromSlice(attr.Value)
				case syscall.IFA_BROADCAST:
					a.broadcast, _ = netip.AddrFromSlice(attr.Value)
				case syscall.IFA_LABEL:
					a.label = unix.ByteSliceToString(attr.Value)
				}
			}
			a.addr = local
			if !local.IsValid() {
				a.addr = address
			} else if address.IsValid() && address != local {
				a.peer = address
			}
			if a.addr.IsValid() {
				out = append(out, a)
			}
		}
	}
	return out
}

func scopeName(scope byte) string {
	switch scope {
	case syscall.RT_SCOPE_UNIVERSE:
		return "global"
	case syscall.RT_SCOPE_LINK:
		return "link"
	case syscall.RT_SCOPE_HOST:
		return "host"
	case syscall.RT_SCOPE_SITE:
		return "site"
	case syscall.RT_SCOPE_NOWHERE:
		return "nowhere"
	}
	return strconv.Itoa(int(scope))
}

// localRoutes gives the addresses and networks of the table local that are
// delivered here.
func localRoutes(family int) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range dump(syscall.RTM_GETROUTE, family) {
		if m.Header.Type != syscall.RTM_NEWROUTE || len(m.Data) < syscall.SizeofRtMsg {
			continue
		}
		bits, table, kind := int(m.Data[1]), int(m.Data[4]), m.Data[7]
		if table != syscall.RT_TABLE_LOCAL || kind != syscall.RTN_LOCAL || int(m.Data[0]) != family {
			continue
		}
		attrs, err := syscall.ParseNetlinkRouteAttr(&m)
		if err != nil {
			continue
		}
		for _, attr := range attrs {
			if attr.Attr.Type != syscall.RTA_DST {
				continue
			}
			addr, ok := netip.AddrFromSlice(attr.Value)
			text := addr.String()
			if bits != addr.BitLen() {
				text += "/" + strconv.Itoa(bits)
			}
			if ok && !seen[text] {
				seen[text] = true
				out = append(out, text)
			}
		}
	}
	return out
}

// wayTo asks the kernel which way a packet to addr would go.
func wayTo(addr netip.Addr, names map[int]string) netRoute {
	var r netRoute
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_ROUTE)
	if err != nil {
		return r
	}
	defer syscall.Close(fd)
	family := byte(syscall.AF_INET)
	if addr.Is6() {
		family = syscall.AF_INET6
	}
	raw := addr.AsSlice()
	size := syscall.SizeofNlMsghdr + syscall.SizeofRtMsg + syscall.SizeofRtAttr + len(raw)
	b := make([]byte, size)
	n := binary.NativeEndian
	n.PutUint32(b, uint32(size))
	n.PutUint16(b[4:], syscall.RTM_GETROUTE)
	n.PutUint16(b[6:], syscall.NLM_F_REQUEST)
	n.PutUint32(b[8:], 1)
	b[16], b[17] = family, byte(len(raw)*8)
	n.PutUint16(b[28:], uint16(syscall.SizeofRtAttr+len(raw)))
	n.PutUint16(b[30:], syscall.RTA_DST)
	copy(b[32:], raw)
	if err := syscall.Sendto(fd, b, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return r
	}
	answer := make([]byte, 4096)
	count, _, err := syscall.Recvfrom(fd, answer, 0)
	if err != nil {
		return r
	}
	messages, err := syscall.ParseNetlinkMessage(answer[:count])
	if err != nil || len(messages) == 0 || messages[0].Header.Type != syscall.RTM_NEWROUTE {
		return r
	}
	attrs, err := syscall.ParseNetlinkRouteAttr(&messages[0])
	if err != nil {
		return r
	}
	for _, attr := range attrs {
		switch attr.Attr.Type {
		case syscall.RTA_OIF:
			if len(attr.Value) >= 4 {
				r.device = names[int(n.Uint32(attr.Value))]
			}
		case syscall.RTA_PREFSRC:
			r.from, _ = netip.AddrFromSlice(attr.Value)
		case syscall.RTA_GATEWAY:
			r.through, _ = netip.AddrFromSlice(attr.Value)
		}
	}
	return r
}
