package web

import (
	"errors"
	"strings"
	"unicode/utf16"
)

// Decode gives text as a charset has it. What is no UTF-8 stays as it is, as
// texts here keep such bytes; what another charset lacks becomes U+FFFD.
// The charsets are those that servers still name: UTF-8, UTF-16, ASCII,
// Latin-1, Latin-9 and Windows' version of Latin-1. Others are refused.
func Decode(data []byte, charset string) (string, error) {
	switch strings.ReplaceAll(strings.ToLower(charset), "_", "-") {
	case "utf-8", "utf8", "u8":
		return string(data), nil
	case "ascii", "us-ascii":
		return table(data, func(c byte) rune {
			if c >= 0x80 {
				return 0xFFFD
			}
			return rune(c)
		}), nil
	case "iso-8859-1", "iso8859-1", "latin-1", "latin1", "l1":
		return table(data, func(c byte) rune { return rune(c) }), nil
	case "iso-8859-15", "iso8859-15", "latin-9", "latin9":
		return table(data, latin9), nil
	case "windows-1252", "cp1252", "1252":
		return table(data, windows1252), nil
	case "utf-16":
		switch {
		case len(data) >= 2 && data[0] == 0xFE && data[1] == 0xFF:
			return wide(data[2:], true), nil
		case len(data) >= 2 && data[0] == 0xFF && data[1] == 0xFE:
			return wide(data[2:], false), nil
		}
		return wide(data, false), nil
	case "utf-16-le", "utf-16le":
		return wide(data, false), nil
	case "utf-16-be", "utf-16be":
		return wide(data, true), nil
	}
	return "", errors.New("unknown encoding: " + charset)
}

func table(data []byte, of func(byte) rune) string {
	var b strings.Builder
	for _, c := range data {
		b.WriteRune(of(c))
	}
	return b.String()
}

func latin9(c byte) rune {
	switch c {
	case 0xA4:
		return '€'
	case 0xA6:
		return 'Š'
	case 0xA8:
		return 'š'
	case 0xB4:
		return 'Ž'
	case 0xB8:
		return 'ž'
	case 0xBC:
		return 'Œ'
	case 0xBD:
		return 'œ'
	case 0xBE:
		return 'Ÿ'
	}
	return rune(c)
}

// windows1252 differs from Latin-1 from 0x80 to 0x9F, where five have no meaning.
func windows1252(c byte) rune {
	if c < 0x80 || c > 0x9F {
		return rune(c)
	}
	return [...]rune{'€', 0xFFFD, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0xFFFD, 'Ž', 0xFFFD,
		0xFFFD, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0xFFFD, 'ž', 'Ÿ'}[c-0x80]
}

func wide(data []byte, big bool) string {
	units := make([]uint16, 0, len(data)/2+1)
	for i := 0; i+1 < len(data); i += 2 {
		hi, lo := data[i+1], data[i]
		if big {
			hi, lo = lo, hi
		}
		units = append(units, uint16(hi)<<8|uint16(lo))
	}
	if len(data)%2 != 0 {
		units = append(units, 0xFFFD)
	}
	return string(utf16.Decode(units))
}
