package setup

import (
	"context"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"unicode"

	"github.com/churten/churten/jinja/value"
)

// network gives the interfaces, their addresses, and those that lead outside.
func network(ctx context.Context, h *host) *value.Dict {
	links := h.links(ctx)
	n := &netFacts{interfaces: value.NewDict(8), default4: value.NewDict(8), default6: value.NewDict(8),
		all4: value.NewList(), all6: value.NewList()}
	for _, name := range links.order {
		n.interfaces.SetStr(name, links.facts[name])
	}
	k := h.kernelNet()
	n.route(n.default4, k.route4)
	n.route(n.default6, k.route6)
	for _, device := range links.order {
		for _, secondary := range []bool{false, true} {
			for _, a := range k.addresses {
				if a.device == device && a.secondary == secondary {
					n.address(device, a)
				}
			}
		}
	}
	d := value.NewDict(n.interfaces.Len() + 8)
	names := value.NewList()
	for name := range n.interfaces.All() {
		names.Items = append(names.Items, value.Str(strings.ReplaceAll(value.Text(name), ":", "_")))
	}
	d.SetStr("interfaces", names)
	for k, v := range n.interfaces.All() {
		d.SetStr(strings.NewReplacer("-", "_", ":", "_").Replace(value.Text(k)), v)
	}
	d.SetStr("default_ipv4", n.default4)
	d.SetStr("default_ipv6", n.default6)
	d.SetStr("all_ipv4_addresses", n.all4)
	d.SetStr("all_ipv6_addresses", n.all6)
	d.SetStr("locally_reachable_ips", value.DictOf("ipv4", value.Strings(k.local4...), "ipv6", value.Strings(k.local6...)))
	return d
}

type netFacts struct {
	interfaces         *value.Dict
	default4, default6 *value.Dict
	all4, all6         *value.List
}

// netAddress is one address of an interface. peer is the other end of a
// point-to-point link, broadcast and label may be missing.
type netAddress struct {
	device, label string
	addr, peer    netip.Addr
	prefix        int
	broadcast     netip.Addr
	scope         string
	secondary     bool
}

// netRoute is the way to an address outside.
type netRoute struct {
	device        string
	from, through netip.Addr
}

func (n *netFacts) route(d *value.Dict, r netRoute) {
	if r.device == "" {
		return
	}
	d.SetStr("interface", value.Str(r.device))
	if r.from.IsValid() {
		d.SetStr("address", value.Str(r.from.String()))
	}
	if r.through.IsValid() {
		d.SetStr("gateway", value.Str(r.through.String()))
	}
}

func (n *netFacts) address(device string, a netAddress) {
	if a.addr.Is4() {
		n.address4(device, a)
	} else {
		n.address6(device, a)
	}
}

func (n *netFacts) address4(device string, a netAddress) {
	prefix := a.prefix
	if a.peer.IsValid() {
		prefix = 32
	}
	broadcast := ""
	if a.broadcast.IsValid() {
		broadcast = a.broadcast.String()
	}
	netmask, net := masks(a.addr, prefix)
	entry := func() *value.Dict {
		return value.DictOf("address", value.Str(a.addr.String()), "broadcast", value.Str(broadcast), "netmask", value.Str(netmask),
			"network", value.Str(net), "prefix", value.Str(strconv.Itoa(prefix)))
	}
	label := a.label
	if label == "" {
		label = device
	}
	own := n.named(label)
	if _, has := own.GetStr("ipv4"); !a.secondary && !has {
		own.SetStr("ipv4", entry())
	} else {
		add(own, "ipv4_secondaries", entry())
	}
	if a.secondary && label != device {
		add(n.named(device), "ipv4_secondaries", entry())
	}
	if v, ok := n.default4.GetStr("address"); ok && v == value.Value(value.Str(a.addr.String())) {
		n.default4.SetStr("broadcast", value.Str(broadcast))
		n.default4.SetStr("netmask", value.Str(netmask))
		n.default4.SetStr("network", value.Str(net))
		n.default4.SetStr("prefix", value.Str(strconv.Itoa(prefix)))
		n.link(n.default4, device)
		n.default4.SetStr("alias", value.Str(label))
	}
	if a.addr.As4()[0] != 127 {
		n.all4.Items = append(n.all4.Items, value.Str(a.addr.String()))
	}
}

