package value

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var bytesMethods = methodTable(func() map[string]methodDef {
	return map[string]methodDef{
		"decode": {max: 2, names: []string{"encoding", "errors"}, fn: func(recv Value, a []Value) (Value, error) {
			enc, handler, err := codecArgs("decode", a)
			if err != nil {
				return nil, err
			}
			s, err := DecodeText(string(recv.(Bytes)), enc, handler)
			return Str(s), err
		}},
		"hex": {fn: func(recv Value, _ []Value) (Value, error) {
			return Str(hex.EncodeToString([]byte(recv.(Bytes)))), nil
		}},
	}
})

func encode(s string, a []Value) (Value, error) {
	enc, handler, err := codecArgs("encode", a)
	if err != nil {
		return nil, err
	}
	out, err := EncodeText(s, enc, handler)
	return Bytes(out), err
}

func codecArgs(name string, a []Value) (enc, handler string, err error) {
	enc, handler = "utf-8", "strict"
	for i, p := range []*string{&enc, &handler} {
		if a[i] == nil {
			continue
		}
		var ok bool
		if *p, ok = AsText(a[i]); !ok {
			return "", "", fmt.Errorf("%s() argument '%s' must be str, not %s", name, []string{"encoding", "errors"}[i], a[i].Type())
		}
	}
	return enc, handler, nil
}

// codec gives the plain name of an encoding, as Python writes it in messages.
func codec(enc string) (string, error) {
	switch strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(enc)) {
	case "utf8", "u8", "utf":
		return "utf-8", nil
	case "ascii", "usascii", "646":
		return "ascii", nil
	case "latin1", "iso88591", "l1", "cp819", "latin":
		return "latin-1", nil
	case "utf16":
		return "utf-16", nil
	case "utf16le":
		return "utf-16-le", nil
	case "utf16be":
		return "utf-16-be", nil
	}
	return "", fmt.Errorf("unknown encoding: %s", enc)
}

// EncodeText gives the bytes of s in an encoding: utf-8, ascii, latin-1, utf-16
// and its two orders. handler is Python's: strict, ignore, replace,
// backslashreplace, xmlcharrefreplace, surrogateescape.
func EncodeText(s, encoding, handler string) (string, error) {
	enc, err := codec(encoding)
	if err != nil {
		return "", err
	}
	switch enc {
	case "utf-8":
		return s, nil
	case "utf-16", "utf-16-le", "utf-16-be":
		var b strings.Builder
		if enc == "utf-16" {
			b.WriteString("\xff\xfe")
		}
		for _, u := range utf16.Encode([]rune(s)) {
			hi, lo := byte(u>>8), byte(u)
			if enc != "utf-16-be" {
				hi, lo = lo, hi
			}
			b.WriteByte(hi)
			b.WriteByte(lo)
		}
		return b.String(), nil
	}
	limit := rune(0x80)
	if enc == "latin-1" {
		limit = 0x100
	}
	var b strings.Builder
	at := 0
	for _, r := range s {
		if r < limit {
			b.WriteByte(byte(r))
		} else {
			switch handler {
			case "ignore":
			case "replace":
				b.WriteByte('?')
			case "backslashreplace":
				b.WriteString(asciiRepr(string(r)))
			case "xmlcharrefreplace":
				fmt.Fprintf(&b, "&#%d;", r)
			default:
				return "", fmt.Errorf("'%s' codec can't encode character '%s' in position %d: ordinal not in range(%d)", enc, escapeRune(r), at, limit)
			}
		}
		at++
	}
	return b.String(), nil
}

func escapeRune(r rune) string {
	switch {
	case r <= 0xff:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// DecodeText gives the text of bytes; see EncodeText.
func DecodeText(b, encoding, handler string) (string, error) {
	enc, err := codec(encoding)
	if err != nil {
		return "", err
	}
	switch enc {
	case "latin-1":
		var s strings.Builder
		for i := range len(b) {
			s.WriteRune(rune(b[i]))
		}
		return s.String(), nil
	case "utf-16", "utf-16-le", "utf-16-be":
		return decodeUTF16(b, enc)
	}
	if enc == "utf-8" && utf8.ValidString(b) {
		return b, nil
	}
	var s strings.Builder
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRuneInString(b[i:])
		bad := r == utf8.RuneError && n == 1
		if enc == "ascii" {
			n, bad = 1, b[i] >= 0x80
		}
		switch {
		case !bad:
			s.WriteString(b[i : i+n])
		case handler == "ignore":
		case handler == "replace":
			s.WriteRune(utf8.RuneError)
		case handler == "surrogateescape":
			s.WriteString(b[i : i+n])
		case handler == "backslashreplace":
			fmt.Fprintf(&s, `\x%02x`, b[i])
		case enc == "ascii":
			return "", fmt.Errorf("'ascii' codec can't decode byte 0x%02x in position %d: ordinal not in range(128)", b[i], i)
		default:
			return "", fmt.Errorf("'utf-8' codec can't decode byte 0x%02x in position %d: invalid %s byte", b[i], i, badByte(b[i]))
		}
		i += n
	}
	return s.String(), nil
}

func badByte(c byte) string {
	if c < 0xc2 || c > 0xf4 {
		return "start"
	}
	return "continuation"
}

func decodeUTF16(b, enc string) (string, error) {
	if len(b)%2 != 0 {
		return "", fmt.Errorf("'%s' codec can't decode byte 0x%02x in position %d: truncated data", enc, b[len(b)-1], len(b)-1)
	}
	big := enc == "utf-16-be"
	if enc == "utf-16" && len(b) >= 2 {
		switch {
		case b[0] == 0xfe && b[1] == 0xff:
			big, b = true, b[2:]
		case b[0] == 0xff && b[1] == 0xfe:
			b = b[2:]
		}
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		lo, hi := b[2*i], b[2*i+1]
		if big {
			lo, hi = hi, lo
		}
		units[i] = uint16(hi)<<8 | uint16(lo)
	}
	for _, r := range utf16.Decode(units) {
		if r == utf8.RuneError {
			return "", errors.New("'utf-16' codec can't decode bytes: illegal encoding")
		}
	}
	return string(utf16.Decode(units)), nil
}
