package ansibleutils

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("ipmath", "_ipmath", ipMath)
	add("ipcut", "_ipcut", ipCut)
	add("ip4_hex", "_ip4_hex", ip4Hex)
	add("ipv6form", "_ipv6form", ipv6Form)
}

var errNoAmount = errors.New("You must pass an integer for arithmetic; None is not a valid integer")

func ipMath(c *expr.Call) (value.Value, error) {
	var v, amount value.Value
	if err := c.Unpack("value", &v, "amount?", &amount); err != nil {
		return nil, err
	}
	n, err := integer("amount", amount)
	if err != nil {
		return nil, err
	}
	a, err := lone(v, true)
	if err != nil {
		return nil, err
	}
	if n == nil {
		return nil, errNoAmount
	}
	if a = a.plus(n); !a.inside() {
		return nil, errors.New("result outside valid IP address boundary!")
	}
	return text(a), nil
}

// ipCut gives the first or, with a negative amount, the last bits of an address in its usual groups.
func ipCut(c *expr.Call) (value.Value, error) {
	var v, amount value.Value
	if err := c.Unpack("value", &v, "amount?", &amount); err != nil {
		return nil, err
	}
	n, err := integer("amount", amount)
	if err != nil {
		return nil, err
	}
	a, err := lone(v, false)
	if err != nil {
		return nil, err
	}
	if n == nil {
		return nil, errNoAmount
	}
	bits := fmt.Sprintf("%0*b", a.width(), a.n)
	count := a.width()
	if n.CmpAbs(big.NewInt(int64(count))) < 0 {
		count = int(n.Int64())
	}
	if count < 0 {
		bits = bits[len(bits)+count:]
	} else {
		bits = bits[:count]
	}
	size, base, sep := 8, 10, "."
	if a.version == 6 {
		size, base, sep = 16, 16, ":"
	}
	var parts []string
	for ; bits != ""; bits = bits[min(size, len(bits)):] {
		group, _ := new(big.Int).SetString(bits[:min(size, len(bits))], 2)
		parts = append(parts, group.Text(base))
	}
	return value.Str(strings.Join(parts, sep)), nil
}

func ip4Hex(c *expr.Call) (value.Value, error) {
	var v value.Value
	delimiter := ""
	if err := c.Unpack("arg", &v, "delimiter?", &delimiter); err != nil {
		return nil, err
	}
	a, err := lone(v, false)
	if err != nil {
		return nil, err
	}
	if a.version == 6 {
		return nil, fmt.Errorf("invalid literal for int() with base 10: %s", value.Repr(v))
	}
	var parts []string
	for _, g := range a.groups() {
		parts = append(parts, fmt.Sprintf("%02x", g))
	}
	return value.Str(strings.Join(parts, delimiter)), nil
}

func ipv6Form(c *expr.Call) (value.Value, error) {
	var v, format value.Value
	if err := c.Unpack("value", &v, "format?", &format); err != nil {
		return nil, err
	}
	name := ""
	if given(format) {
		name = value.Text(format)
		switch name {
		case "compress", "expand", "x509":
		default:
			return nil, badArgument("value of format must be one of: compress, expand, x509, got: %s", name)
		}
	}
	a, err := lone(v, false)
	if err != nil {
		return nil, err
	}
	switch name {
	case "compress":
		return text(a), nil
	case "expand":
		return value.Str(a.expanded(4)), nil
	case "x509":
		if a.version == 4 {
			return nil, fmt.Errorf("You must pass a valid IP address; %s is invalid", value.Text(v))
		}
		return value.Str(a.expanded(1)), nil
	}
	return nil, errors.New("You must pass valid format; None is not a valid format")
}