func (n *netFacts) address6(device string, a netAddress) {
	text := a.addr.String()
	prefix, scope := value.Str(strconv.Itoa(a.prefix)), value.Str(a.scope)
	add(n.named(device), "ipv6", value.DictOf("address", value.Str(text), "prefix", prefix, "scope", scope))
	if v, ok := n.default6.GetStr("address"); ok && v == value.Value(value.Str(text)) {
		n.default6.SetStr("prefix", prefix)
		n.default6.SetStr("scope", scope)
		n.link(n.default6, device)
	}
	if text != "::1" {
		n.all6.Items = append(n.all6.Items, value.Str(text))
	}
}

// link adds what a default address says of its interface.
func (n *netFacts) link(d *value.Dict, device string) {
	own := n.named(device)
	for _, key := range []string{"macaddress", "mtu", "type"} {
		v, ok := own.GetStr(key)
		if !ok && key == "type" {
			v, ok = value.Str("unknown"), true
		}
		if ok {
			d.SetStr(key, v)
		}
	}
}

// named gives the facts of an interface or of a label on one.
func (n *netFacts) named(name string) *value.Dict {
	if v, ok := n.interfaces.GetStr(name); ok {
		return v.(*value.Dict)
	}
	d := value.NewDict(2)
	n.interfaces.SetStr(name, d)
	return d
}

func add(d *value.Dict, key string, v value.Value) {
	if l, ok := d.GetStr(key); ok {
		list := l.(*value.List)
		list.Items = append(list.Items, v)
		return
	}
	d.SetStr(key, value.NewList(v))
}

func masks(addr netip.Addr, prefix int) (netmask, network string) {
	ones, err := netip.AddrFrom4([4]byte{255, 255, 255, 255}).Prefix(prefix)
	if err != nil {
		return "", ""
	}
	p, err := addr.Prefix(prefix)
	if err != nil {
		return "", ""
	}
	return ones.Addr().String(), p.Addr().String()
}

// linkFacts are the interfaces' own facts, from sysfs.
type linkFacts struct {
	order []string
	facts map[string]*value.Dict
}

// linkTypes by ARPHRD_ number.
var linkTypes = map[string]string{"1": "ether", "32": "infiniband", "512": "ppp", "772": "loopback", "65534": "tunnel"}

func (h *host) links(ctx context.Context) linkFacts {
	out := linkFacts{facts: map[string]*value.Dict{}}
	ethtool := h.program("ethtool")
	for _, name := range h.names("/sys/class/net") {
		dir := "/sys/class/net/" + name
		if !h.isDir(dir) {
			continue
		}
		d := h.linkFacts(dir, name)
		if ethtool != "" {
			h.ethtool(ctx, ethtool, name, d)
		}
		out.order = append(out.order, name)
		out.facts[name] = d
	}
	return out
}

