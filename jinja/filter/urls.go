package filter

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("urlencode", "do_urlencode", urlEncode)
	add("urldecode", "unquote_plus", urlDecode)
	add("urlsplit", "split_url", urlSplit)
}

// percentEncode escapes all but letters, digits, _.-~ and what is in safe.
func percentEncode(s, safe string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || strings.IndexByte("_.-~", c) >= 0 || strings.IndexByte(safe, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func urlEncode(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	if _, ok := value.AsText(v); ok || !value.IsIterable(v) {
		return value.Str(percentEncode(rawText(v), "/")), nil
	}
	items, err := value.Items(v)
	if err != nil {
		return nil, err
	}
	if d, ok := asDict(v); ok {
		items = pairs(d)
	}
	quote := func(v value.Value) string { return strings.ReplaceAll(percentEncode(rawText(v), ""), "%20", "+") }
	var parts []string
	for _, item := range items {
		pair, err := value.Items(item)
		if err != nil {
			return nil, fmt.Errorf("cannot unpack non-iterable %s object", item.Type())
		}
		switch {
		case len(pair) < 2:
			return nil, fmt.Errorf("not enough values to unpack (expected 2, got %d)", len(pair))
		case len(pair) > 2:
			return nil, errors.New("too many values to unpack (expected 2)")
		}
		parts = append(parts, quote(pair[0])+"="+quote(pair[1]))
	}
	return value.Str(strings.Join(parts, "&")), nil
}

func urlDecode(c *expr.Call) (value.Value, error) {
	var v value.Value
	encoding, errs := value.Value(value.Str("utf-8")), value.Value(value.Str("replace"))
	if err := c.Unpack("string", &v, "encoding?", &encoding, "errors?", &errs); err != nil {
		return nil, err
	}
	s, ok := value.AsText(v)
	if !ok {
		return nil, fmt.Errorf("'%s' object has no attribute 'replace'", v.Type())
	}
	s = strings.ReplaceAll(s, "+", " ")
	if !strings.Contains(s, "%") {
		return value.Str(s), nil
	}
	raw := percentDecode(s)
	if name, ok := value.AsText(encoding); ok && !isUTF8(name) {
		out, err := value.DecodeText(raw, name, value.Text(errs))
		return value.Str(out), err
	}
	if !utf8.ValidString(raw) {
		out, err := value.DecodeText(raw, "utf-8", value.Text(errs))
		return value.Str(out), err
	}
	return value.Str(raw), nil
}

func percentDecode(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := unhex(s[i+1]), unhex(s[i+2])
			if hi >= 0 && lo >= 0 {
				b = append(b, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func unhex(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// SplitURL is the parts of a URL as Python's urlsplit gives them.
type SplitURL struct {
	Scheme, Netloc, Path, Query, Fragment string
}

// ParseURL splits a URL: RFC 3986, read the way Python does.
func ParseURL(s string) (SplitURL, error) {
	s = strings.TrimLeft(s, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f ")
	s = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(s)
	var u SplitURL
	if i := strings.IndexByte(s, ':'); i > 0 && s[0] < utf8.RuneSelf && isSchemeText(s[:i]) {
		u.Scheme, s = strings.ToLower(s[:i]), s[i+1:]
	}
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		u.Netloc, s = rest[:end], rest[end:]
		if strings.Contains(u.Netloc, "[") != strings.Contains(u.Netloc, "]") {
			return SplitURL{}, errors.New("Invalid IPv6 URL")
		}
	}
	s, u.Fragment, _ = strings.Cut(s, "#")
	u.Path, u.Query, _ = strings.Cut(s, "?")
	return u, nil
}

func isSchemeText(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || !isDigit(c) && strings.IndexByte("+-.", c) < 0) {
			return false
		}
	}
	return true
}

// userinfo splits netloc; None is what is not there.
func (u SplitURL) userinfo() (user, password value.Value, host string) {
	user, password, host = value.None, value.None, u.Netloc
	if i := strings.LastIndexByte(u.Netloc, '@'); i >= 0 {
		name, pw, has := strings.Cut(u.Netloc[:i], ":")
		user, host = value.Str(name), u.Netloc[i+1:]
		if has {
			password = value.Str(pw)
		}
	}
	return user, password, host
}

// hostPort gives the name in small letters and the text of the port.
func hostPort(host string) (name value.Value, port string) {
	var h string
	if i := strings.IndexByte(host, '['); i >= 0 {
		inner, rest, _ := strings.Cut(host[i+1:], "]")
		h = inner
		_, port, _ = strings.Cut(rest, ":")
	} else {
		h, port, _ = strings.Cut(host, ":")
	}
	if h == "" {
		return value.None, port
	}
	return value.Str(lower(h)), port
}

func (u SplitURL) port() (value.Value, error) {
	_, _, host := u.userinfo()
	_, text := hostPort(host)
	if text == "" {
		return value.None, nil
	}
	for i := range len(text) {
		if !isDigit(text[i]) {
			return nil, fmt.Errorf("Port could not be cast to integer value as %s", value.QuoteRepr(text))
		}
	}
	n, _ := parseInt(text, 10)
	if p, ok := n.(value.Int); ok && p <= 65535 {
		return p, nil
	}
	return nil, errors.New("Port out of range 0-65535")
}

func urlSplit(c *expr.Call) (value.Value, error) {
	var v value.Value
	query, alias := "", "urlsplit"
	if err := c.Unpack("value", &v, "query?", &query, "alias?", &alias); err != nil {
		return nil, err
	}
	s, ok := value.AsText(v)
	if !ok {
		return nil, fmt.Errorf("'%s' object has no attribute 'decode'", v.Type())
	}
	u, err := ParseURL(s)
	if err != nil {
		return nil, err
	}
	port, err := u.port()
	if err != nil {
		return nil, err
	}
	user, password, host := u.userinfo()
	name, _ := hostPort(host)
	parts := value.DictOf("fragment", value.Str(u.Fragment), "hostname", name, "netloc", value.Str(u.Netloc), "password", password,
		"path", value.Str(u.Path), "port", port, "query", value.Str(u.Query), "scheme", value.Str(u.Scheme), "username", user)
	if query == "" {
		return parts, nil
	}
	part, ok := parts.GetStr(query)
	if !ok {
		return nil, fmt.Errorf("%s: unknown URL component: %s", alias, query)
	}
	return part, nil
}
