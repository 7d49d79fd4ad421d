package ansibleutils

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("cidr_merge", "_cidr_merge", cidrMerge)
	add("usable_range", "_usable_range", usableRange)
}

func cidrMerge(c *expr.Call) (value.Value, error) {
	var v value.Value
	action := "merge"
	if err := c.Unpack("value", &v, "action?", &action); err != nil {
		return nil, err
	}
	items, err := listOf("value", v)
	if err != nil {
		return nil, err
	}
	if action != "merge" && action != "span" {
		return nil, fmt.Errorf("cidr_merge: invalid action '%s'", action)
	}
	nets := make([]network, len(items))
	for i, item := range items {
		s, isText := value.AsText(item)
		n, ok := parseNetwork(s)
		if !isText || !ok {
			return nil, fmt.Errorf("cidr_merge: error in netaddr:\ninvalid IPNetwork %s", value.Text(item))
		}
		nets[i] = n
	}
	if action == "merge" {
		out := []value.Value{}
		for _, n := range merged(nets) {
			out = append(out, text(n))
		}
		return list(out), nil
	}
	switch len(nets) {
	case 0:
		return value.None, nil
	case 1:
		return text(nets[0]), nil
	}
	return span(nets)
}

// byAddress sorts networks, the bigger ones first.
func byAddress(a, b network) int {
	if a.version != b.version {
		return a.version - b.version
	}
	if c := a.first().n.Cmp(b.first().n); c != 0 {
		return c
	}
	if a.prefix != b.prefix {
		return a.prefix - b.prefix
	}
	return a.n.Cmp(b.n)
}

// merged gives the fewest networks that hold the same addresses. As in netaddr
// a network that touches no other stays as it was written.
func merged(nets []network) []network {
	nets = slices.Clone(nets)
	slices.SortFunc(nets, byAddress)
	var out []network
	for from := 0; from < len(nets); {
		to, end := from+1, nets[from].last()
		for to < len(nets) && nets[to].version == end.version && nets[to].first().n.Cmp(end.plus(one).n) <= 0 {
			if last := nets[to].last(); last.n.Cmp(end.n) > 0 {
				end = last
			}
			to++
		}
		if to == from+1 {
			out = append(out, nets[from])
		} else {
			out = append(out, collapse(nets[from:to])...)
		}
		from = to
	}
	return out
}

// collapse is merged for sorted networks that touch each other.
func collapse(nets []network) []network {
	var out []network
	for _, n := range nets {
		n = n.cidr()
		if len(out) > 0 && n.in(out[len(out)-1]) {
			continue
		}
		// Two halves make a whole, which may be a half again.
		for len(out) > 0 {
			last := out[len(out)-1]
			if last.version != n.version || last.prefix != n.prefix || n.prefix == 0 {
				break
			}
			whole := network{last.addr, n.prefix - 1}
			if !whole.isFirst() || !n.in(whole) {
				break
			}
			out, n = out[:len(out)-1], whole
		}
		out = append(out, n)
	}
	return out
}

// span gives a network around all of nets.
func span(nets []network) (value.Value, error) {
	nets = slices.Clone(nets)
	slices.SortFunc(nets, byAddress)
	low, high := nets[0], nets[len(nets)-1]
	if low.version != high.version {
		return nil, errors.New("cidr_merge: error in netaddr:\nIP sequence cannot contain both IPv4 and IPv6!")
	}
	n := network{high.last(), high.prefix}
	for n.prefix > 0 && n.n.Cmp(low.first().n) > 0 {
		n.prefix--
		n.addr = n.first()
	}
	return text(n), nil
}

// maxUsable bounds the addresses that usable_range lists.
const maxUsable = 1 << 20

func usableRange(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("ip", &v); err != nil {
		return nil, err
	}
	n, err := strictNetwork(v)
	if err != nil {
		return nil, fmt.Errorf("Error while using plugin 'usable_range': %w", err)
	}
	if n.size().Cmp(big.NewInt(maxUsable)) > 0 {
		return nil, fmt.Errorf("Error while using plugin 'usable_range': %s has too many addresses to list (%s, at most %d)", n, n.size(), maxUsable)
	}
	items := make([]value.Value, n.size().Int64())
	for i := range items {
		items[i] = text(n.plus(big.NewInt(int64(i))))
	}
	return value.DictOf("usable_ips", list(items), "number_of_ips", value.Int(len(items))), nil
}

// strictNetwork reads a network as Python's ipaddress does: without bits behind the prefix.
func strictNetwork(v value.Value) (network, error) {
	s, ok := value.AsText(v)
	if !ok {
		return network{}, fmt.Errorf("not expecting type '%s'", class(v))
	}
	n, ok := parseNetwork(s)
	if _, prefix, slashed := strings.Cut(s, "/"); slashed && strings.TrimSpace(prefix) != prefix {
		ok = false
	}
	if _, prefix, _ := strings.Cut(s, "/"); ok && n.version == 6 && strings.Contains(prefix, ":") {
		ok = false // masks are for IPv4 only
	}
	if !ok {
		return network{}, fmt.Errorf("%s does not appear to be an IPv4 or IPv6 network", value.QuoteRepr(s))
	}
	if !n.isFirst() {
		return network{}, fmt.Errorf("%s has host bits set", s)
	}
	return n, nil
}
