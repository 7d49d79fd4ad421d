package edit

import "testing"

// What bytes.decode of Python 3.11 says.
func TestNotUTF8(t *testing.T) {
	for _, c := range []struct{ bytes, want string }{
		{"\x61\xff", "'utf-8' codec can't decode byte 0xff in position 1: invalid start byte"},
		{"\xc3", "'utf-8' codec can't decode byte 0xc3 in position 0: unexpected end of data"},
		{"\xc3\x28", "'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte"},
		{"\xe2\x82", "'utf-8' codec can't decode bytes in position 0-1: unexpected end of data"},
		{"\xe2\x82\x28", "'utf-8' codec can't decode bytes in position 0-1: invalid continuation byte"},
		{"\xe2\x28", "'utf-8' codec can't decode byte 0xe2 in position 0: invalid continuation byte"},
		{"\xf0\x9f\x98", "'utf-8' codec can't decode bytes in position 0-2: unexpected end of data"},
		{"\xf0\x9f\x98\x28", "'utf-8' codec can't decode bytes in position 0-2: invalid continuation byte"},
		{"\xed\xa0\x80", "'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte"},
		{"\xf4\x90\x80\x80", "'utf-8' codec can't decode byte 0xf4 in position 0: invalid continuation byte"},
		{"\xc0\x80", "'utf-8' codec can't decode byte 0xc0 in position 0: invalid start byte"},
		{"\x61\x62\x80", "'utf-8' codec can't decode byte 0x80 in position 2: invalid start byte"},
		{"\xf0\x9f\x28", "'utf-8' codec can't decode bytes in position 0-1: invalid continuation byte"},
		{"\xe0\x80\x80", "'utf-8' codec can't decode byte 0xe0 in position 0: invalid continuation byte"},
	} {
		if err := NotUTF8([]byte(c.bytes)); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.bytes, err, c.want)
		}
	}
	if err := NotUTF8([]byte("ünï \U0001f600\ufffd")); err != nil {
		t.Error(err)
	}
}
