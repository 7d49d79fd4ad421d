package aptkey

import (
	"slices"
	"strings"
	"testing"
)

func TestParseKey(t *testing.T) {
	const full = "4A01F821C78F3C8579D80067F2DD1581C3A9FF10"
	for _, c := range []struct {
		text string
		want key
		ok   bool
	}{
		{full, key{full, "F2DD1581C3A9FF10", "C3A9FF10"}, true},
		{"0x" + strings.ToLower(full), key{full, "F2DD1581C3A9FF10", "C3A9FF10"}, true},
		{"0XF2DD1581C3A9FF10", key{"F2DD1581C3A9FF10", "F2DD1581C3A9FF10", "C3A9FF10"}, true},
		{"C3A9FF10", key{"C3A9FF10", "C3A9FF10", "C3A9FF10"}, true},
		{"123456789", key{}, false},
		{"ABCD", key{}, false},
		{"", key{}, false},
		{"4A01 F821 C78F 3C85", key{}, false},
		{"nonsense", key{}, false},
	} {
		if got, ok := parseKey(c.text); got != c.want || ok != c.ok {
			t.Errorf("%q: %+v, %v", c.text, got, ok)
		}
	}
}

// What apt-key adv --list-public-keys --keyid-format=long of Debian 12 prints.
const listed = `Executing: /tmp/apt-key-gpghome.abc/gpg.1.sh --list-public-keys --keyid-format=long
/tmp/apt-key-gpghome.abc/pubring.gpg
------------------------------------
pub   ed25519/A1DAE9FD43686467 2020-01-01 [SC]
      DDBF3E646D84103DCD805B9DA1DAE9FD43686467
uid                 [ unknown] one <one@example.com>
sub   cv25519/E8FBCE196420300C 2020-01-01 [E]
sub   ed25519/498306F91D53567C 2020-01-01 [S]

pub   ed25519/26EC613DA0D259B5 2020-01-01 [SC] [expired: 2020-01-11]
      B1BAC577B81F405A10907BBF26EC613DA0D259B5
uid                 [ expired] old <old@example.com>
`

func TestListedKeys(t *testing.T) {
	if got, want := listedKeys(listed, false), []string{"A1DAE9FD43686467", "E8FBCE196420300C", "498306F91D53567C"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := listedKeys(listed, true), []string{"43686467", "6420300C", "1D53567C"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := firstID("sec:::::\npub:-:255:22:A1DAE9FD43686467:1577836800:::-:\nfpr:::::::::DD:\n"); got != "A1DAE9FD43686467" {
		t.Error(got)
	}
}

func FuzzListedKeys(f *testing.F) {
	f.Add(listed)
	f.Fuzz(func(t *testing.T, text string) {
		for _, id := range listedKeys(text, true) {
			if len(id) > 8 {
				t.Errorf("%q is not short", id)
			}
		}
		firstID(text)
		if k, ok := parseKey(text); ok && (len(k.short) != 8 || len(k.long) > 16) {
			t.Errorf("%+v", k)
		}
	})
}