func (h *host) linkFacts(dir, name string) *value.Dict {
	d := value.DictOf("device", value.Str(name))
	if mac := h.text(dir + "/address"); mac != "" && mac != "00:00:00:00:00:00" {
		d.SetStr("macaddress", value.Str(mac))
	}
	if mtu, err := strconv.Atoi(h.text(dir + "/mtu")); err == nil {
		d.SetStr("mtu", value.Int(mtu))
	}
	if state := h.text(dir + "/operstate"); state != "" {
		d.SetStr("active", value.Bool(state != "down"))
	}
	if h.exists(dir + "/device/driver/module") {
		d.SetStr("module", value.Str(path.Base(h.real(dir+"/device/driver/module"))))
	}
	if kind := h.text(dir + "/type"); kind != "" {
		name, ok := linkTypes[kind]
		if !ok {
			name = "unknown"
		}
		d.SetStr("type", value.Str(name))
	}
	if h.exists(dir + "/bridge") {
		d.SetStr("type", value.Str("bridge"))
		d.SetStr("interfaces", value.Strings(h.names(dir+"/brif")...))
		if id := h.text(dir + "/bridge/bridge_id"); id != "" {
			d.SetStr("id", value.Str(id))
		}
		if stp := h.text(dir + "/bridge/stp_state"); stp != "" {
			d.SetStr("stp", value.Bool(stp == "1"))
		}
	}
	if h.exists(dir+"/bonding") && h.bond(dir+"/bonding", d) {
		return d // the reference tells no more of these
	}
	if h.exists(dir + "/bonding_slave") {
		if mac := h.text(dir + "/bonding_slave/perm_hwaddr"); mac != "" {
			d.SetStr("perm_macaddress", value.Str(mac))
		}
	}
	if h.exists(dir + "/device") {
		d.SetStr("pciid", value.Str(path.Base(h.link(dir+"/device"))))
	}
	if speed, err := strconv.Atoi(h.text(dir + "/speed")); err == nil {
		d.SetStr("speed", value.Int(speed))
	}
	if flags, err := strconv.ParseInt(strings.TrimPrefix(h.text(dir+"/flags"), "0x"), 16, 64); err == nil {
		d.SetStr("promisc", value.Bool(flags&0x100 != 0))
	}
	return d
}

// bond adds the facts of a bond, and says whether it has a primary.
func (h *host) bond(dir string, d *value.Dict) (primary bool) {
	first := func(name string) string {
		word, _, _ := strings.Cut(h.text(dir+"/"+name), " ")
		return word
	}
	d.SetStr("type", value.Str("bonding"))
	d.SetStr("slaves", value.Strings(strings.Fields(h.data(dir+"/slaves"))...))
	d.SetStr("mode", value.Str(first("mode")))
	d.SetStr("miimon", value.Str(first("miimon")))
	d.SetStr("lacp_rate", value.Str(first("lacp_rate")))
	name := h.text(dir + "/primary")
	if name != "" {
		d.SetStr("primary", value.Str(name))
		d.SetStr("all_slaves_active", value.Bool(h.text(dir+"/all_slaves_active") == "1"))
	}
	return name != ""
}

// ethtool adds offload features and time stamping, where the host has ethtool.
func (h *host) ethtool(ctx context.Context, program, name string, d *value.Dict) {
	if out, ok := h.output(ctx, program, "-k", name); ok {
		d.SetStr("features", parseFeatures(out))
	}
	if out, ok := h.output(ctx, program, "-T", name); ok {
		d.SetStr("timestamping", timestampWords(out, "SOF_TIMESTAMPING_"))
		d.SetStr("hw_timestamp_filters", timestampWords(out, "HWTSTAMP_FILTER_"))
		if clock := parseClock(out); clock >= 0 {
			d.SetStr("phc_index", value.Int(clock))
		}
	}
}

func parseFeatures(out string) *value.Dict {
	d := value.NewDict(60)
	for _, line := range lines(out) {
		key, v, ok := strings.Cut(line, ":")
		if v = strings.TrimSpace(v); ok && v != "" {
			d.SetStr(strings.ReplaceAll(strings.TrimSpace(key), "-", "_"), value.Str(v))
		}
	}
	return d
}

// timestampWords gives what stands behind a prefix, in lower case, as
// "hardware-transmit (SOF_TIMESTAMPING_TX_HARDWARE)".
func timestampWords(out, prefix string) *value.List {
	words := value.NewList()
	for _, rest := range strings.Split(out, prefix)[1:] {
		end := strings.IndexFunc(rest, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if end < 0 {
			end = len(rest)
		}
		words.Items = append(words.Items, value.Str(strings.ToLower(rest[:end])))
	}
	return words
}

// parseClock gives the number of the clock, below zero when there is none.
func parseClock(out string) int {
	for _, line := range lines(out) {
		if name, v, ok := strings.Cut(line, ":"); ok && strings.HasPrefix(name, "PTP Hardware Clock") {
			if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil {
				return n
			}
		}
	}
	return -1
}
