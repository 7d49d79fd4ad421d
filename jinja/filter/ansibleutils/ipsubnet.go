package ansibleutils

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() { add("ipsubnet", "_ipsubnet", ipSubnet) }

// ipSubnet counts the subnets of a network, picks one, finds the networks
// around an address, or tells the number of a network in a bigger one.
func ipSubnet(c *expr.Call) (value.Value, error) {
	var v, query, index value.Value
	if err := c.Unpack("value", &v, "query?", &query, "index?", &index); err != nil {
		return nil, err
	}
	i, err := integer("index", index)
	if err != nil {
		return nil, err
	}
	if _, isList := v.(*value.List); isList {
		return value.False, nil
	}
	s, ok := read(c, orEmpty(v), 0)
	if !ok {
		return value.False, nil
	}
	if !given(query) || value.Text(query) == "" {
		return text(s.cidr()), nil
	}
	asked := value.Text(query)
	if size, err := strconv.ParseUint(asked, 10, 31); err == nil {
		if int(size) > s.width() {
			return value.False, nil
		}
		if s.prefix < s.width() {
			return subnets(s.network, int(size), i)
		}
		return supernet(s.network, int(size), i)
	}
	around, ok := parseNetwork(asked)
	if !ok {
		return nil, fmt.Errorf("You must pass a valid subnet or IP address; %s is invalid", asked)
	}
	if !s.in(around) {
		return nil, fmt.Errorf("%s is not in the subnet %s", s.cidr(), around.cidr())
	}
	rank := new(big.Int).Sub(s.first().n, around.first().n)
	rank.Rsh(rank, uint(s.width()-s.prefix))
	return value.Str(rank.Add(rank, one).String()), nil
}

// subnets gives how many subnets of a size there are, or the one numbered i.
func subnets(n network, prefix int, i *big.Int) (value.Value, error) {
	if prefix < n.prefix || prefix == 0 {
		return nil, fmt.Errorf("Requested subnet size of %d is invalid", prefix)
	}
	count := new(big.Int).Lsh(one, uint(prefix-n.prefix))
	if i == nil {
		return value.Str(count.String()), nil
	}
	if i.Sign() < 0 {
		i = new(big.Int).Add(i, count)
	}
	if i.Sign() < 0 || i.Cmp(count) >= 0 {
		return value.False, nil
	}
	offset := new(big.Int).Lsh(i, uint(n.width()-prefix))
	return text(network{n.first().plus(offset), prefix}), nil
}

// supernet gives the network of a size around an address, or the one numbered i
// of all that are smaller.
func supernet(n network, prefix int, i *big.Int) (value.Value, error) {
	count := n.width() - prefix
	if count == 0 {
		return nil, errors.New("list index out of range")
	}
	if i != nil {
		at := i.Int64()
		if at < 0 {
			at += int64(count)
		}
		if !i.IsInt64() || at < 0 || at >= int64(count) {
			return value.False, nil
		}
		prefix += int(at)
	}
	return text(network{n.addr, prefix}.cidr()), nil
}
