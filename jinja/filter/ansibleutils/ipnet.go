package ansibleutils

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("network_in_network", "_network_in_network", func(c *expr.Call) (value.Value, error) {
		return contained(c, func(v, test subject) bool { return test.in(v.network) })
	})
	add("network_in_usable", "_network_in_usable", func(c *expr.Call) (value.Value, error) {
		return contained(c, func(v, test subject) bool {
			first, last, ok := v.usable()
			if !ok {
				first, last = v.addr, v.addr
			}
			return test.within(first, last)
		})
	})
	add("reduce_on_network", "_reduce_on_network", reduceOnNetwork)
	add("next_nth_usable", "_next_nth_usable", func(c *expr.Call) (value.Value, error) { return nthUsable(c, 1) })
	add("previous_nth_usable", "_previous_nth_usable", func(c *expr.Call) (value.Value, error) { return nthUsable(c, -1) })
	add("nthhost", "_nthhost", nthHost)
}

// orEmpty is what most filters take None for.
func orEmpty(v value.Value) value.Value {
	if v == value.None {
		return value.Str("")
	}
	return v
}

// readOne reads a value that is to be one address or network, and warns as the
// reference does when it is none.
func readOne(c *expr.Call, v value.Value) (subject, bool) {
	s, ok := read(c, v, 0)
	if !ok {
		read(c, value.False, 0)
	}
	return s, ok
}

func contained(c *expr.Call, is func(v, test subject) bool) (value.Value, error) {
	var v, test value.Value
	if err := c.Unpack("value", &v, "test?", &test); err != nil {
		return nil, err
	}
	a, okA := readOne(c, orEmpty(v))
	b, okB := readOne(c, orNone(test))
	return value.Bool(okA && okB && is(a, b)), nil
}

func reduceOnNetwork(c *expr.Call) (value.Value, error) {
	var v, network value.Value
	if err := c.Unpack("value", &v, "network?", &network); err != nil {
		return nil, err
	}
	items, err := listOf("value", v)
	if err != nil {
		return nil, err
	}
	out := []value.Value{}
	for _, item := range items {
		one, okOne := readOne(c, orEmpty(item))
		net, okNet := readOne(c, orNone(network))
		if okOne && okNet && one.in(net.network) {
			out = append(out, item)
		}
	}
	return list(out), nil
}

func nthUsable(c *expr.Call, sign int64) (value.Value, error) {
	var v, offset value.Value
	if err := c.Unpack("value", &v, "offset?", &offset); err != nil {
		return nil, err
	}
	n, err := integer("offset", offset)
	if err != nil {
		return nil, err
	}
	s, ok := read(c, orEmpty(v), 0)
	switch {
	case !ok:
		return value.False, nil
	case n == nil:
		return nil, errors.New("Must pass in an integer")
	}
	return s.nthUsable(new(big.Int).Mul(n, big.NewInt(sign)))
}

func nthHost(c *expr.Call) (value.Value, error) {
	var v, query value.Value
	if err := c.Unpack("value", &v, "query?", &query); err != nil {
		return nil, err
	}
	s, ok := read(c, orEmpty(v), 0)
	if !ok || !given(query) {
		return value.False, nil
	}
	i, err := integer("query", query)
	if err != nil || i.Cmp(s.size()) >= 0 {
		return value.False, nil // what is no number has no host
	}
	a, ok := s.at(i)
	if !ok {
		return nil, errors.New("index out range for address range size!")
	}
	return text(a), nil
}

// lone reads a single address; with slash it may have a prefix.
func lone(v value.Value, slash bool) (addr, error) {
	s, isText := value.AsText(v)
	n, ok := parseNetwork(s)
	if !isText || !ok || !slash && n.addr.String() != s && !sameAddr(s, n.addr) {
		return addr{}, fmt.Errorf("You must pass a valid IP address; %s is invalid", value.Text(orEmpty(v)))
	}
	return n.addr, nil
}

// sameAddr reports whether s is an address without a prefix.
func sameAddr(s string, a addr) bool {
	b, ok := parseAddr(s)
	return ok && b.version == a.version
}
