package waitfor

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// tcpStates are the kernel's numbers for states of TCP (include/net/tcp_states.h).
var tcpStates = map[string]uint8{
	"ESTABLISHED": 1, "SYN_SENT": 2, "SYN_RECV": 3, "FIN_WAIT1": 4, "FIN_WAIT2": 5, "TIME_WAIT": 6,
}

// drain looks for connections to a port that are still active.
type drain struct {
	port     int
	local    []netip.Addr // of the host
	any4     bool         // host is 0.0.0.0
	any6     bool         // host is ::
	excluded []netip.Addr
	states   []uint8
	tables   []string
}

func (w *wait) drain(ctx context.Context) (*drain, error) {
	if !w.Given("port") {
		return nil, errors.New("int() argument must be a string, a bytes-like object or a real number, not 'NoneType'")
	}
	return newDrain(ctx, w.port, w.host, w.Strs("exclude_hosts"), w.Strs("active_connection_states"))
}

func newDrain(ctx context.Context, port int, host string, excluded, states []string) (*drain, error) {
	d := &drain{port: port, tables: []string{"/proc/net/tcp", "/proc/net/tcp6"}}
	var err error
	if d.local, err = addresses(ctx, host); err != nil {
		return nil, err
	}
	d.any4 = slices.Contains(d.local, netip.IPv4Unspecified())
	d.any6 = slices.Contains(d.local, netip.IPv6Unspecified())
	for _, host := range excluded {
		ips, err := addresses(ctx, host)
		if err != nil {
			return nil, err
		}
		d.excluded = append(d.excluded, ips...)
	}
	for _, s := range states {
		d.states = append(d.states, tcpStates[s])
	}
	return d, nil
}

func addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, errors.New("[Errno -2] Name or service not known")
	}
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	return ips, nil
}

// empty reports whether there is no active connection.
func (d *drain) empty(context.Context) (bool, error) {
	for _, table := range d.tables {
		f, err := os.Open(table)
		if err != nil {
			continue // a system without IPv6
		}
		active := false
		lines := bufio.NewScanner(f)
		for lines.Scan() && !active {
			active = d.active(lines.Text())
		}
		f.Close()
		if err := lines.Err(); err != nil {
			return false, err
		}
		if active {
			return false, nil
		}
	}
	return true, nil
}

// active tells whether a line of /proc/net/tcp (proc(5)) is a connection that counts.
func (d *drain) active(line string) bool {
	fields := strings.Fields(line)
	if len(fields) < 4 {
		return false
	}
	local, ok := endpoint(fields[1])
	if !ok || int(local.Port()) != d.port || !d.here(local.Addr()) {
		return false
	}
	remote, ok := endpoint(fields[2])
	if !ok || slices.Contains(d.excluded, remote.Addr().Unmap()) {
		return false
	}
	state, err := strconv.ParseUint(fields[3], 16, 8)
	return err == nil && slices.Contains(d.states, uint8(state))
}

// here tells whether a connection to addr is one to the host. One that came by
// IPv4 to a socket of IPv6 belongs to both.
func (d *drain) here(addr netip.Addr) bool {
	return d.any6 && addr.Is6() || d.any4 && addr.Unmap().Is4() || slices.Contains(d.local, addr.Unmap())
}

// endpoint reads ADDRESS:PORT in hex; the address is in words of the host's
// byte order.
func endpoint(text string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(text, ":")
	p, err := strconv.ParseUint(port, 16, 16)
	b, err2 := hex.DecodeString(host)
	if err != nil || err2 != nil || len(b)%4 != 0 {
		return netip.AddrPort{}, false
	}
	if littleEndian {
		for i := 0; i < len(b); i += 4 {
			slices.Reverse(b[i : i+4])
		}
	}
	addr, ok := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(addr, uint16(p)), ok
}

// littleEndian is the byte order of this system.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1
