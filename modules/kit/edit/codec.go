package edit

import (
	"fmt"
	"strings"

	"github.com/churten/churten/modules/kit/module"
)

// Codec reads and writes text in one encoding. Text that has bytes which are
// no UTF-8 keeps them.
type Codec struct {
	Decode func([]byte) string
	Encode func(string) (string, error)
}

// CodecOf gives the codec of an encoding as Python names it: utf-8, ascii or
// latin-1. Others are refused: their tables would make the agent large.
func CodecOf(name string) (Codec, error) {
	switch strings.ReplaceAll(strings.ToLower(name), "_", "-") {
	case "", "utf-8", "utf8", "u8", "ascii", "us-ascii":
		return Codec{
			Decode: func(b []byte) string { return string(b) },
			Encode: func(s string) (string, error) { return s, nil },
		}, nil
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "8859", "l1":
		return Codec{Decode: fromLatin1, Encode: toLatin1}, nil
	}
	return Codec{}, module.Failf("encoding %s is not supported by churten: use utf-8, ascii or latin-1", name)
}

func fromLatin1(b []byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

func toLatin1(s string) (string, error) {
	out := make([]byte, 0, len(s))
	for i, r := range []rune(s) {
		if r > 0xff {
			return "", fmt.Errorf("'latin-1' codec can't encode character '\\u%04x' in position %d: ordinal not in range(256)", r, i)
		}
		out = append(out, byte(r))
	}
	return string(out), nil
}
