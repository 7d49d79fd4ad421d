package edit

import "testing"

// The bytes are those of Python 3.11's codecs, as are the messages.
func TestCodecs(t *testing.T) {
	for _, c := range []struct{ name, text, bytes, err string }{
		{"UTF-8", "ä", "ä", ""},
		{"utf_8_sig", "x", "\xef\xbb\xbfx", ""},
		{"ascii", "a", "a", ""},
		{"ascii", "a \u00e4", "", `'ascii' codec can't encode character '\xe4' in position 2: ordinal not in range(128)`},
		{"latin-1", "ÿ", "\xff", ""},
		{"latin-1", "a𝄞", "", `'latin-1' codec can't encode character '\U0001d11e' in position 1: ordinal not in range(256)`},
		{"windows-1252", "€ ÿ", "\x80 \xff", ""},
		{"cp1252", "a\x81", "a\x81", ""}, // a byte that means nothing
		{"cp1252", "中", "", `'charmap' codec can't encode character '\u4e2d' in position 0: character maps to <undefined>`},
		{"iso-8859-15", "€", "\xa4", ""},
		{"iso8859-15", "¤", "", `'charmap' codec can't encode character '\xa4' in position 0: character maps to <undefined>`},
		{"KOI8_R", "я", "\xd1", ""},
		{"cp866", "я│", "\xef\xb3", ""},
		{"utf-16", "𝄞a", "\xff\xfe4\xd8\x1e\xdda\x00", ""},
		{"utf-16-be", "a", "\x00a", ""},
	} {
		code, err := CodecOf(c.name)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got, err := code.Encode(c.text)
		if err != nil || c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%s: %q: %v, want %q", c.name, c.text, err, c.err)
			}
			continue
		}
		if got != c.bytes {
			t.Errorf("%s: %q is %q, want %q", c.name, c.text, got, c.bytes)
		}
		if back := code.Decode([]byte(got)); back != c.text {
			t.Errorf("%s: %q is %q, want %q", c.name, got, back, c.text)
		}
	}
	if _, err := CodecOf("shift_jis"); err == nil {
		t.Error("shift_jis was taken")
	}
	for _, m := range charmaps {
		if n := len([]rune(m.high)); n != 128 {
			t.Errorf("%s has %d characters", m.names[0], n)
		}
	}
}
