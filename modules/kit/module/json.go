package module

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"unicode/utf16"

	"github.com/churten/churten/jinja/value"
)

func parseJSON(text string) (value.Value, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	v, err := decode(dec)
	if err == nil && dec.More() {
		return nil, errors.New("text after the JSON value")
	}
	return v, err
}

func decode(dec *json.Decoder) (value.Value, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := tok.(type) {
	case json.Delim:
		if t == '[' {
			l := value.NewList()
			for dec.More() {
				v, err := decode(dec)
				if err != nil {
					return nil, err
				}
				l.Items = append(l.Items, v)
			}
			_, err = dec.Token()
			return l, err
		}
		d := value.NewDict(4)
		for dec.More() {
			k, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := decode(dec)
			if err != nil {
				return nil, err
			}
			d.SetStr(k.(string), v)
		}
		_, err = dec.Token()
		return d, err
	case json.Number:
		if n, ok := new(big.Int).SetString(t.String(), 10); ok {
			return value.NewInt(n), nil
		}
		f, err := t.Float64()
		return value.Float(f), err
	case string:
		return value.Str(t), nil
	case bool:
		return value.Bool(t), nil
	}
	return value.None, nil
}

// jsonText is json.dumps(v): ASCII only, ", " and ": " between.
func jsonText(b *strings.Builder, v value.Value) {
	switch c := v.(type) {
	case *value.Dict:
		b.WriteByte('{')
		first := true
		for k, item := range c.All() {
			if !first {
				b.WriteString(", ")
			}
			first = false
			quoteJSON(b, value.Text(k))
			b.WriteString(": ")
			jsonText(b, item)
		}
		b.WriteByte('}')
	case *value.List:
		jsonItems(b, c.Items)
	case *value.Tuple:
		jsonItems(b, c.Items)
	case value.Bool:
		b.WriteString(strings.ToLower(value.Text(c)))
	case value.NoneType:
		b.WriteString("null")
	case value.Int, value.Float, *value.BigInt:
		b.WriteString(value.Text(c))
	default:
		quoteJSON(b, value.Text(c))
	}
}

func jsonItems(b *strings.Builder, items []value.Value) {
	b.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		jsonText(b, item)
	}
	b.WriteByte(']')
}

func quoteJSON(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(b, `\u%04x\u%04x`, hi, lo)
		case r < 0x20 || r > 0x7e:
			fmt.Fprintf(b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}
