package edit

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/churten/churten/modules/kit/module"
)

// Codec reads and writes text in one encoding. Bytes that mean nothing in it
// stand in the text as they are, no UTF-8, and are written so.
type Codec struct {
	Decode func([]byte) string
	Encode func(string) (string, error)
	// Width is how many bytes a character has: 0 for UTF-8, otherwise 1; 2 where
	// text has to be decoded as a whole, as it begins with a mark of its order.
	Width int
}

// others are the encodings of Python that are refused.
var others = strings.Fields(`big5 big5hkscs big5_tw cp932 cp949 cp950 euc_jp eucjp euc_jis_2004 euc_jisx0213 euc_kr euckr gb2312 gbk gb18030 hz
	iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr johab shift_jis sjis shift_jis_2004 shift_jisx0213
	utf_32 utf32 u32 utf_32_be utf_32_le utf_7 utf7 u7 idna punycode raw_unicode_escape unicode_escape mbcs oem palmos undefined
	base64 bz2 hex quopri rot13 uu zip base64_codec bz2_codec hex_codec quopri_codec rot_13 uu_codec zlib_codec zlib`)

// CodecOf gives the codec of an encoding as Python names it: those of Unicode
// and of one byte for each character. Others are refused: their tables would
// make the agent large.
func CodecOf(name string) (Codec, error) {
	switch n := strings.ReplaceAll(strings.ToLower(name), "_", "-"); n {
	case "utf-8", "utf8", "u8", "cp65001":
		return Codec{
			Decode: func(b []byte) string { return string(b) },
			Encode: func(s string) (string, error) { return s, nil },
		}, nil
	case "utf-8-sig":
		return Codec{
			Decode: func(b []byte) string { return strings.TrimPrefix(string(b), "\ufeff") },
			Encode: func(s string) (string, error) { return "\ufeff" + s, nil },
			Width:  2,
		}, nil
	case "ascii", "us-ascii", "646":
		return plain("ascii", 0x80), nil
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "8859", "l1":
		return plain("latin-1", 0x100), nil
	case "utf-16", "utf16", "u16":
		return wide(binary.LittleEndian, "\xff\xfe"), nil
	case "utf-16-le", "utf-16le":
		return wide(binary.LittleEndian, ""), nil
	case "utf-16-be", "utf-16be":
		return wide(binary.BigEndian, ""), nil
	default:
		for _, m := range charmaps {
			if slices.Contains(m.names, n) {
				return mapped(m.high), nil
			}
		}
	}
	if slices.Contains(others, strings.ReplaceAll(strings.ToLower(name), "-", "_")) {
		return Codec{}, module.Failf("encoding %s is not supported by churten, which knows those of Unicode and the common ones of one byte", name)
	}
	return Codec{}, fmt.Errorf("unknown encoding: %s", name)
}

// each calls f with the characters of a text, and keep with its bytes that are
// none; n counts both.
func each(s string, f func(n int, r rune) error, keep func(b byte)) error {
	for n := 0; s != ""; n++ {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			keep(s[0])
		} else if err := f(n, r); err != nil {
			return err
		}
		s = s[size:]
	}
	return nil
}

// escape writes a character as Python's messages do.
func escape(r rune) string {
	switch {
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// plain is a codec whose bytes are the characters below a bound.
func plain(name string, bound rune) Codec {
	return Codec{
		Width: 1,
		Decode: func(b []byte) string {
			out := make([]byte, 0, len(b))
			for _, c := range b {
				if rune(c) < bound {
					out = utf8.AppendRune(out, rune(c))
				} else {
					out = append(out, c)
				}
			}
			return string(out)
		},
		Encode: func(s string) (string, error) {
			out := make([]byte, 0, len(s))
			err := each(s, func(n int, r rune) error {
				if r >= bound {
					return fmt.Errorf("'%s' codec can't encode character '%s' in position %d: ordinal not in range(%d)", name, escape(r), n, bound)
				}
				out = append(out, byte(r))
				return nil
			}, func(b byte) { out = append(out, b) })
			return string(out), err
		},
	}
}

// mapped is a codec whose bytes from 0x80 on stand for the characters of high.
func mapped(high string) Codec {
	table := []rune(high)
	return Codec{
		Width: 1,
		Decode: func(b []byte) string {
			out := make([]byte, 0, len(b))
			for _, c := range b {
				if c < 0x80 || table[c-0x80] == utf8.RuneError {
					out = append(out, c)
				} else {
					out = utf8.AppendRune(out, table[c-0x80])
				}
			}
			return string(out)
		},
		Encode: func(s string) (string, error) {
			out := make([]byte, 0, len(s))
			err := each(s, func(n int, r rune) error {
				at := slices.Index(table, r)
				switch {
				case r < 0x80:
					out = append(out, byte(r))
				case at < 0 || r == utf8.RuneError:
					return fmt.Errorf("'charmap' codec can't encode character '%s' in position %d: character maps to <undefined>", escape(r), n)
				default:
					out = append(out, byte(0x80+at))
				}
				return nil
			}, func(b byte) { out = append(out, b) })
			return string(out), err
		},
	}
}

type endian interface {
	Uint16([]byte) uint16
	AppendUint16([]byte, uint16) []byte
}

// wide is UTF-16; text begins with mark, which also tells the order of what is read.
func wide(order endian, mark string) Codec {
	return Codec{
		Width: 2,
		Decode: func(b []byte) string {
			order := order
			if mark != "" && len(b) >= 2 {
				switch string(b[:2]) {
				case "\xfe\xff":
					order, b = binary.BigEndian, b[2:]
				case "\xff\xfe":
					b = b[2:]
				}
			}
			units := make([]uint16, 0, len(b)/2)
			for ; len(b) >= 2; b = b[2:] {
				units = append(units, order.Uint16(b))
			}
			return string(utf16.Decode(units)) + string(b)
		},
		Encode: func(s string) (string, error) {
			out := []byte(mark)
			err := each(s, func(_ int, r rune) error {
				for _, u := range utf16.Encode([]rune{r}) {
					out = order.AppendUint16(out, u)
				}
				return nil
			}, func(b byte) { out = append(out, b) })
			return string(out), err
		},
	}
}
