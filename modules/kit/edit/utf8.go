package edit

import (
	"fmt"
	"unicode/utf8"
)

// NotUTF8 says in Python's words why bytes are no UTF-8; nil where they are.
func NotUTF8(data []byte) error {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r != utf8.RuneError || size > 1 {
			i += size
			continue
		}
		n, why := broken(data[i:])
		if n == 1 {
			return fmt.Errorf("'utf-8' codec can't decode byte 0x%02x in position %d: %s", data[i], i, why)
		}
		return fmt.Errorf("'utf-8' codec can't decode bytes in position %d-%d: %s", i, i+n-1, why)
	}
	return nil
}

// broken gives how many bytes at the beginning belong together, and what is wrong with them.
func broken(b []byte) (n int, why string) {
	want := 0
	low, high := byte(0x80), byte(0xbf) // what the second byte may be: RFC 3629, section 4
	switch c := b[0]; {
	case c < 0xc2 || c > 0xf4:
		return 1, "invalid start byte"
	case c < 0xe0:
		want = 1
	case c < 0xf0:
		want = 2
		if c == 0xe0 {
			low = 0xa0
		} else if c == 0xed {
			high = 0x9f
		}
	default:
		want = 3
		if c == 0xf0 {
			low = 0x90
		} else if c == 0xf4 {
			high = 0x8f
		}
	}
	for n = 1; n <= want; n++ {
		if n == len(b) {
			return n, "unexpected end of data"
		}
		if b[n] < low || b[n] > high {
			break
		}
		low, high = 0x80, 0xbf
	}
	return n, "invalid continuation byte"
}
