package community

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/value"
)

func init() {
	f := add("random_mac", "random_mac", randomMAC)
	f.Volatile = true
	short("random_mac", f)
}

// macBytes is how many bytes an address has.
const macBytes = 6

// randomMAC fills a prefix up to an address. With a seed it gives Python's bytes.
func randomMAC(c *expr.Call) (value.Value, error) {
	var v, seed value.Value
	if err := c.Unpack("value", &v, "seed?", &seed); err != nil {
		return nil, err
	}
	text, ok := value.AsText(v)
	if !ok {
		return nil, fmt.Errorf("Invalid value type (%s) for random_mac (%s)", class(v), value.Text(v))
	}
	text = strings.ToLower(text)
	parts := strings.Split(text, ":")
	if len(parts) >= macBytes {
		return nil, fmt.Errorf("Invalid value (%s) for random_mac: 5 colon(:) separated items max", text)
	}
	for _, p := range parts {
		switch {
		case p == "":
			return nil, fmt.Errorf("Invalid value (%s) for random_mac: empty item", text)
		case len(p) < 2 || !isHex(p[0]) || !isHex(p[1]): // what stands behind two digits is not looked at
			return nil, fmt.Errorf("Invalid value (%s) for random_mac: %s not hexa byte", text, p)
		}
	}
	next, err := filter.NewSource(seed)
	if err != nil {
		return nil, err
	}
	// Python draws five bytes, the first of them two digits long, and uses as many as it needs.
	n, err := next(big.NewInt(1<<40 - 1<<36))
	if err != nil {
		return nil, err
	}
	digits := fmt.Sprintf("%x", n.Int64()+1<<36)[:2*(macBytes-len(parts))]
	for i := 0; i < len(digits); i += 2 {
		text += ":" + digits[i:i+2]
	}
	return value.Str(text), nil
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }
