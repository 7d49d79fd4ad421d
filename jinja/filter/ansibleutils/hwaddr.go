package ansibleutils

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	for _, name := range []string{"hwaddr", "macaddr"} {
		add(name, "_"+name, func(c *expr.Call) (value.Value, error) { return hardware(c, name) })
	}
	add("slaac", "_slaac", slaac)
}

// eui is a hardware address of 48 or 64 bits.
type eui struct {
	n    *big.Int
	bits int
}

// layouts are the ways to write hardware addresses: how many words of how many digits.
var layouts = []struct {
	words, least, most int
	seps               string
	bits               int
}{
	{6, 1, 2, ":-", 48}, {3, 1, 4, ":-.", 48}, {2, 5, 6, ":-", 48}, {1, 11, 12, "", 48},
	{8, 1, 2, ":-", 64}, {4, 1, 4, ":-.", 64}, {1, 16, 16, "", 64},
}

func parseEUI(s string) (eui, bool) {
	for _, l := range layouts {
		words := []string{s}
		if i := strings.IndexAny(s, l.seps); i >= 0 {
			words = strings.Split(s, s[i:i+1])
		}
		if len(words) != l.words {
			continue
		}
		n, ok := new(big.Int), true
		for _, w := range words {
			d, isHex := new(big.Int).SetString(w, 16)
			if ok = ok && isHex && len(w) >= l.least && len(w) <= l.most && !strings.ContainsAny(w, "+-_"); !ok {
				break
			}
			n.Or(n.Lsh(n, uint(l.bits/l.words)), d)
		}
		if ok {
			return eui{n, l.bits}, true
		}
	}
	n, ok := new(big.Int).SetString(s, 10)
	if !ok || n.Sign() < 0 || n.BitLen() > 64 {
		return eui{}, false
	}
	if n.BitLen() > 48 {
		return eui{n, 64}, true
	}
	return eui{n, 48}, true
}

func readEUI(v value.Value) (eui, bool) {
	switch v.(type) {
	case value.Str, value.Markup, value.Int, *value.BigInt:
		return parseEUI(value.Text(v))
	}
	return eui{}, false
}

// euiFormats: bits of a word, how it is written, what stands between.
var euiFormats = map[string]struct {
	word        int
	format, sep string
}{
	"bare": {8, "%02X", ""}, "cisco": {16, "%04x", "."}, "eui48": {8, "%02X", "-"}, "win": {8, "%02X", "-"}, "linux": {8, "%02x", ":"},
	"unix": {8, "%x", ":"}, "pgsql": {24, "%06x", ":"}, "postgresql": {24, "%06x", ":"}, "psql": {24, "%06x", ":"},
}

func hardware(c *expr.Call, alias string) (value.Value, error) {
	var v value.Value
	query := ""
	pairs := []any{"value", &v, "query?", &query}
	if alias == "hwaddr" {
		pairs = append(pairs, "alias?", &alias)
	}
	if err := c.Unpack(pairs...); err != nil {
		return nil, err
	}
	e, ok := readEUI(v)
	format, known := euiFormats[query]
	switch {
	case !ok && (query == "" || query == "bool"):
		return value.None, nil
	case !ok:
		return nil, fmt.Errorf("%s: not a hardware address: %s", alias, value.Text(v))
	case query == "":
		return value.Str(value.Text(v)), nil
	case query == "bool":
		return value.True, nil
	case query == "int":
		return value.NewInt(e.n), nil
	case !known:
		return nil, fmt.Errorf("%s: unknown filter type: %s", alias, query)
	case e.bits != 48:
		return nil, fmt.Errorf("integer out of bounds: '0x%x'!", e.n)
	}
	var words []string
	for at := 48 - format.word; at >= 0; at -= format.word {
		w := new(big.Int).And(new(big.Int).Rsh(e.n, uint(at)), big.NewInt(1<<format.word-1))
		words = append(words, fmt.Sprintf(format.format, w))
	}
	return value.Str(strings.Join(words, format.sep)), nil
}

// slaac gives the address that a host gives itself in a network. Source: RFC 4291 appendix A.
func slaac(c *expr.Call) (value.Value, error) {
	var v, query value.Value
	if err := c.Unpack("value", &v, "query?", &query); err != nil {
		return nil, err
	}
	s, ok := read(c, orEmpty(v), 0)
	if !ok || s.version != 6 || !given(query) {
		return value.False, nil
	}
	e, ok := readEUI(query)
	if !ok {
		return value.False, nil
	}
	id := e.n
	if e.bits == 48 {
		// the vendor's half, fffe, the device's half
		id = new(big.Int).Lsh(new(big.Int).Rsh(e.n, 24), 40)
		id.Or(id, big.NewInt(0xfffe<<24))
		id.Or(id, new(big.Int).And(e.n, big.NewInt(1<<24-1)))
	}
	id = new(big.Int).Xor(id, new(big.Int).Lsh(one, 57)) // the bit for universal addresses
	return text(s.first().plus(id)), nil
}
