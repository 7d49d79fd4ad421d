package agent

import "testing"

func TestWithoutEscapes(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain",
		"\x1b[1;31m==== AUTHENTICATING\x1b[0m\r\n": "==== AUTHENTICATING\n",
		"\x1b]11;?\x1b\\a":                         "a",
		"\x1b]0;title\x07b":                        "b",
		"\x1b[23;2tc\x1b7d":                        "cd",
		"\x1b":                                     "", "\x1b[": "", "\x1b[12": "", "\x1b]12": "", "x\ry": "x\ry",
	} {
		if got := withoutEscapes(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
