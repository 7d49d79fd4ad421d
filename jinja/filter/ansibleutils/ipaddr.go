package ansibleutils

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("ipaddr", "_ipaddr", func(c *expr.Call) (value.Value, error) {
		var v, query, version, alias value.Value
		var rest []value.Value
		if err := c.Unpack("value", &v, "query?", &query, "version?", &version, "alias?", &alias, "*rest", &rest); err != nil {
			return nil, err
		}
		q := question{c: c, query: query}
		if n, ok := value.AsInt(orNone(version)); ok {
			q.version = int(n)
		}
		if given(alias) {
			q.alias = value.Text(alias)
		}
		return q.top(v, "ipaddr")
	})
	for version, name := range map[int]string{4: "ipv4", 6: "ipv6"} {
		add(name, "_"+name, func(c *expr.Call) (value.Value, error) {
			var v, query value.Value
			if err := c.Unpack("value", &v, "query?", &query); err != nil {
				return nil, err
			}
			q := question{c: c, query: query, version: version, alias: name}
			return q.top(v, name)
		})
	}
	add("ipwrap", "_ipwrap", func(c *expr.Call) (value.Value, error) {
		var v, query value.Value
		if err := c.Unpack("value", &v, "query?", &query); err != nil {
			return nil, err
		}
		switch x := v.(type) {
		case *value.List:
			out := make([]value.Value, len(x.Items))
			for i, item := range x.Items {
				var err error
				if out[i], err = wrapped(c, item); err != nil {
					return nil, err
				}
			}
			return list(out), nil
		case value.Str, value.Markup, value.Bool:
			return wrapped(c, v)
		}
		return nil, fmt.Errorf("Unrecognized type <%s> for ipwrap filter <value>", class(v))
	})
}

func orNone(v value.Value) value.Value {
	if v == nil {
		return value.None
	}
	return v
}

// wrapped puts IPv6 addresses in brackets and leaves everything else as it is.
func wrapped(c *expr.Call, v value.Value) (value.Value, error) {
	q := question{c: c, query: value.Str("wrap")}
	answer, err := q.ask(v)
	if err != nil || !value.Truth(answer) {
		return v, err
	}
	return answer, nil
}

// question is a query with what goes along.
type question struct {
	c       *expr.Call
	query   value.Value
	version int    // of the addresses that count; 0: both
	alias   string // the filter's name in messages
}

// top checks the type of what the filter was given.
func (q *question) top(v value.Value, name string) (value.Value, error) {
	switch v.(type) {
	case value.Str, value.Markup, value.Int, *value.BigInt, value.Bool, *value.List:
		return q.ask(v)
	}
	return nil, fmt.Errorf("Unrecognized type <%s> for %s filter <value>", class(v), name)
}

// ask puts the query to a value, or to each item of a list, of which those stay that have an answer.
func (q *question) ask(v value.Value) (value.Value, error) {
	if l, ok := v.(*value.List); ok {
		out := []value.Value{}
		for _, item := range l.Items {
			answer, err := q.ask(item)
			if err != nil {
				return nil, err
			}
			if value.Truth(answer) {
				out = append(out, answer)
			}
		}
		return list(out), nil
	}
	s, ok := read(q.c, v, q.version)
	if !ok || q.version != 0 && s.version != q.version {
		return value.False, nil
	}
	return q.answer(s)
}

func (q *question) answer(s subject) (value.Value, error) {
	name, isText := value.AsText(orNone(q.query))
	if q.query == nil || q.query == value.None {
		isText = true
	}
	if isText {
		if answer := queries[name]; answer != nil {
			return answer(s)
		}
		if n, ok := parseNetwork(name); ok {
			return where(func(s subject) bool { return s.in(n) })(s)
		}
	}
	if _, isBool := q.query.(value.Bool); !isBool {
		if i, err := integer("query", q.query); err == nil {
			return nth(s, i), nil
		}
	}
	return nil, fmt.Errorf("%s: unknown filter type: %s", q.name(), value.Text(q.query))
}

func (q *question) name() string {
	if q.alias == "" {
		return "ipaddr"
	}
	return q.alias
}

// nth gives an address of the network by its number; an address is its own, whatever the number.
func nth(s subject, i *big.Int) value.Value {
	if !s.slashed {
		return text(s.addr)
	}
	if s.prefix == s.width() {
		return text(s.network)
	}
	a, ok := s.at(i)
	if !ok {
		return value.False
	}
	return text(network{a, s.prefix})
}

// at gives an address of the network by its number, from the end if it is negative.
func (n network) at(i *big.Int) (addr, bool) {
	if i.Sign() < 0 {
		i = new(big.Int).Add(i, n.size())
	}
	if i.Sign() < 0 || i.Cmp(n.size()) >= 0 {
		return addr{}, false
	}
	return n.first().plus(i), true
}

// read makes a subject of a value: text or a number.
func read(c *expr.Call, v value.Value, version int) (subject, bool) {
	if !value.Truth(v) || v == value.True {
		warn(c, fmt.Sprintf("The value '%s' is not a valid IP address or network, passing this value to ipaddr filter might result in breaking change in future.", value.Text(v)))
		return subject{}, false
	}
	s, isText := value.AsText(v)
	if !isText {
		if _, ok := value.AsBig(v); !ok {
			return subject{}, false
		}
		s = value.Text(v)
	}
	if n, ok := parseNetwork(s); ok {
		return subject{n, s, strings.Contains(s, "/")}, true
	}
	digits, prefix, slashed := strings.Cut(s, "/")
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return subject{}, false
	}
	a, ok := fromNumber(n, version)
	if !ok {
		return subject{}, false
	}
	net := a.host()
	if slashed {
		if net.prefix, ok = parsePrefix(prefix, a); !ok {
			return subject{}, false
		}
	}
	return subject{net, net.String(), slashed}, true
}
